package ratelimit

import (
	"math"
	"time"
)

// A phase is a state of the diagram in the package comment.
type phase int

const (
	finding phase = iota
	settling
	cruising
	probing
	yielding
	returning
)

const (
	// startRate is the attempts a second that finding starts with, no cap
	// given: no quota worth a bulk run is lower.
	startRate = 10.0
	// leastRate is the attempts a second below which no cut goes. The
	// answers of slower calls would come too late to steer by.
	leastRate = 1.0
	// tickTime is how often the passing of time moves the rate. A twentieth
	// of a second keeps the steps below 2 % in the steepest climb.
	tickTime = 50 * time.Millisecond
	// findingGrowth is the growth a second while the quota is unknown. A
	// steeper climb overshoots further by the time the answers are back:
	// 1.5 throttles a third more calls.
	findingGrowth = 1.35
	// probingGrowth is the growth a second once a probe is further above
	// the ceiling than beyond, where the quota must have grown.
	probingGrowth = 1.25
	beyond        = 1.1
	// creep is the calls a second that the ceiling gains every second of
	// a cruise. A ceiling measured in an unlucky second would otherwise be
	// too low for the whole hold: without it, 1 to 4 % of a quota of 50
	// shared with live traffic is lost on a strict service. High rates are
	// measured well and gain next to nothing. It may not use up the headroom
	// before the hold is over.
	creep = 0.1
	// settleTime is how long the rate takes back to cruising after a cut
	// that other traffic is not to blame for.
	settleTime = 2 * time.Second
	// provenTime is how long a ceiling must have held to be remembered
	// through what follows. An overshoot's measure, part of it what the
	// service's bucket held, does not hold that long.
	provenTime = 4 * time.Second
	// dwellCalls, dwellLeast and dwellMost are how long yielding stays
	// down: so many calls, within these bounds. An attempt to return that
	// is refused throttles two or three calls, ours or others', whatever
	// the rate.
	dwellCalls = 300.0
	dwellLeast = 1500 * time.Millisecond
	dwellMost  = 8 * time.Second
	// holdMost is how long a cruise lasts at most. A ceiling that was measured
	// far too low must not be taken at its word for the hundreds of calls that
	// a hold is counted in.
	holdMost = time.Minute
	// returnTime is how long the rate takes from yielding back to cruising.
	// It rises with the square of the time: gently at first, where the
	// other traffic is met if it is still there.
	returnTime = 8 * time.Second
	// fullUse is the part of the rate that must really be answered for it
	// to grow. Below it something else is the limit and an accepted call
	// says nothing about the quota. slackCalls calls may be missing at low
	// rates, where a window holds few.
	fullUse    = 0.7
	slackCalls = 3.0
	// limitedTime is how long that must last to be called the reason. For
	// shorter times the answers of a rate that grows are only late.
	limitedTime = 2 * time.Second
)

// control is what the controller knows and has decided. It is a value: every
// decision returns the next one, from nothing but this one and a sample.
type control struct {
	manner  manner
	cap     float64 // attempts a second; +Inf when there is none
	rate    float64 // attempts a second given now
	ceiling float64 // calls a second found to be accepted; 0 while unknown
	proven  bool    // the ceiling has held for provenTime
	phase   phase
	since   time.Duration // when the phase began
	from    float64       // rate at which settling, yielding or returning began
	dwell   time.Duration // how long yielding lasts
	pushed  bool          // others refused us since we last cruised for provenTime
	refused float64       // calls a second accepted when they did
	noisy   bool          // calls were throttled in the last cruise, below the ceiling
	ticked  time.Duration // when time was last looked at
	unused  time.Duration // how long the calls really sent have been too few to grow on
	cruise  mark          // when cruising or probing began
	cut     mark          // when the rate was last cut
	hasCut  bool
}

// A mark is a moment to measure the accepted calls from.
type mark struct {
	at    time.Duration
	total int64
}

