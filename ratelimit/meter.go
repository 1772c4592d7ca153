package ratelimit

import "time"

const (
	// slotTime is the grain of the meter: a tenth of the shortest window.
	slotTime = 100 * time.Millisecond
	// slots is how many of them are kept, the one being filled included.
	slots = 32
	// windowLeast and windowMost bound the window over which a rate is
	// measured. A second, because a service that counts in whole seconds
	// shows its quota in no shorter one; at low rates as long as it takes
	// to see windowCalls calls, since 20 calls measure a rate no better
	// than to 5 %.
	windowLeast = time.Second
	windowMost  = 3 * time.Second
	windowCalls = 50.0
	// freshTime and freshCalls are how far apart the throttles that make
	// a cut may be, whichever is longer. Two among a hundred calls are
	// everyday noise; two among 35 hardly are.
	freshTime  = 700 * time.Millisecond
	freshCalls = 35
)

// A meter counts answers. The zero value is ready for use.
type meter struct {
	slot               int64 // number of the slot being filled
	answered, accepted [slots]int32
	total              int64 // accepted calls since the beginning
	strays             int   // throttled ones of the calls sent since the last cut
	fresh              fresh
}

// fresh counts the answered calls that were sent since the last cut. Older
// ones say nothing about the rate as it is now.
type fresh struct {
	since     time.Duration // when this count began
	calls     int
	throttled int
	run       int // calls since the first throttled one, that one included
}

// share is the part of the calls throttled since the first throttled one,
// which is left out: it was chosen for being throttled.
func (f fresh) share() float64 {
	return float64(f.throttled-1) / float64(max(1, f.run-1))
}

// A sample is what the meter shows at one moment.
type sample struct {
	now                time.Duration
	answered, accepted float64 // a second, over the last full window
	total              int64   // accepted calls since the beginning
	strays             int     // throttled ones of the calls sent since the last cut
	fresh              fresh
}

// count adds one answer. It is fresh when it was sent after the last cut.
func (m *meter) count(now time.Duration, throttled, isFresh bool) {
	m.turn(now)
	at := m.slot % slots
	m.answered[at]++
	if !throttled {
		m.accepted[at]++
		m.total++
	}
	if !isFresh {
		return
	}
	if throttled {
		m.strays++
	}
	f := &m.fresh
	if f.calls >= freshCalls && now-f.since > freshTime {
		*f = fresh{since: now}
	}
	f.calls++
	if throttled {
		f.throttled++
	}
	if f.throttled > 0 {
		f.run++
	}
}

// turn moves on to the slot of now.
func (m *meter) turn(now time.Duration) {
	slot := int64(now / slotTime)
	m.slot = max(m.slot, slot-slots)
	for m.slot < slot {
		m.slot++
		m.answered[m.slot%slots], m.accepted[m.slot%slots] = 0, 0
	}
}

// read returns what the meter shows, measured over a window that suits rate.
func (m *meter) read(now time.Duration, rate float64) sample {
	m.turn(now)
	full := min(m.slot, int64(measuredOver(rate)/slotTime))
	last := m.slot - 1
	if full == 0 { // there is none but the first, which is being filled
		full, last = 1, m.slot
	}
	var answered, accepted int32
	for slot := last; slot > last-full; slot-- {
		at := slot % slots
		answered += m.answered[at]
		accepted += m.accepted[at]
	}
	per := (time.Duration(full) * slotTime).Seconds()
	return sample{
		now:      now,
		answered: float64(answered) / per,
		accepted: float64(accepted) / per,
		total:    m.total,
		strays:   m.strays,
		fresh:    m.fresh,
	}
}

// measuredOver is the window that suits a rate of attempts a second.
func measuredOver(rate float64) time.Duration {
	return min(windowMost, max(windowLeast, seconds(windowCalls/max(rate, 1))))
}

// forget starts the counts of what was sent since the last cut anew.
func (m *meter) forget(now time.Duration) { m.fresh, m.strays = fresh{since: now}, 0 }

// seconds is s seconds as a Duration.
func seconds(s float64) time.Duration {
	return time.Duration(s * float64(time.Second))
}
