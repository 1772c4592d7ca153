package ratelimit

import "time"

// controlled paces by the controller under test, without the Limiter that
// only waits for it.
type controlled struct{ controller controller }

func newControlled(limit float64, pace Pace) *controlled {
	return &controlled{controller{control: newControl(limit, pace)}}
}

func (c *controlled) rate(now time.Duration) float64 {
	c.controller.tick(now)
	return c.controller.control.rate
}

func (c *controlled) answered(now, sent time.Duration, throttled bool) {
	c.controller.observe(now, sent, throttled)
}

// fixed sends at one rate and looks at no answer.
type fixed float64

func (f fixed) rate(time.Duration) float64                { return float64(f) }
func (fixed) answered(time.Duration, time.Duration, bool) {}

// foresight sends a fixed portion of what live traffic leaves of the quota at
// every moment, and has been told both: what it cannot reach, nobody can who
// has to find them out.
type foresight struct {
	scenario
	portion float64
}

func (f foresight) rate(now time.Duration) float64 {
	quota, live := f.at(now)
	return f.portion * (quota - live)
}

func (foresight) answered(time.Duration, time.Duration, bool) {}

// aimd is additive increase, multiplicative decrease, as everybody writes it
// first: 1 % of the starting rate more every second, and 0.7 of the rate
// after a throttle, once a round trip.
type aimd struct {
	current   float64
	ticked    time.Duration
	decreased time.Duration
}

func (a *aimd) rate(now time.Duration) float64 {
	const growth = 0.01
	a.current *= 1 + growth*(now-a.ticked).Seconds()
	a.ticked = now
	return a.current
}

func (a *aimd) answered(now, sent time.Duration, throttled bool) {
	const decrease = 0.7
	if throttled && sent >= a.decreased {
		a.current = max(1, decrease*a.current)
		a.decreased = now
	}
}
