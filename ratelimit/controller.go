package ratelimit

import "time"

// A controller feeds what the meter shows to the control. Times are counted
// from the moment it was made. It is not safe for concurrent use.
type controller struct {
	meter   meter
	control control
}

// tick lets time pass: at most one decision every tickTime. It reports
// whether there was one.
func (c *controller) tick(now time.Duration) bool {
	if now-c.control.ticked < tickTime {
		return false
	}
	c.control = c.control.tick(c.meter.read(now, c.control.rate))
	return true
}

// observe takes in the answer to a call sent at sent, and cuts the rate when
// it was one throttle too many. It reports whether it did.
func (c *controller) observe(now, sent time.Duration, throttled bool) bool {
	isFresh := !c.control.hasCut || sent >= c.control.cut.at
	c.meter.count(now, throttled, isFresh)
	if !throttled || !isFresh {
		return false
	}
	seen := c.meter.read(now, c.control.rate)
	if !c.control.overloaded(seen) {
		return false
	}
	c.meter.forget(now)
	if c.control.shut(seen) {
		return false
	}
	c.control = c.control.overload(seen)
	return true
}
