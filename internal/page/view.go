package page

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cognito-confirm/internal/events"
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

	Unsuccessful []groupView
	Where        string // which part that is, and where the rows are
	Again        string // how many rows to try again
	Pace         *paceView
	Calls        *callsView
	Slowest      []slowView
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

type groupView struct {
	Class, Code, UserStatus, Rows string
	Meaning, Remedy, Message      string
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

type slowView struct{ Took, Line, Class, Status, Started, RequestID string }

type rowsView struct {
	Note         string
	HasUsernames bool
	Placeholder  string
	Rows         []rowView
}

type rowView struct{ Line, Username, Class, Code, UserStatus, Message, RequestID string }

type runView struct{ Began, Took, Rows, Rate, Outcome, Reason string }

// newView turns what was found into texts.
func newView(o Options, f *findings, h *history) *view {
	h.finish(f.timeline)
	v := &view{
		Outcome: f.outcome(h),
		About:   f.about(h),
		Report:  clean(baseName(o.ReportName)),
		Slowest: f.slowViews(),
		Runs:    h.views(),
	}
	v.Title = cmp.Or(clean(baseName(o.Input)), v.Report, "Report")
	if f.damaged > 0 {
		v.Warnings = append(v.Warnings, fmt.Sprintf("%s of the report cannot be read and %s left out.", counted(f.damaged, "line"), isOrAre(f.damaged)))
	}
	v.tiles(f)
	v.groups(f, clean(baseName(o.Failed)))
	if len(f.timeline.bins) > 0 {
		d := newDrawing(f.timeline, h)
		v.Pace = &paceView{Note: f.paceNote(), Charts: d.charts()}
		v.Calls = f.callsView(d)
	}
	v.Rows = f.rowsView(clean(baseName(o.Input)))
	if h.count > len(h.runs) {
		v.RunsNote = fmt.Sprintf("The last %s of %s.", grouped(len(h.runs)), grouped(h.count))
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

func isOrAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// class is the class of what has a status of the report.
func class(s worker.Status) string { return strings.ReplaceAll(string(s), "_", "-") }

func (f *findings) unsuccessful() int {
	return f.rows - f.statuses[worker.StatusConfirmed] - f.statuses[worker.StatusAlreadyConfirmed]
}

// outcome says how the last run ended, when the report is as that has left it,
// and what became of the rows.
func (f *findings) outcome(h *history) outcome {
	n := f.unsuccessful()
	o := outcome{Class: "good", Text: "every row succeeded"}
	if f.rows == 0 {
		o.Text = "no rows yet"
	}
	if n > 0 {
		o = outcome{Class: "warning", Text: counted(n, "row") + " did not succeed"}
	}
	if len(h.runs) == 0 {
		return o
	}
	end := h.runs[len(h.runs)-1].end
	switch {
	case end == nil:
		o.Class, o.Text = "warning", "still running, or ended without a word"
	case end.Numbers.Rows != f.rows:
	case end.Outcome == "finished":
		o.Text = "finished, " + o.Text
	default:
		o = outcome{Class: "bad", Text: end.Outcome + ", to be resumed", Reason: sentence(strings.TrimSuffix(end.Reason, "."))}
	}
	return o
}

// about says which pool it was, when and for how long.
func (f *findings) about(h *history) []string {
	var about []string
	if len(f.pools) > 0 {
		pools := make([]string, len(f.pools))
		for i, pool := range f.pools {
			pools[i] = clean(pool)
		}
		about = append(about, "Pool "+strings.Join(pools, ", "))
	}
	all := span{f.first, f.last}
	if len(h.runs) > 0 {
		all.from = h.runs[0].from
		if all.to.Before(h.runs[len(h.runs)-1].to) {
			all.to = h.runs[len(h.runs)-1].to
		}
		if !f.first.IsZero() && f.first.Before(all.from) {
			all.from = f.first
		}
	}
	if all.from.IsZero() {
		return about
	}
	about = append(about, period(all.from, all.to))
	took := spanText(all.length())
	if running := spanText(h.running()); len(h.runs) > 0 && running != took {
		took += fmt.Sprintf(", of which %s running", running)
	}
	if h.count > 1 {
		took += ", in " + counted(h.count, "run")
	}
	return append(about, took)
}

// tiles fills in the numbers and the bar under them.
func (v *view) tiles(f *findings) {
	rows := "rows"
	if f.rows == 1 {
		rows = "row"
	}
	v.Tiles = []tile{{Number: grouped(f.rows), Text: rows}}
	const least = 4 // so that a single row can be seen
	var x float64
	for _, status := range worker.Statuses() {
		n, name := f.statuses[status], spaced(string(status))
		v.Tiles = append(v.Tiles, tile{grouped(n), class(status), name})
		if n > 0 {
			width := max(float64(n)/float64(f.rows)*chartWidth, least)
			v.Bar = append(v.Bar, barPart{class(status), coordinate(x), coordinate(width), fmt.Sprintf("%s %s", share(n, f.rows), name)})
			x += width
		}
	}
}

// groups fills in what did not succeed.
func (v *view) groups(f *findings, failedFile string) {
	again := 0
	for _, k := range f.groups.sorted() {
		g := f.groups[k]
		v.Unsuccessful = append(v.Unsuccessful, groupView{
			Class: class(k.status), Code: cmp.Or(g.code, spaced(string(k.status))), UserStatus: g.userStatus, Rows: grouped(g.rows),
			Meaning: sentence(g.explanation.Meaning), Remedy: sentence(g.explanation.Remedy), Message: g.message,
		})
		if g.explanation.TryAgain {
			again += g.rows
		}
	}
	n := f.unsuccessful()
	if n == 0 {
		return
	}
	v.Where = fmt.Sprintf("%s of %s (%s).", grouped(n), counted(f.rows, "row"), share(n, f.rows))
	if failedFile != "" {
		they := "They are"
		if n == 1 {
			they = "It is"
		}
		v.Where += fmt.Sprintf(" %s in %s with all of the input's columns: an input like any other.", they, failedFile)
	}
	if again > 0 {
		v.Again = fmt.Sprintf("Trying again can help %s.", counted(again, "row"))
	}
}

func (f *findings) paceNote() string {
	if f.attempts == 0 {
		return "No calls."
	}
	note := fmt.Sprintf("%s, %s of them throttled (%s)", counted(f.attempts, "call"), grouped(f.throttled), share(f.throttled, f.attempts))
	if f.retried > 0 {
		note += fmt.Sprintf(", %s needed more than one call for another reason", counted(f.retried, "row"))
	}
	return note + "."
}

// callsView is nil when no call is known to have taken any time.
func (f *findings) callsView(d *drawing) *callsView {
	h := f.calls.histogram
	if h.TotalCount() < minCalls {
		return nil
	}
	v := &callsView{Note: fmt.Sprintf("%s that %s done with one call. Logarithmic scale", counted(int(h.TotalCount()), "row"), wasOrWere(int(h.TotalCount())))}
	if c, width := d.latency(f.timeline); len(c.Shapes) > 0 {
		v.Chart = &c
		v.Note += fmt.Sprintf("; a point is %s with at least %d calls", spanText(width), minCalls)
	}
	v.Note += "."
	for _, percent := range []float64{50, 75, 90, 95, 99, 99.9} {
		took := time.Duration(h.ValueAtPercentile(percent)) * time.Millisecond
		v.Values = append(v.Values, valueView{fmt.Sprintf("p%g", percent), callText(min(took, f.calls.slowest[0].took))})
	}
	v.Values = append(v.Values, valueView{"slowest", callText(f.calls.slowest[0].took)})
	return v
}

func wasOrWere(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

func (f *findings) slowViews() []slowView {
	var views []slowView
	for _, call := range f.calls.slowest {
		views = append(views, slowView{
			callText(call.took), fmt.Sprint(call.line), class(call.status), spaced(string(call.status)),
			call.started.UTC().Format(milliFormat), call.requestID,
		})
	}
	return views
}

// rowsView is nil when every row succeeded.
func (f *findings) rowsView(input string) *rowsView {
	if len(f.rowsShown) == 0 {
		return nil
	}
	v := &rowsView{HasUsernames: f.usernames, Placeholder: "Find a line, code or request"}
	if f.usernames {
		v.Placeholder = "Find a line, user, code or request"
	}
	if n := f.unsuccessful(); n > len(f.rowsShown) {
		v.Note = fmt.Sprintf("The first %s of %s, in the order in which they finished.", grouped(len(f.rowsShown)), grouped(n))
	} else {
		v.Note = "In the order in which they finished."
	}
	v.Note += " The lines are those of " + cmp.Or(input, "the input") + "."
	for _, r := range f.rowsShown {
		v.Rows = append(v.Rows, rowView{
			fmt.Sprint(r.line), r.username, class(r.status), cmp.Or(r.code, spaced(string(r.status))), r.userStatus, r.message, r.requestID,
		})
	}
	return v
}

// views lists the runs, the last one first.
func (h *history) views() []runView {
	var views []runView
	for _, r := range slices.Backward(h.runs) {
		v := runView{Began: r.from.UTC().Format(secondFormat), Took: spanText(r.length()), Rate: rateText(r.Run), Outcome: "no end noted"}
		if r.end != nil {
			v.Outcome, v.Rows = r.end.Outcome, grouped(max(r.end.Numbers.Rows-r.RowsBefore, 0))
			v.Reason = sentence(strings.TrimSuffix(r.end.Reason, "."))
		}
		views = append(views, v)
	}
	return views
}

// rateText says how fast a run was allowed to be.
func rateText(r events.Run) string {
	rate := "auto"
	if r.Rate > 0 {
		rate = fmt.Sprintf("%g/s", r.Rate)
	}
	if r.Pace != "" {
		rate += ", " + r.Pace
	}
	return rate
}
