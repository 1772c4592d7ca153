package worker

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// outageAfter is how many attempts in a row, over all rows, must have failed
// in passing before it counts as an outage. At an error rate of one in ten
// this happens by chance once in ten billion attempts.
const outageAfter = 10

// StallError says that the run was stopped because for so long nothing was
// answered but with throttles and passing failures.
type StallError struct {
	Timeout time.Duration
	// Code and Message are those of the last attempt.
	Code, Message string
}

func (e *StallError) Error() string {
	return fmt.Sprintf("no call got through for %s, the last ended with %s", e.Timeout, e.ending())
}

func (e *StallError) ending() string { return e.Code + ": " + e.Message }

// outage tells what ails a row from what ails the service, by one question:
// does anything else succeed? While nothing does, all rows are held and one at
// a time, in turn, tries whether it is over. Turns matter: a row that fails by
// itself must not be the only one that is asked. It is safe for concurrent use.
type outage struct {
	stallTimeout time.Duration
	// stop ends the run.
	stop func(error)
	// after is outageAfter.
	after int

	// turn is held by the row that probes.
	turn chan struct{}

	run context.Context // of the pool
	// calm lasts until the next outage begins, nil during one. Every attempt
	// looks at it, which must not take a lock; it changes with over.
	calm atomic.Pointer[calm]

	mu sync.Mutex
	// failures counts attempts that failed in passing, in a row.
	failures int
	// healthy is when the newest attempt that got through was sent.
	healthy time.Time
	// over is closed when the outage ends, nil while there is none.
	over   chan struct{}
	began  time.Time
	probes int
	// ended is when the last one did.
	ended time.Time
	// stall fires when nothing has got through for too long. It runs only
	// while attempts fail: a slow input or a low rate is no stall. stalls
	// numbers these timers.
	stall  *time.Timer
	stalls int
	last   StallError
}

// calm is the time between two outages.
type calm struct {
	context.Context
	end context.CancelFunc
}

func newOutage(stallTimeout time.Duration, stop func(error)) *outage {
	return &outage{stallTimeout: stallTimeout, stop: stop, after: outageAfter, turn: make(chan struct{}, 1)}
}

// watch begins with a run, and ends with its context.
func (o *outage) watch(run context.Context) {
	o.run = run
	o.beginCalm()
}

func (o *outage) beginCalm() {
	ctx, end := context.WithCancel(o.run)
	o.calm.Store(&calm{ctx, end})
}

// current returns when the outage began, zero while there is none, and what the
// last attempt ended with.
func (o *outage) current() (since time.Time, last string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.over == nil {
		return time.Time{}, ""
	}
	return o.began, o.last.ending()
}

// healthySince says whether an attempt that was sent after that time got through.
func (o *outage) healthySince(t time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.healthy.After(t)
}

// endedSince says whether an outage has ended after that time.
func (o *outage) endedSince(t time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.ended.After(t)
}

// hold returns at once while all is well, with a context that ends when an
// outage begins: who waits for a token until then must not stand in the way of
// the row that probes. In an outage it returns when it is over, or when it is
// this row's turn to probe; probed is then to be called behind the attempt.
// pause draws the wait before a probe.
func (o *outage) hold(ctx context.Context, pause func(probes int) time.Duration) (until context.Context, probing bool, err error) {
	for {
		if calm := o.calm.Load(); calm != nil {
			return calm, false, nil
		}
		over, _ := o.state()
		if over == nil {
			continue // it has ended in this moment
		}
		select {
		case <-over:
			continue
		case <-ctx.Done():
			return nil, false, context.Cause(ctx)
		case o.turn <- struct{}{}:
		}
		// Not before it is this row's turn: the others have probed meanwhile.
		_, probes := o.state()
		timer := time.NewTimer(pause(probes + 1))
		select {
		case <-timer.C:
			return ctx, true, nil
		case <-over:
		case <-ctx.Done():
		}
		timer.Stop()
		<-o.turn
	}
}

func (o *outage) state() (over chan struct{}, probes int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.over, o.probes
}

// probed ends a row's turn, with the outage or without it.
func (o *outage) probed() {
	o.mu.Lock()
	o.probes++
	o.mu.Unlock()
	<-o.turn
}

// observe takes in how an attempt ended.
func (o *outage) observe(sent time.Time, a answer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch a.verdict {
	case passing:
		o.failures++
		if o.over == nil && o.failures >= o.after {
			o.over, o.began, o.probes = make(chan struct{}), time.Now(), 0
			o.calm.Swap(nil).end()
		}
		o.stalling(sent, a)
	case throttled:
		// Somebody is there, which ends an outage; but nothing got through.
		o.end()
		o.stalling(sent, a)
	default:
		if sent.After(o.healthy) {
			o.healthy = sent
		}
		o.end()
		if o.stall != nil {
			o.stall.Stop()
			o.stall = nil
		}
	}
}

func (o *outage) end() {
	o.failures = 0
	if o.over != nil {
		close(o.over)
		o.over, o.ended = nil, time.Now()
		o.beginCalm()
	}
}

func (o *outage) stalling(sent time.Time, a answer) {
	o.last = StallError{Timeout: o.stallTimeout, Code: a.code, Message: a.message}
	if o.stall == nil {
		// What was sent before others got through says nothing from then on.
		since := sent
		if o.healthy.After(since) {
			since = o.healthy
		}
		o.stalls++
		number := o.stalls
		o.stall = time.AfterFunc(o.stallTimeout-time.Since(since), func() { o.stalled(number) })
	}
}

// stalled ends the run, unless an attempt got through in the very moment in
// which the timer fired.
func (o *outage) stalled(number int) {
	o.mu.Lock()
	stalled, last := o.stall != nil && o.stalls == number, o.last
	o.mu.Unlock()
	if stalled {
		o.stop(&last)
	}
}

// close stops the timer of a run that is over.
func (o *outage) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.stall != nil {
		o.stall.Stop()
		o.stall = nil
	}
}
