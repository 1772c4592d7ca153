package ratelimit

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// burstTime is how long the bucket may save up tokens, to make up for timers
// that fire late, often by a millisecond or more. A bucket of one token keeps
// little more than a third of 5,000 calls a second.
const burstTime = 10 * time.Millisecond

// Options are the settings of a Limiter. The zero value finds the quota
// politely and has no cap.
type Options struct {
	// Cap is the attempts a second that are never exceeded; 0 is no cap.
	// Over any span of time, no more attempts fall due than Cap allows in it
	// and a burst of Cap x 10 ms, at least one. A timer may let one through
	// late; that does not delay the next.
	Cap float64
	// Quota is the calls a second that the service allows all callers together,
	// where that is known; 0 is not known. Without a Cap, or with a higher one, the
	// search begins at half of the quota and goes no further than [Options.Most].
	Quota float64
	// Pace tells how much of the quota to take.
	Pace Pace
	// Start is the State of an earlier Limiter that this one goes on from,
	// with its rate, its ceiling and what is left of its hold. The zero value
	// begins with nothing known, which is better than a State that is hours
	// old. The counts begin at zero.
	Start State
}

// Most is the attempts a second that are never exceeded; 0 is no limit. Of a
// known quota, Polite leaves its headroom: without it, other callers would be
// throttled whose few calls hardly show.
func (o Options) Most() float64 {
	switch {
	case o.Quota <= 0 || o.Cap > 0 && o.Cap <= o.Quota:
		return o.Cap
	case o.Pace == Dedicated:
		return o.Quota
	}
	return (1 - o.Pace.tuning().headroom) * o.Quota
}

// A Limiter lets attempts through as fast as the service's quota allows, and
// finds out how fast that is. Make one with New. Its methods are safe for
// concurrent use.
type Limiter struct {
	start time.Time
	// waiting is how many callers are at the turnstile. While there are none, a
	// token is taken without passing it. Otherwise each caller would be woken
	// only to wake the next.
	waiting atomic.Int64
	// turn is the turnstile: the caller that has put a value in is the one
	// waiter at the bucket. A mutex would do, but one cannot stop waiting for
	// it when the context ends.
	turn chan struct{}
	// timer belongs to the one waiter.
	timer *time.Timer
	// moved wakes the one waiter when the rate jumped, because it waits for as
	// long as the old rate demanded.
	moved chan struct{}

	// mu guards the rest and is never held across a wait. Read the time with mu
	// held: a bucket that sees time go back grants the tokens of that time twice.
	mu        sync.Mutex
	options   Options // SetCap changes the cap in them
	bucket    *rate.Limiter
	feedback  feedback
	answered  int64
	throttled int64
	failed    int64
}

// State is what a Limiter knows at one moment. A later Limiter can go on from
// it, in another process too.
type State struct {
	// Rate is the attempts a second given now.
	Rate float64
	// Ceiling is the calls a second that the service was found to accept
	// from us; 0 until calls were throttled.
	Ceiling float64
	// Reason is why the rate is what it is.
	Reason Reason
	// Answered counts the attempts observed, Throttled those of them that
	// were throttled. Failed counts the attempts that nobody answered or that
	// failed transiently.
	Answered, Throttled, Failed int64
	// Cruised is how much of the hold is over, the time between two probes: all
	// of it during a probe, 0 while the rate is on its way to a cruise.
	Cruised time.Duration
}

// New returns a Limiter that lets its first attempt through at once.
func New(options Options) *Limiter {
	l := &Limiter{
		start:    time.Now(),
		options:  options,
		turn:     make(chan struct{}, 1),
		timer:    time.NewTimer(0),
		moved:    make(chan struct{}, 1),
		feedback: feedback{machine: newMachine(options.Most(), options.Pace).resume(options.Start)},
	}
	l.timer.Stop()
	l.bucket = rate.NewLimiter(bucketSize(l.feedback.machine.rate))
	return l
}

// bucketSize is the limit and the burst of the bucket at a rate of attempts
// a second.
func bucketSize(attempts float64) (rate.Limit, int) {
	return rate.Limit(attempts), max(1, int(attempts*burstTime.Seconds()))
}

