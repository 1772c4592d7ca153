package ratelimit

import "time"

// controlled paces as a Limiter does, without the waiting.
type controlled struct{ feedback feedback }

func newControlled(limit float64, pace Pace) *controlled {
	return &controlled{feedback{machine: newMachine(limit, pace)}}
}

func (c *controlled) rate(now time.Duration) float64 {
	c.feedback.tick(now)
	return c.feedback.machine.rate
}

func (c *controlled) answered(now, sent time.Duration, ended ending) {
	c.feedback.observe(now, sent, ended)
}

// fixed sends at one rate and looks at no answer.
type fixed float64

func (f fixed) rate(time.Duration) float64                  { return float64(f) }
func (fixed) answered(time.Duration, time.Duration, ending) {}

// foresight knows the quota and the live traffic at every moment, and sends
// a fixed portion of what is left. It bounds what any pacer without this knowledge
// can reach.
type foresight struct {
	scenario
	portion float64
}

func (f foresight) rate(now time.Duration) float64 {
	quota, live := f.at(now)
	return f.portion * (quota - live)
}

func (foresight) answered(time.Duration, time.Duration, ending) {}

// aimd is additive increase, multiplicative decrease in its simplest form: 1 %
// more every second, and 0.7 of the rate after a throttle, once a round trip.
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

func (a *aimd) answered(now, sent time.Duration, ended ending) {
	const decrease = 0.7
	if ended != taken && sent >= a.decreased {
		a.current = max(1, decrease*a.current)
		a.decreased = now
	}
}
