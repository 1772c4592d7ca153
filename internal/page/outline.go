package page

import (
	"fmt"
	"strings"

	"cognito-confirm/internal/rows"
	"cognito-confirm/internal/words"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

func (f *findings) unsuccessful() int {
	return f.rows - f.statuses[worker.StatusConfirmed] - f.statuses[worker.StatusAlreadyConfirmed]
}

// outcome tells how the last run ended, when the report is as that has left it,
// and what became of the rows.
func (f *findings) outcome(h *history) outcome {
	n := f.unsuccessful()
	o := outcome{Class: "good", Text: "every row in the report succeeded"}
	switch {
	case f.damaged > 0 && f.rows == 0:
		o = outcome{Class: "warning", Text: "no row can be read"}
	case f.damaged > 0:
		o = outcome{Class: "warning", Text: "every row that can be read succeeded"}
	case f.rows == 0:
		o.Text = "no rows yet"
	}
	if n > 0 {
		o = outcome{Class: "warning", Text: words.Count(n, "row") + " did not succeed"}
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

// about tells which pool it was, when and for how long.
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
	took := words.Duration(all.length())
	if running := words.Duration(h.running()); len(h.runs) > 0 && running != took {
		took += fmt.Sprintf(", of which %s running", running)
	}
	if h.count > 1 {
		took += ", in " + words.Count(h.count, "run")
	}
	return append(about, took)
}

// tiles fills in the numbers and the bar under them.
func (v *view) tiles(f *findings) {
	v.Tiles = []tile{{Number: words.Group(f.rows), Text: words.Either(f.rows, "row", "rows")}}
	const least = 4 // so that a single row can be seen
	var x float64
	for _, status := range worker.Statuses() {
		n, name := f.statuses[status], spaced(string(status))
		v.Tiles = append(v.Tiles, tile{words.Group(n), class(status), name})
		if n > 0 {
			width := max(float64(n)/float64(f.rows)*chartWidth, least)
			v.Bar = append(v.Bar, barPart{class(status), coordinate(x), coordinate(width), fmt.Sprintf("%s %s", share(n, f.rows), name)})
			x += width
		}
	}
}

// where tells how many rows did not succeed, and in which files they are.
func (f *findings) where(failed, malformed string) string {
	n := f.unsuccessful()
	where := fmt.Sprintf("%s of %s (%s).", words.Group(n), words.Count(f.rows, "row"), share(n, f.rows))
	records := 0
	if g := f.groups[report.Kind{Status: worker.StatusInvalid, Code: rows.CodeMalformedRecord}]; g != nil {
		records = g.rows
	}
	if kept := n - records; failed != "" && kept > 0 {
		where += fmt.Sprintf(" %s in %s with all of the input's columns: an input like any other.", itIsOrTheyAre(kept, "row", records > 0), failed)
	}
	if malformed != "" && records > 0 {
		where += fmt.Sprintf(" %s in %s.", itIsOrTheyAre(records, "malformed record", true), malformed)
	}
	return where
}

// itIsOrTheyAre begins a sentence about things, with their number if need be.
func itIsOrTheyAre(n int, noun string, isCounted bool) string {
	if isCounted {
		return words.Count(n, noun) + " " + words.Either(n, "is", "are")
	}
	return words.Either(n, "It is", "They are")
}
