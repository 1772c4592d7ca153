package ratelimit

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// burstTime is how long the bucket may save up tokens: enough for a timer
// that fires late, as timers do by a millisecond or more, to be made up for.
// A bucket of one token keeps little more than a third of 5,000 calls a second.
const burstTime = 10 * time.Millisecond

// Options are the settings of a Limiter. The zero value finds the quota
// politely and has no cap.
type Options struct {
	// Cap is the attempts a second that are never exceeded; 0 is no cap.
	// Over any span of time, no more attempts fall due than Cap allows in it
	// and a burst of Cap x 10 ms, at least one. A timer may let one through
	// late, and the next is not late for it.
	Cap float64
	// Pace says how much of the quota to take.
	Pace Pace
}

// A Limiter lets attempts through as fast as the service's quota, which it
// finds out, allows. Make one with New. Its methods may be called by any
// number of goroutines at the same time.
type Limiter struct {
	start time.Time
	// waiting is how many callers are at the turnstile. While there is none, a
	// token is taken without turning it: it would be handed from one caller to
	// the next, each of them asleep until then.
	waiting atomic.Int64
	// turn is the turnstile: who has put a value in is the one waiter at
	// the bucket. A mutex would do, but could not be given up on when the
	// context ends.
	turn chan struct{}
	// timer belongs to the one waiter.
	timer *time.Timer
	// slower wakes the one waiter when the rate was cut: a wait that was
	// reckoned at the old rate would let it through too early.
	slower chan struct{}

	// mu guards what follows and is never held across a wait. The time is read
	// with it held: a bucket that is shown an earlier time than before gives
	// the tokens of the time between once more.
	mu         sync.Mutex
	bucket     *rate.Limiter
	controller controller
	answered   int64
	throttled  int64
}

// State is what a Limiter knows at one moment.
type State struct {
	// Rate is the attempts a second given now.
	Rate float64
	// Ceiling is the calls a second that the service was found to accept
	// from us; 0 while it has not said no yet.
	Ceiling float64
	// Reason is why the rate is what it is.
	Reason Reason
	// Answered counts the attempts observed, Throttled those of them that
	// were throttled.
	Answered, Throttled int64
}

// New returns a Limiter that lets its first attempt through at once.
func New(options Options) *Limiter {
	l := &Limiter{
		start:      time.Now(),
		turn:       make(chan struct{}, 1),
		timer:      time.NewTimer(0),
		slower:     make(chan struct{}, 1),
		controller: controller{control: newControl(options.Cap, options.Pace)},
	}
	l.timer.Stop()
	l.bucket = rate.NewLimiter(bucketSize(l.controller.control.rate))
	return l
}

// bucketSize is the limit and the burst of the bucket at a rate of attempts
// a second.
func bucketSize(attempts float64) (rate.Limit, int) {
	return rate.Limit(attempts), max(1, int(attempts*burstTime.Seconds()))
}

// Wait blocks until one attempt may be sent. Attempts are let through in the
// order in which they came. When ctx ends first, Wait returns ctx.Err() and
// no attempt is charged.
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
		case <-l.slower:
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
// for it, but no longer than until the rate may have moved. A token that was
// waited for and only then taken would be late by as much as timers are: at 40
// a second that loses more than one in a hundred.
func (l *Limiter) reserve() (token *rate.Reservation, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.tick(now)
	token = l.bucket.ReserveN(now, 1)
	return token, min(token.DelayFrom(now), tickTime)
}

// isDue says whether the time of a token has come. One that is not due goes
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

// tick lets the controller see that time has passed. l.mu is held.
func (l *Limiter) tick(now time.Time) {
	if l.controller.tick(now.Sub(l.start)) {
		l.apply(now)
	}
}

// apply gives the bucket the controller's rate. l.mu is held.
func (l *Limiter) apply(now time.Time) {
	limit, burst := bucketSize(l.controller.control.rate)
	if limit != l.bucket.Limit() {
		l.bucket.SetLimitAt(now, limit)
		l.bucket.SetBurstAt(now, burst)
	}
}

// Observe tells the Limiter of an attempt sent at sent that has just been
// answered, and whether the answer was a throttle. Every other answer, error
// or not, counts as accepted. An attempt that got no answer is not observed.
func (l *Limiter) Observe(sent time.Time, throttled bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.answered++
	if throttled {
		l.throttled++
	}
	if l.controller.observe(now.Sub(l.start), sent.Sub(l.start), throttled) {
		l.apply(now)
		select {
		case l.slower <- struct{}{}:
		default: // the waiter has yet to see the last one
		}
	}
}

// State returns what the Limiter knows now.
func (l *Limiter) State() State {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tick(time.Now())
	c := l.controller.control
	return State{
		Rate:      c.rate,
		Ceiling:   c.ceiling,
		Reason:    c.reason(),
		Answered:  l.answered,
		Throttled: l.throttled,
	}
}
