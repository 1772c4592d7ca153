package ratelimit

import "time"

// A Pace says how much of the quota a Limiter takes.
type Pace int

const (
	// Polite leaves a little of the quota unused and stands back when other
	// traffic comes. It is the zero value.
	Polite Pace = iota
	// Dedicated takes the whole quota and, against other traffic, the share
	// that the service gives it.
	Dedicated
)

// A manner is what a Pace means in figures.
type manner struct {
	// headroom is the part of the ceiling that cruising leaves unused. It
	// lets the service's bucket fill, which absorbs what comes unexpected.
	headroom float64
	// holdCalls and holdLeast are how long a cruise lasts, whichever is
	// longer. Every probe that finds the edge costs some two to six
	// throttled calls whatever the rate, so at a low rate the time between
	// two probes is counted in calls: that bounds their share.
	holdCalls float64
	holdLeast time.Duration
	// probeTime is how long a probe takes from cruising back to the
	// ceiling, and about as long again until it is clearly above.
	probeTime time.Duration
	// stepBack is what is left of the accepted rate after throttles in
	// quiet cruising, which may be noise; standAside what is left when more
	// follow at once, so that they are none; stayAside what is left after
	// an attempt to return was refused.
	stepBack, standAside, stayAside float64
	// yields says whether to stand aside for what the throttled share
	// shows of other traffic, instead of taking a proportional share.
	yields bool
}

func (p Pace) manner() manner {
	if p == Dedicated {
		return manner{
			headroom:   0.025,
			holdCalls:  350,
			probeTime:  2500 * time.Millisecond,
			stepBack:   0.95,
			standAside: 0.95,
			stayAside:  0.95,
		}
	}
	return manner{
		headroom:   0.05,
		holdCalls:  800,
		holdLeast:  8 * time.Second,
		probeTime:  5 * time.Second,
		stepBack:   0.7,
		standAside: 0.75,
		stayAside:  0.93,
		yields:     true,
	}
}
