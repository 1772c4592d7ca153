package ratelimit

import "time"

// A Pace tells how much of the quota a Limiter takes.
type Pace int

const (
	// Polite leaves a little of the quota unused and stands back when other
	// traffic comes. It is the zero value.
	Polite Pace = iota
	// Dedicated takes the whole quota and, against other traffic, the share
	// that the service gives it.
	Dedicated
)

// String returns the pace's name in lower case.
func (p Pace) String() string {
	if p == Dedicated {
		return "dedicated"
	}
	return "polite"
}

// A tuning is what a Pace means in figures.
type tuning struct {
	// headroom is the part of the ceiling that cruising leaves unused. It
	// lets the service's bucket fill, which then absorbs what nobody expects.
	headroom float64
	// A cruise lasts for holdCalls calls or holdLeast, whichever is longer.
	// A probe that finds the edge costs two to six throttled calls whatever
	// the rate. Counting the time between two probes in calls bounds their
	// share at low rates.
	holdCalls float64
	holdLeast time.Duration
	// probeTime is how long a probe takes from the cruising rate to the
	// ceiling. It takes about as long again to be clearly above.
	probeTime time.Duration
	// What is left of the accepted rate: stepBack after throttles in a quiet
	// cruise, which may be noise; standAside when more follow at once, so that
	// they are not; stayAside after an attempt to return was refused.
	stepBack, standAside, stayAside float64
	// belowCut is the part of the rate before a cut below which a rate is
	// clearly lower. What is refused there as well may be noise.
	belowCut float64
	// yields is whether to make room for as much other traffic as the
	// throttled share shows. Without it we take a proportional share.
	yields bool
}

func (p Pace) tuning() tuning {
	if p == Dedicated {
		return tuning{
			headroom:   0.025,
			holdCalls:  350,
			probeTime:  2500 * time.Millisecond,
			stepBack:   0.95,
			standAside: 0.95,
			stayAside:  0.95,
			belowCut:   0.97,
		}
	}
	return tuning{
		headroom:   0.05,
		holdCalls:  800,
		holdLeast:  8 * time.Second,
		probeTime:  5 * time.Second,
		stepBack:   0.7,
		standAside: 0.75,
		stayAside:  0.93,
		belowCut:   0.95,
		yields:     true,
	}
}
