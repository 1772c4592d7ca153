package progress

import (
	"slices"
	"time"
)

const (
	// trackEvery is how far apart the samples are, and how often the time left
	// changes.
	trackEvery = time.Second
	// trackTime is how far back they go.
	trackTime = time.Minute
	// speedTime is over how long the speed is measured: long enough for a steady
	// number, short enough to follow.
	speedTime = 5 * time.Second
	// tellTime is how long it takes before a time left is more than a guess.
	tellTime = 10 * time.Second
	// idleRows is in how many rows' time one should be done. When none is, and not for
	// tellTime either, nobody can tell how long the rest takes.
	idleRows = 3
	// gapTime without a look means that the program was stopped, or the machine
	// was. What was measured before tells nothing about now.
	gapTime = 5 * time.Second
)

// sample is how far a run was at one moment.
type sample struct {
	at       time.Time
	rows     int   // done
	answered int64 // calls
}

// Track measures how fast a run goes. It keeps a sample a second of the last
// minute. The zero value has seen nothing. It is not safe for concurrent use.
type Track struct {
	samples []sample // one a second, oldest first
	latest  sample
	perRow  float64 // seconds, by the last sample; 0 when nobody can tell
}

// Look takes in how many rows are done and how many calls were answered. Call it
// more than once a second.
func (t *Track) Look(now time.Time, rows int, answered int64) {
	seen := sample{now, rows, answered}
	if len(t.samples) > 0 && now.Sub(t.latest.at) > gapTime {
		t.Restart()
	}
	t.latest = seen
	if last := len(t.samples) - 1; last >= 0 && now.Sub(t.samples[last].at) < trackEvery {
		return
	}
	if len(t.samples) > int(trackTime/trackEvery) {
		t.samples = slices.Delete(t.samples, 0, 1)
	}
	t.samples = append(t.samples, seen)
	t.measure()
}

// Restart forgets what was measured, because from now on things are different.
func (t *Track) Restart() { t.samples, t.perRow = nil, 0 }

// measure finds out how long a row takes.
func (t *Track) measure() {
	first, last := t.samples[0], t.samples[len(t.samples)-1]
	t.perRow = 0
	ran := last.at.Sub(first.at)
	if ran < tellTime || last.rows == first.rows {
		return
	}
	perRow := ran.Seconds() / float64(last.rows-first.rows)
	// What is left may be a few rows that wait: those before them tell nothing of that.
	if idle := t.idle(); idle < tellTime || idle.Seconds() < idleRows*perRow {
		t.perRow = perRow
	}
}

// idle is how long no row was done by the last sample.
func (t *Track) idle() time.Duration {
	last := t.samples[len(t.samples)-1]
	first := slices.IndexFunc(t.samples, func(s sample) bool { return s.rows == last.rows })
	return last.at.Sub(t.samples[first].at)
}

// Speed returns the answers a second of the last seconds.
func (t *Track) Speed() float64 {
	for i := len(t.samples) - 1; i >= 0; i-- {
		first := t.samples[i]
		if ran := t.latest.at.Sub(first.at); ran >= speedTime || i == 0 {
			return perSecond(first, t.latest)
		}
	}
	return 0
}

// IsNew reports that what was measured is of too short a time to tell what limits
// the speed, as at the start and right after an outage.
func (t *Track) IsNew() bool {
	return len(t.samples) == 0 || t.latest.at.Sub(t.samples[0].at) < speedTime
}

// perSecond is the answers a second between two samples.
func perSecond(first, last sample) float64 {
	ran := last.at.Sub(first.at)
	if ran <= 0 {
		return 0
	}
	return float64(last.answered-first.answered) / ran.Seconds()
}

// Left returns how long these rows take at the rate of the last minute, and a
// negative time when nobody can tell.
func (t *Track) Left(rows int) time.Duration {
	if t.perRow == 0 {
		return -1
	}
	return time.Duration(float64(rows) * t.perRow * float64(time.Second))
}

// historyTime is how much time one value of the history stands for.
const historyTime = 3 * trackEvery

// History returns the answers a second of the last minute, oldest first, one
// value for each historyTime. It is the caller's own.
func (t *Track) History() []float64 {
	const step = int(historyTime / trackEvery)
	var values []float64
	for i := len(t.samples) - 1; i >= step; i -= step {
		values = append(values, perSecond(t.samples[i-step], t.samples[i]))
	}
	slices.Reverse(values)
	return values
}
