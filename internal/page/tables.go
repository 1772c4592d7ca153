package page

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"cognito-confirm/internal/events"
	"cognito-confirm/internal/words"
)

// groups fills in what did not succeed.
func (v *view) groups(f *findings) {
	again := 0
	for _, k := range f.groups.sorted() {
		g := f.groups[k]
		v.Unsuccessful = append(v.Unsuccessful, g)
		if g.tryAgain {
			again += g.rows
		}
	}
	if again > 0 {
		v.Again = fmt.Sprintf("Trying again can help %s.", words.Count(again, "row"))
	}
}

func (f *findings) paceNote() string {
	if f.attempts == 0 {
		return "No calls."
	}
	note := fmt.Sprintf("%s, %s of them throttled (%s)", words.Count(f.attempts, "call"), words.Group(f.throttled), share(f.throttled, f.attempts))
	if f.retried > 0 {
		note += fmt.Sprintf(", %s needed more than one call for another reason", words.Count(f.retried, "row"))
	}
	return note + "."
}

// callsView is nil when no call is known to have taken any time.
func (f *findings) callsView(d *drawing) *callsView {
	h := f.calls.histogram
	if h.TotalCount() < minCalls {
		return nil
	}
	v := &callsView{Note: fmt.Sprintf("%s that %s done with one call. Logarithmic scale", words.Count(h.TotalCount(), "row"), words.Either(h.TotalCount(), "was", "were"))}
	if c, width := d.latency(f.timeline); len(c.Shapes) > 0 {
		v.Chart = &c
		v.Note += fmt.Sprintf("; a point is %s with at least %d calls", words.Duration(width), minCalls)
	}
	v.Note += "."
	for _, percent := range []float64{50, 75, 90, 95, 99, 99.9} {
		took := time.Duration(h.ValueAtPercentile(percent)) * time.Millisecond
		v.Values = append(v.Values, valueView{fmt.Sprintf("p%g", percent), callText(min(took, f.calls.slowest[0].took))})
	}
	v.Values = append(v.Values, valueView{"slowest", callText(f.calls.slowest[0].took)})
	return v
}

// rowsView is nil when every row succeeded.
func (f *findings) rowsView(input string) *rowsView {
	if len(f.rowsShown) == 0 {
		return nil
	}
	v := &rowsView{Rows: f.rowsShown, HasUsernames: f.usernames, Placeholder: "Find a line, code or request"}
	if f.usernames {
		v.Placeholder = "Find a line, user, code or request"
	}
	if n := f.unsuccessful(); n > len(f.rowsShown) {
		v.Note = fmt.Sprintf("The first %s of %s, in the order in which they finished.", words.Group(len(f.rowsShown)), words.Group(n))
	} else {
		v.Note = "In the order in which they finished."
	}
	v.Note += " The lines are those of " + cmp.Or(input, "the input") + "."
	return v
}

// views lists the runs, the last one first.
func (h *history) views() []runView {
	var views []runView
	for _, r := range slices.Backward(h.runs) {
		v := runView{Began: r.from.UTC().Format(secondFormat), Took: words.Duration(r.length()), Rate: rateText(r.Run), Outcome: "no end noted"}
		if r.end != nil {
			v.Outcome, v.Rows = r.end.Outcome, words.Group(max(r.end.Numbers.Rows-r.RowsBefore, 0))
			v.Reason = sentence(strings.TrimSuffix(r.end.Reason, "."))
		}
		views = append(views, v)
	}
	return views
}

// rateText tells how fast a run was allowed to be.
func rateText(r events.Run) string {
	rate := "auto"
	if r.Rate > 0 {
		rate = fmt.Sprintf("%g/s", r.Rate)
	}
	if r.Quota > 0 {
		rate += fmt.Sprintf(" of a quota of %g/s", r.Quota)
	}
	if r.Pace != "" {
		rate += ", " + r.Pace
	}
	return rate
}
