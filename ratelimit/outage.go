package ratelimit

import "time"

// outageMemory is how much older the machine of before an outage may be than the
// last call that got through. A few calls may fail before all do.
const outageMemory = 3 * time.Second

// An outage holds the machine while nothing gets through at all. That has nothing
// to do with the rate, so the rate is the same afterwards as before. Until the
// outage shows, it looks like too high a rate, and the cuts of that time are
// undone.
type outage struct {
	before machine // when calls got through and too few had failed for a cut
	on     bool
}

// isOutage reports whether nothing gets through because calls fail. In an outage
// calls are rare, and a window may have none: then the last ones count.
func (s sample) isOutage() bool {
	return s.accepted == 0 && (s.failed > s.throttled || s.throttled == 0 && s.failedInRow >= cutLeast)
}

// goesOn reports whether there is an outage now. It ends when the service decides on
// calls again. A time without calls does not end it.
func (o *outage) goesOn(m machine, s sample) bool {
	if s.isOutage() || o.on && s.answered() == 0 {
		return true
	}
	if o.on || s.accepted > 0 && s.failed <= cutShare*(s.answered()+s.failed) {
		o.before = m
	}
	o.on = false
	return false
}

// hold returns the machine for the time of the outage: as it was before, as if no
// time had passed.
func (o *outage) hold(m machine, s sample) machine {
	passed := s.now - m.ticked
	isKnown := o.before.rate > 0 && s.lastAccepted-o.before.ticked <= outageMemory
	if !o.on && isKnown {
		o.before.cap = m.cap
		m = o.before
		m.rate = m.bounded()
		passed = s.now - m.ticked
	}
	o.on = true
	m.ticked = s.now
	m.since += passed
	m.unused += passed
	m.failing = true
	// What was sent until now tells nothing about the rate, nor does what was
	// accepted.
	m.cruiseStart, m.lastCut, m.hasCut = mark{s.now, s.total}, mark{s.now, s.total}, true
	return m
}
