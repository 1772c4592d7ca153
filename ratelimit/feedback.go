package ratelimit

import "time"

// A feedback closes the loop from the answers to the rate: it counts answers
// with the meter and shows the machine what the meter reads. Times are counted
// from the moment it was made. It is not safe for concurrent use.
type feedback struct {
	meter   meter
	machine machine
}

// tick lets time pass, in steps of at least tickTime. It reports whether the
// machine moved.
func (f *feedback) tick(now time.Duration) bool {
	if now-f.machine.ticked < tickTime {
		return false
	}
	f.machine = f.machine.tick(f.read(now))
	return true
}

// observe takes in the answer to a call sent at sent and cuts the rate if that
// makes one throttle too many. It reports whether it did.
func (f *feedback) observe(now, sent time.Duration, throttled bool) bool {
	isAfterCut := !f.machine.hasCut || sent >= f.machine.lastCut.at
	f.meter.count(now, throttled, isAfterCut)
	if !throttled || !isAfterCut {
		return false
	}
	seen := f.read(now)
	if !f.machine.isOverloaded(seen) {
		return false
	}
	f.meter.reset(now)
	if f.machine.isWindowSpent(seen) {
		return false
	}
	f.machine = f.machine.cut(seen)
	return true
}

// setCap changes the cap.
func (f *feedback) setCap(now time.Duration, limit float64) {
	f.machine = f.machine.withCap(limit, f.read(now))
}

// read shows what the meter reads at the machine's rate.
func (f *feedback) read(now time.Duration) sample {
	return f.meter.read(now, f.machine.rate)
}
