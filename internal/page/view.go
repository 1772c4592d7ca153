package page

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strings"

	"cognito-confirm/internal/words"
	"cognito-confirm/worker"
)

// view is what the template shows: texts that are ready, and numbers to draw.
type view struct {
	Title    string
	Outcome  outcome
	About    []string // in the line below the title
	Warnings []string
	Tiles    []tile
	Bar      []barPart

	Unsuccessful []*group
	Where        string // which part that is, and where the rows are
	Again        string // how many rows to try again
	Pace         *paceView
	Calls        *callsView
	Slowest      []slowCall
	Rows         *rowsView
	Runs         []runView
	RunsNote     string
	Report       string
}

// outcome is how it ended, with a class for good and bad.
type outcome struct{ Class, Text, Reason string }

type tile struct{ Number, Class, Text string }

// barPart is a part of the stacked bar, in units of a chart's width.
type barPart struct {
	Class, X, Width, Text string
}

type paceView struct {
	Note   string
	Charts []chart
}

type callsView struct {
	Note   string
	Chart  *chart
	Values []valueView
}

type valueView struct{ Name, Text string }

type rowsView struct {
	Note         string
	HasUsernames bool
	Placeholder  string
	Rows         []row
}

type runView struct{ Began, Took, Rows, Rate, Outcome, Reason string }

// newView turns what was found into texts.
func newView(o Options, f *findings, h *history) *view {
	h.finish(f.timeline)
	if h.marks() {
		f.retried = 0 // every row took two calls
	}
	v := &view{
		Outcome: f.outcome(h),
		About:   f.about(h),
		Report:  clean(baseName(o.ReportName)),
		Slowest: f.calls.slowest,
		Runs:    h.views(),
	}
	v.Title = cmp.Or(clean(baseName(o.Input)), v.Report, "Report")
	if f.damaged > 0 {
		v.Warnings = append(v.Warnings, fmt.Sprintf("%s of the report cannot be read and %s left out.", words.Count(f.damaged, "line"), words.Either(f.damaged, "is", "are")))
	}
	v.tiles(f)
	v.groups(f)
	v.Where = f.where(clean(baseName(o.Failed)), clean(baseName(o.Malformed)))
	if len(f.timeline.bins) > 0 {
		d := newDrawing(f.timeline, h)
		v.Pace = &paceView{Note: f.paceNote(), Charts: d.charts()}
		v.Calls = f.callsView(d)
	}
	v.Rows = f.rowsView(clean(baseName(o.Input)))
	if h.count > len(h.runs) {
		v.RunsNote = fmt.Sprintf("The last %s of %s.", words.Group(len(h.runs)), words.Group(h.count))
	}
	return v
}

// baseName is filepath.Base, but "" for "".
func baseName(path string) string {
	if path == "" {
		return ""
	}
	return filepath.Base(path)
}

// class is the class of what has a status of the report.
func class(s worker.Status) string { return strings.ReplaceAll(string(s), "_", "-") }