// Wait blocks until one attempt may be sent. Attempts are let through in the
// order in which they came. When ctx ends first, Wait returns ctx.Err() and
// charges nothing.
func (l *Limiter) Wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if l.waiting.Load() == 0 && l.allow() {
		return nil
	}
	l.waiting.Add(1)
	defer l.waiting.Add(-1)
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-l.turn }()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		token, wait := l.reserve()
		if wait == 0 {
			return nil
		}
		l.timer.Reset(wait)
		select {
		case <-l.timer.C:
		case <-l.moved:
		case <-ctx.Done():
		}
		l.timer.Stop()
		if l.isDue(token) {
			return nil
		}
	}
}

// allow takes a token if there is one.
func (l *Limiter) allow() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.tick(now)
	return l.bucket.AllowN(now, 1)
}

// reserve takes a token, of the future if need be, and returns how long to wait
// for it, but no longer than until the rate may have moved. Waiting first and
// taking the token then would make it late by as much as timers are: at 40 a
// second that loses more than one in a hundred.
func (l *Limiter) reserve() (token *rate.Reservation, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.tick(now)
	token = l.bucket.ReserveN(now, 1)
	return token, min(token.DelayFrom(now), tickTime)
}

// isDue reports whether the time of a token has come. A token that is not due goes
// back, to be reserved again at the rate that holds by then.
func (l *Limiter) isDue(token *rate.Reservation) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if token.DelayFrom(now) == 0 {
		return true
	}
	token.CancelAt(now)
	return false
}

// tick lets the machine see that time has passed. l.mu is held.
func (l *Limiter) tick(now time.Time) {
	if l.feedback.tick(now.Sub(l.start)) {
		l.apply(now)
	}
}

// apply gives the machine's rate to the bucket. l.mu is held.
func (l *Limiter) apply(now time.Time) {
	limit, burst := bucketSize(l.feedback.machine.rate)
	if limit != l.bucket.Limit() {
		l.bucket.SetLimitAt(now, limit)
		l.bucket.SetBurstAt(now, burst)
	}
}

// jump applies a rate that did not move in the small steps of tick. l.mu is held.
func (l *Limiter) jump(now time.Time) {
	l.apply(now)
	select {
	case l.moved <- struct{}{}:
	default: // the waiter has yet to see the last one
	}
}

// Observe tells the Limiter of an attempt, sent at sent, that the service has
// just answered, and whether the answer was a throttle. Every other answer,
// error or not, counts as taken. For an attempt that failed transiently there is
// Failed.
func (l *Limiter) Observe(sent time.Time, isThrottled bool) {
	ended := taken
	if isThrottled {
		ended = throttled
	}
	l.observe(sent, ended)
}

// Failed tells the Limiter of an attempt, sent at sent, that has just failed
// transiently or was given up without an answer. Some services refuse what is too
// much for them that way. So failures never let the rate grow, and many of them
// cut it as throttles do, unless nothing gets through at all.
func (l *Limiter) Failed(sent time.Time) {
	l.observe(sent, failed)
}

func (l *Limiter) observe(sent time.Time, ended ending) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	switch ended {
	case taken:
		l.answered++
	case throttled:
		l.answered++
		l.throttled++
	case failed:
		l.failed++
	}
	if l.feedback.observe(now.Sub(l.start), sent.Sub(l.start), ended) {
		l.jump(now)
	}
}

// SetCap changes Options.Cap, at once and for those who wait already. 0 is no
// cap. A rate that the old cap held back goes on to the known ceiling within
// seconds, or searches for the quota as under Options.Cap.
func (l *Limiter) SetCap(attempts float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.tick(now)
	l.options.Cap = attempts
	l.feedback.setCap(now.Sub(l.start), l.options.Most())
	l.jump(now)
}

// State returns what the Limiter knows now.
func (l *Limiter) State() State {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.tick(now)
	state := l.feedback.machine.state(now.Sub(l.start))
	state.Answered, state.Throttled, state.Failed = l.answered, l.throttled, l.failed
	return state
}
