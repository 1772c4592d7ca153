package page

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"cognito-confirm/internal/events"
)

// ErrOtherPool means that the events are about another user pool than the report.
var ErrOtherPool = errors.New("the events file belongs to a report of another user pool")

// maxKept is how many of the last runs, and of the last outages, are kept.
const maxKept = 1000

// history is what an events file tells about a report. The zero value knows
// nothing.
type history struct {
	runs    []run
	outages []span
	count   int // runs, those that are not kept as well
	// samples have the ceilings; nil without any.
	samples *timeline
	// isOut: the last outage is not over yet.
	isOut bool
}

// run is one run on the report.
type run struct {
	events.Run
	span
	// end is nil when the events of the run have no end.
	end *events.End
}

// span is a stretch of time.
type span struct{ from, to time.Time }

func (s span) length() time.Duration { return max(s.to.Sub(s.from), 0) }

// read reads an events file. The pools are those of the report, none when it
// names no pool.
func (h *history) read(ctx context.Context, r io.Reader, pools []string) error {
	count := 0
	for record, err := range events.Scan(r) {
		if err != nil {
			return err
		}
		h.add(record)
		if count++; count%checkEvery == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	if len(h.runs) > 0 && len(pools) > 0 && !slices.Contains(pools, h.runs[len(h.runs)-1].Pool) {
		return ErrOtherPool
	}
	return nil
}

// add takes in one event.
func (h *history) add(record events.Record) {
	if began, ok := record.Event.(events.Run); ok {
		h.begin(began, record.Time)
		return
	}
	if len(h.runs) == 0 {
		return
	}
	current := &h.runs[len(h.runs)-1]
	if record.Time.After(current.to) {
		current.to = record.Time
	}
	switch event := record.Event.(type) {
	case events.Sample:
		h.addSample(event, record.Time)
	case events.Outage:
		h.beginOutage(event, record.Time)
	case events.OutageOver:
		h.endOutage(record.Time)
	case events.End:
		h.endOutage(record.Time)
		event.Outcome, event.Reason = clean(event.Outcome), clean(event.Reason)
		current.end = &event
	}
}

// begin takes in a new run. One that does not resume has replaced the report:
// what was before is about another.
func (h *history) begin(began events.Run, at time.Time) {
	if !began.Resumed {
		*h = history{}
	}
	if len(h.runs) > 0 {
		h.endOutage(h.runs[len(h.runs)-1].to)
	}
	began.Region, began.Pace = clean(began.Region), clean(began.Pace)
	h.count++
	h.runs = appendLast(h.runs, run{Run: began, span: span{at, at}})
}

func (h *history) addSample(sample events.Sample, at time.Time) {
	if h.samples == nil {
		h.samples = newTimeline()
	}
	b := h.samples.at(at)
	if sample.Ceiling > 0 {
		b.ceilings += sample.Ceiling
		b.samples++
	}
}

func (h *history) beginOutage(outage events.Outage, at time.Time) {
	if h.isOut {
		return
	}
	if began := outage.BeganAt; !began.IsZero() && began.Before(at) {
		at = began
	}
	h.outages = appendLast(h.outages, span{at, at})
	h.isOut = true
}

func (h *history) endOutage(at time.Time) {
	if !h.isOut {
		return
	}
	h.isOut = false
	if last := &h.outages[len(h.outages)-1]; at.After(last.from) {
		last.to = at
	}
}

// finish takes in that there is nothing more to come, and marks on the timeline
// when there were runs.
func (h *history) finish(t *timeline) {
	if len(h.runs) == 0 {
		return
	}
	h.endOutage(h.runs[len(h.runs)-1].to)
	if h.samples != nil {
		t.absorb(h.samples)
		h.samples = nil
	}
	for _, r := range h.runs {
		t.at(r.from)
		t.at(r.to)
	}
}

// marks reports whether a run marked attributes as verified.
func (h *history) marks() bool {
	return slices.ContainsFunc(h.runs, func(r run) bool { return r.MarkVerified != "" })
}

// running is how long the runs took together.
func (h *history) running() time.Duration {
	var sum time.Duration
	for _, r := range h.runs {
		sum += r.length()
	}
	return sum
}

// pauses are the times between the runs.
func (h *history) pauses() []span {
	var pauses []span
	for i := 1; i < len(h.runs); i++ {
		if pause := (span{h.runs[i-1].to, h.runs[i].from}); pause.length() > 0 {
			pauses = append(pauses, pause)
		}
	}
	return pauses
}

// appendLast appends to a list of the last ones, of bounded length.
func appendLast[T any](list []T, one T) []T {
	if len(list) == maxKept {
		list = slices.Delete(list, 0, 1)
	}
	return append(list, one)
}
