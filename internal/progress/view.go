package progress

import (
	"time"

	"cognito-confirm/ratelimit"
)

// View is a run at one moment: all that is shown of it. It is never changed.
type View struct {
	// Now is the moment.
	Now time.Time

	// Done counts the rows of the input that are in the report, those of earlier
	// runs too. Total is how many the input has, 0 when that is not known; while
	// Counting, it is how many were counted so far.
	Done, Total int
	Counting    bool
	// Unsuccessful counts the rows of Done that did not succeed, Causes tells why:
	// statuses of users and codes.
	Unsuccessful int
	Causes       map[string]int

	// Speed is the answers a second of the last seconds, History what it was
	// before, oldest first. Left is how long the rest takes, negative when nobody
	// can tell.
	Speed   float64
	History []float64
	Left    time.Duration

	// Pace is how fast the run may go and why, Marking how fast users may be marked as
	// verified, zero when they are not.
	Pace, Marking ratelimit.State
	Bounds
	// InFlight is how many calls are on the wire, Concurrency how many may be.
	InFlight, Concurrency int

	// Failures is how many calls have failed in a row.
	Failures int
	// Outage is when the current outage began, zero when there is none. LastCode
	// is what the last call ended with, and StallTimeout how long an outage may
	// last before the run stops.
	Outage       time.Time
	LastCode     string
	StallTimeout time.Duration
	// IsNew means that the speed was measured for too short a time to tell what limits it.
	IsNew bool
	// Ending means that a signal ends the run, and only calls in flight are waited for.
	Ending bool
}

// down is how long nothing has got through.
func (v View) down() time.Duration { return v.Now.Sub(v.Outage) }

// isDown reports that nothing gets through.
func (v View) isDown() bool { return !v.Outage.IsZero() }

// knowsTotal reports whether there is a whole to be a part of.
func (v View) knowsTotal() bool { return v.Total > 0 && !v.Counting }
