package ratelimit

const (
	// A share is known after ambientCalls calls at a low rate, ambientEvents of which
	// failed.
	ambientCalls  = 50.0
	ambientEvents = 8.0
	// A low rate is at most lowRate of what was accepted not long ago. Even when others
	// have come to take most of the quota, or most of it is gone, that much is left.
	lowRate = 0.25
	// A share above ambientHigh is a service that is about to fail altogether.
	ambientHigh = 0.5
	// peakKept is what a count of evidence leaves of what was accepted.
	peakKept = 0.99
)

// An ambient is the share of the calls that fail at any rate, because the service is
// ill and not because it refuses a surplus. It is larger than noise may be, and is
// learned from the other end: where calls still fail at a small part of what was
// accepted before, a lower rate does not help. Throttles are left out, for they show
// that somebody calls too much: we or others. The zero value knows of no such share.
type ambient struct {
	peak        float64 // calls a second that were accepted
	low, recent tally   // of calls that failed, at a low rate and at any rate
}

// learn takes in evidence, complete or ended by a cut.
func (a *ambient) learn(e evidence, m machine) {
	a.peak = max(peakKept*a.peak, m.ceiling)
	failures := tally{float64(e.calls), float64(e.failed)}
	a.recent.fade()
	a.recent.plus(failures)
	if m.rate <= lowRate*a.peak {
		a.low.fade()
		a.low.plus(failures)
	}
}

// share is the share of the calls that is excused.
func (a ambient) share() float64 {
	if a.low.calls < ambientCalls || a.low.refused < ambientEvents || a.low.share() > ambientHigh {
		return 0
	}
	return min(a.low.share(), a.recent.share()) // it may have gone since
}
