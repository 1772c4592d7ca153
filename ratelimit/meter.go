package ratelimit

import "time"

const (
	// slotTime is the resolution of the meter: a tenth of the shortest window.
	slotTime = 100 * time.Millisecond
	// slots is how many of them are kept, including the one being filled.
	slots = 32
	// A rate is measured over a window of windowCalls calls, since 20 calls
	// measure a rate no better than to 5 %, but at least windowLeast and at
	// most windowMost. windowLeast is a second because a service that counts
	// in whole seconds shows its quota in no shorter time.
	windowLeast = time.Second
	windowMost  = 3 * time.Second
	windowCalls = 50.0
	// The throttles that make a cut lie within evidenceTime or evidenceCalls
	// calls, whichever is longer. Two among a hundred calls are everyday noise;
	// two among 35 hardly are.
	evidenceTime  = 700 * time.Millisecond
	evidenceCalls = 35
)

// A meter counts answers. The zero value is ready for use.
type meter struct {
	slot               int64 // number of the slot being filled
	answered, accepted [slots]int32
	total              int64 // accepted calls since the beginning
	throttledSinceCut  int   // of the calls sent after the last cut
	evidence           evidence
}

// An evidence counts answers to calls sent after the last cut; older ones say
// nothing about the rate as it is now. It begins again when it is full, after
// evidenceTime and evidenceCalls.
type evidence struct {
	since     time.Duration // when this count began
	calls     int
	throttled int
	run       int // calls since the first throttled one, including that one
}

// share is the part of the calls throttled after the first throttled one, which
// is left out because it was chosen for being throttled.
func (e evidence) share() float64 {
	return float64(e.throttled-1) / float64(max(1, e.run-1))
}

// A sample is what the meter shows at one moment.
type sample struct {
	now                time.Duration
	answered, accepted float64 // a second, over the last full window
	total              int64   // accepted calls since the beginning
	throttledSinceCut  int     // of the calls sent after the last cut
	evidence           evidence
}

// count adds one answer, to a call that was sent after the last cut or not.
func (m *meter) count(now time.Duration, throttled, isAfterCut bool) {
	m.turn(now)
	at := m.slot % slots
	m.answered[at]++
	if !throttled {
		m.accepted[at]++
		m.total++
	}
	if !isAfterCut {
		return
	}
	if throttled {
		m.throttledSinceCut++
	}
	e := &m.evidence
	if e.calls >= evidenceCalls && now-e.since > evidenceTime {
		*e = evidence{since: now}
	}
	e.calls++
	if throttled {
		e.throttled++
	}
	if e.throttled > 0 {
		e.run++
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
	if full == 0 { // the first slot is still being filled
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
		now:               now,
		answered:          float64(answered) / per,
		accepted:          float64(accepted) / per,
		total:             m.total,
		throttledSinceCut: m.throttledSinceCut,
		evidence:          m.evidence,
	}
}

// measuredOver is the window that suits a rate of attempts a second.
func measuredOver(rate float64) time.Duration {
	return min(windowMost, max(windowLeast, seconds(windowCalls/max(rate, 1))))
}

// reset forgets what was counted since the last cut.
func (m *meter) reset(now time.Duration) {
	m.evidence, m.throttledSinceCut = evidence{since: now}, 0
}

// seconds is s seconds as a Duration.
func seconds(s float64) time.Duration {
	return time.Duration(s * float64(time.Second))
}
