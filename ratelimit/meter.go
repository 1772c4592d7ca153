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
	slot            int64 // number of the slot being filled
	counts          [slots]counts
	total           int64 // accepted calls since the beginning
	lastAccepted    time.Duration
	failedInRow     int // since the service last decided on a call
	refusedSinceCut int // of the calls sent after the last cut
	evidence        evidence
}

// counts are the calls that ended in one slot.
type counts struct{ accepted, throttled, failed int32 }

// An evidence counts answers to calls sent after the last cut; older ones tell
// nothing about the rate as it is now. It begins again when it is full, after
// evidenceTime and evidenceCalls.
type evidence struct {
	since   time.Duration // when this count began
	calls   int
	refused int // throttled or failed
	failed  int
	run     int // calls since the first refused one, including that one
}

// share is the part of the calls refused after the first refused one, which
// is left out because it was chosen for being refused.
func (e evidence) share() float64 {
	return float64(e.refused-1) / float64(max(1, e.run-1))
}

// A sample is what the meter shows at one moment.
type sample struct {
	now                         time.Duration
	accepted, throttled, failed float64 // a second, over the last full window
	total                       int64   // accepted calls since the beginning
	lastAccepted                time.Duration
	failedInRow                 int // since the service last decided on a call
	refusedSinceCut             int // of the calls sent after the last cut
	evidence                    evidence
	noise                       float64 // share of the calls refused whatever the rate
	ambient                     float64 // share of the calls that fail whatever the rate
	suspected                   bool    // there may be noise, although it is not sure
}

// answered is the calls a second that the service decided on.
func (s sample) answered() float64 { return s.accepted + s.throttled }

// count adds one call that ended, sent after the last cut or not. It returns the
// evidence that began again because it was full, and whether it did.
func (m *meter) count(now time.Duration, ended ending, isAfterCut bool) (full evidence, isFull bool) {
	m.turn(now)
	at := &m.counts[m.slot%slots]
	switch ended {
	case taken:
		at.accepted++
		m.total++
		m.lastAccepted = now
	case throttled:
		at.throttled++
	case failed:
		at.failed++
	}
	if m.failedInRow++; ended != failed {
		m.failedInRow = 0
	}
	if !isAfterCut {
		return evidence{}, false
	}
	full, isFull = m.evidence, m.evidence.calls >= evidenceCalls && now-m.evidence.since > evidenceTime
	if isFull {
		m.evidence = evidence{since: now}
	}
	m.evidence.calls++
	if ended != taken {
		m.refusedSinceCut++
		m.evidence.refused++
	}
	if ended == failed {
		m.evidence.failed++
	}
	if m.evidence.refused > 0 {
		m.evidence.run++
	}
	return full, isFull
}

// turn moves on to the slot of now.
func (m *meter) turn(now time.Duration) {
	slot := int64(now / slotTime)
	m.slot = max(m.slot, slot-slots)
	for m.slot < slot {
		m.slot++
		m.counts[m.slot%slots] = counts{}
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
	var sum counts
	for slot := last; slot > last-full; slot-- {
		at := m.counts[slot%slots]
		sum.accepted += at.accepted
		sum.throttled += at.throttled
		sum.failed += at.failed
	}
	per := (time.Duration(full) * slotTime).Seconds()
	return sample{
		now:             now,
		accepted:        float64(sum.accepted) / per,
		throttled:       float64(sum.throttled) / per,
		failed:          float64(sum.failed) / per,
		total:           m.total,
		lastAccepted:    m.lastAccepted,
		failedInRow:     m.failedInRow,
		refusedSinceCut: m.refusedSinceCut,
		evidence:        m.evidence,
	}
}

// measuredOver is the window that suits a rate of attempts a second.
func measuredOver(rate float64) time.Duration {
	return min(windowMost, max(windowLeast, seconds(windowCalls/max(rate, 1))))
}

// reset forgets what was counted since the last cut.
func (m *meter) reset(now time.Duration) {
	m.evidence, m.refusedSinceCut = evidence{since: now}, 0
}

// seconds is s seconds as a Duration.
func seconds(s float64) time.Duration {
	return time.Duration(s * float64(time.Second))
}
