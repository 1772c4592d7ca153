package ratelimit

import "time"

// A feedback closes the loop from the answers to the rate: it counts answers
// with the meter and shows the machine what the meter reads. Times are counted
// from the moment it was made. It is not safe for concurrent use.
type feedback struct {
	meter   meter
	noise   noise
	ambient ambient
	outage  outage
	machine machine
}

// tick lets time pass, in steps of at least tickTime. It reports whether the
// machine moved.
func (f *feedback) tick(now time.Duration) bool {
	if now-f.machine.ticked < tickTime {
		return false
	}
	seen := f.read(now)
	if f.outage.goesOn(f.machine, seen) {
		f.meter.reset(now)
		f.machine = f.outage.hold(f.machine, seen)
	} else {
		f.machine = f.machine.tick(seen)
	}
	return true
}

// observe takes in how a call sent at sent ended, and cuts the rate if that makes
// one refused call too many. It reports whether it did.
func (f *feedback) observe(now, sent time.Duration, ended ending) bool {
	isAfterCut := !f.machine.hasCut || sent >= f.machine.lastCut.at
	if full, isFull := f.meter.count(now, ended, isAfterCut); isFull {
		f.noise.learn(full, f.machine)
		f.ambient.learn(full, f.machine)
	}
	if ended == taken || !isAfterCut {
		return false
	}
	seen := f.read(now)
	if f.outage.on || seen.isOutage() || !f.machine.isOverloaded(seen) {
		return false
	}
	f.meter.reset(now)
	if f.machine.isWindowSpent(seen) {
		return false
	}
	f.noise.learn(seen.evidence, f.machine)
	f.ambient.learn(seen.evidence, f.machine)
	f.machine = f.machine.cut(seen)
	return true
}

// setCap changes the cap.
func (f *feedback) setCap(now time.Duration, limit float64) {
	f.machine = f.machine.withCap(limit, f.read(now))
}

// read shows what the meter reads at the machine's rate.
func (f *feedback) read(now time.Duration) sample {
	seen := f.meter.read(now, f.machine.rate)
	seen.noise = f.noise.share(max(f.machine.ceiling, f.machine.best))
	seen.ambient = f.ambient.share()
	seen.suspected = f.noise.isSuspected()
	return seen
}
