package worker

import (
	"cmp"
	"context"
	"sync/atomic"
	"time"
)

// Source tells which row comes next. Next is called from one goroutine at a
// time; it returns [io.EOF] after the last row. A run that ends early does not
// wait for a call of Next, which may return after Run has.
type Source interface {
	Next() (Row, error)
}

// Sink takes the result of a row. Record is called from many goroutines at a
// time. An error stops the run, because the result of a call must be recorded.
type Sink interface {
	Record(Result) error
}

// Options set how a pool works.
type Options struct {
	// Concurrency is how many calls are in flight at most. Zero: 256.
	Concurrency int
	// MaxAttempts is how many attempts a row gets, throttled ones not
	// counted. Zero: 8.
	MaxAttempts int
	// Timeout is how long one attempt may take. Zero: 30 seconds.
	Timeout time.Duration
	// MaxConsecutiveFailures is how many rows in a row may fail before the
	// run is stopped. Zero: any number.
	MaxConsecutiveFailures int
	// StallTimeout is how long all attempts may end in throttles and transient
	// failures before the run is stopped. Zero: 5 minutes.
	StallTimeout time.Duration
	// Succeeded is a row that has succeeded in an earlier run. Before a fatal answer ends
	// a run in which nothing has got through yet, it is asked whether the answer is for
	// all. Zero: none.
	Succeeded Row
	// LeaveOut is asked about a row right before its first attempt, or before it
	// is recorded as invalid. One that is left out is neither sent nor recorded.
	// It is called from many goroutines at a time. Nil: no row is left out.
	LeaveOut func(Row) bool
	// Jitter picks the wait before a retry, from zero to the ceiling. Nil:
	// evenly from the whole range.
	Jitter func(ceiling time.Duration) time.Duration
}

// WithDefaults replaces the zero values by what they mean.
func (o Options) WithDefaults() Options {
	o.Concurrency = cmp.Or(o.Concurrency, 256)
	o.MaxAttempts = cmp.Or(o.MaxAttempts, 8)
	o.Timeout = cmp.Or(o.Timeout, 30*time.Second)
	o.StallTimeout = cmp.Or(o.StallTimeout, 5*time.Minute)
	if o.LeaveOut == nil {
		o.LeaveOut = func(Row) bool { return false }
	}
	if o.Jitter == nil {
		o.Jitter = fullJitter
	}
	return o
}

// Pool takes rows through its operations, many at a time.
type Pool struct {
	options    Options
	operations []Operation
	last       atomic.Pointer[run] // the run that began last, nil before
	begin      func(*health)       // set by tests only: prepares the health of a run
}

// NewPool returns a pool that runs the operations, at least one, for every row.
func NewPool(o Options, operations ...Operation) *Pool {
	return &Pool{options: o.WithDefaults(), operations: operations}
}

// Run takes every row from the source to the sink and returns nil when that is
// done. It ends early when the context ends, when the sink fails, and with a
// [*FatalError], a [*StreakError] or a [*StallError]. Then it starts no new
// attempts, but waits for the calls on the wire and records their answers. A row
// that was waiting for its next attempt gets no result. When the source fails,
// the rows before that are done, and Run returns the source's error.
//
// After a fatal answer, the pool asks another row. If that gets a fatal answer
// too, the run ends; where rows got through before, it takes a third one. If the
// other row gets through, the pool asks the first row again: a second fatal answer
// is then that row's own failure. When the source has no other row, the pool asks one
// that has succeeded already, and so it does before it ends a run in which none has got
// through yet. The run ends if there is no such row, or it gets a fatal answer too.
//
// Run may be called any number of times, one after the other.
func (p *Pool) Run(ctx context.Context, source Source, sink Sink) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	health := newHealth(len(p.operations), p.options, stop)
	defer health.idle()
	r := &run{pool: p, sink: sink, health: health, queue: newQueue(p.options.Concurrency, health)}
	p.last.Store(r)
	return r.all(ctx, source)
}

// State is what a pool is doing at one moment.
type State struct {
	// InFlight is how many calls are on the wire, Concurrency how many may be:
	// fewer than in Options after this machine ran out of descriptors or ports.
	InFlight, Concurrency int
	// Shortage is the code for what it ran out of, empty where it did not.
	Shortage string
	// Attempts counts the calls of this run that were answered or given up on.
	// It includes those of rows that are still to be finished.
	Attempts int64
	// Outage is when the current outage began; zero when there is none.
	Outage time.Time
	// Failures is how many attempts have failed transiently since the last one that
	// did not, over all rows.
	Failures int
	// Last is the last answer of this run that was a throttle or a transient
	// failure; zero when there was none.
	Last Answer
}

// State returns what the pool is doing. It is safe for concurrent use.
func (p *Pool) State() State {
	r := p.last.Load()
	if r == nil {
		return State{Concurrency: p.options.Concurrency}
	}
	s := State{InFlight: int(r.inFlight.Load()), Concurrency: r.queue.concurrency(), Attempts: r.attempts.Load()}
	r.health.tell(&s)
	return s
}