// rate is the accepted calls a second since the mark.
func (m mark) rate(s sample) float64 {
	return float64(s.total-m.total) / max((s.now-m.at).Seconds(), 1e-3)
}

// newControl returns the state to start in. A cap of 0 is none.
func newControl(limit float64, pace Pace) control {
	c := control{manner: pace.manner(), cap: limit, rate: startRate}
	if limit <= 0 {
		c.cap = math.Inf(1)
	} else {
		c.rate = min(limit, max(startRate, limit/2))
	}
	return c
}

// tick returns the state after time has passed without a cut.
func (c control) tick(s sample) control {
	passed := s.now - c.ticked
	c.ticked = s.now
	missing := (c.rate - s.answered) * measuredOver(c.rate).Seconds()
	if s.answered < fullUse*c.rate && missing > slackCalls {
		c.unused += passed
		c.since += passed // the phase waits
		return c
	}
	c.unused = 0
	elapsed := s.now - c.since
	cruise := (1 - c.manner.headroom) * c.ceiling
	switch c.phase {
	case finding:
		c.rate *= math.Pow(findingGrowth, passed.Seconds())
	case settling:
		c.rate = c.from + (cruise-c.from)*min(1, portion(elapsed, settleTime))
		if elapsed >= settleTime {
			c = c.enter(cruising, s)
		}
	case cruising:
		c.ceiling += min(creep, c.manner.headroom*c.ceiling/c.hold().Seconds()) * passed.Seconds()
		c.rate = (1 - c.manner.headroom) * c.ceiling
		c = c.prove(s)
		if elapsed >= c.hold() {
			c.noisy = float64(s.strays) > max(noiseLeast, noiseShare*float64(s.total-c.cut.total))
			c = c.enter(probing, s)
		}
	case probing:
		c = c.prove(s)
		u := portion(elapsed, c.manner.probeTime) - 1
		if rise := 1 + c.manner.headroom*u*u*u; rise < beyond {
			c.rate = c.ceiling * rise
		} else {
			c.rate *= math.Pow(probingGrowth, passed.Seconds())
		}
	case yielding:
		if elapsed >= c.dwell {
			c = c.enter(returning, s)
		}
	case returning:
		u := min(1, portion(elapsed, returnTime))
		c.rate = c.from + (cruise-c.from)*u*u
		if elapsed >= returnTime {
			c = c.enter(cruising, s)
			c.since -= c.hold() // the quota is ours again: see how much
		}
	}
	c.rate = c.bounded()
	return c
}

// bounded is the rate within its bounds.
func (c control) bounded() float64 {
	return min(max(c.rate, leastRate), c.cap)
}

// prove takes note that the ceiling holds, when it has for long enough.
func (c control) prove(s sample) control {
	if s.now-c.cruise.at >= provenTime {
		c.proven, c.pushed = true, false
	}
	return c
}

// hold is how long a cruise lasts.
func (c control) hold() time.Duration {
	return max(c.manner.holdLeast, min(holdMost, seconds(c.manner.holdCalls/c.rate)))
}

// enter returns the state at the beginning of a phase.
func (c control) enter(next phase, s sample) control {
	if next == cruising && c.phase != probing {
		c.cruise = mark{s.now, s.total}
	}
	c.phase, c.since, c.from = next, s.now, c.rate
	return c
}

// portion is part as a portion of whole.
func portion(part, whole time.Duration) float64 {
	return float64(part) / float64(whole)
}

// reason is why the rate is what it is.
func (c control) reason() Reason {
	switch {
	case c.unused >= limitedTime:
		return Limited
	case c.rate >= c.cap:
		return Capped
	case c.phase == cruising:
		return Cruising
	case c.phase == probing:
		return Probing
	case c.phase == yielding || c.phase == returning:
		return Yielding
	case c.phase == settling && c.proven:
		return Cruising
	}
	return Finding
}
