package page

import (
	"cmp"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

const (
	// maxCall is the longest call that is told from longer ones.
	maxCall = time.Hour
	// maxSlowest is how many of the slowest calls are listed.
	maxSlowest = 15
	// minCalls is how many calls it takes for a percentile to mean something.
	minCalls = 20
)

// newHistogram returns one for the times of calls in milliseconds.
func newHistogram(significantDigits int) *hdrhistogram.Histogram {
	return hdrhistogram.New(1, maxCall.Milliseconds(), significantDigits)
}

// record takes in how long a call took.
func record(h *hdrhistogram.Histogram, took time.Duration) {
	// It refuses what is out of its range, which this is not.
	_ = h.RecordValue(min(took, maxCall).Milliseconds())
}

// calls are how long calls took.
type calls struct {
	histogram *hdrhistogram.Histogram
	slowest   []slowCall // the slowest first
}

// slowCall is one of the slowest calls. What of it the template shows is exported.
type slowCall struct {
	took      time.Duration
	Line      int
	status    worker.Status
	started   time.Time
	requestID string
	username  string // not to be shown
}

func (c slowCall) Took() string      { return callText(c.took) }
func (c slowCall) Class() string     { return class(c.status) }
func (c slowCall) Status() string    { return spaced(string(c.status)) }
func (c slowCall) Started() string   { return c.started.UTC().Format(milliFormat) }
func (c slowCall) RequestID() string { return requestIDWithoutUsername(c.requestID, c.username) }

// add takes in the only call of a row.
func (c *calls) add(l *report.Line, took time.Duration) {
	record(c.histogram, took)
	if len(c.slowest) == maxSlowest {
		if took <= c.slowest[maxSlowest-1].took {
			return
		}
		c.slowest = c.slowest[:maxSlowest-1]
	}
	call := slowCall{took, l.Line, l.Status, l.StartedAt.Time, clean(l.RequestID), clean(l.Username)}
	place, _ := slices.BinarySearchFunc(c.slowest, took, func(c slowCall, took time.Duration) int {
		return cmp.Or(cmp.Compare(took, c.took), -1) // after those that took as long
	})
	c.slowest = slices.Insert(c.slowest, place, call)
}
