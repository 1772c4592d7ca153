package worker

import (
	"context"
	"sync/atomic"
	"time"
)

// Source says which row comes next. Next is called from one goroutine at a
// time; it returns [io.EOF] after the last row. A Next that is waiting for its
// input when a run ends early is left waiting.
type Source interface {
	Next() (Row, error)
}

// Sink takes what became of a row. Record is called from many goroutines at a
// time. An error stops the run: what cannot be recorded must not be done.
type Sink interface {
	Record(Result) error
}

// DefaultConcurrency is [Options.Concurrency] where it says nothing.
const DefaultConcurrency = 256

// Options say how a pool works.
type Options struct {
	// Concurrency is how many calls are in flight at most. Zero: [DefaultConcurrency].
	Concurrency int
	// MaxAttempts is how many attempts a row gets, throttled ones not
	// counted. Zero: 8.
	MaxAttempts int
	// Timeout is how long one attempt may take. Zero: 30 seconds.
	Timeout time.Duration
	// MaxConsecutiveFailures is how many rows in a row may fail before the
	// run is stopped. Zero: any number.
	MaxConsecutiveFailures int
	// StallTimeout is how long attempts may end with nothing but throttles
	// and transient failures before the run is stopped. Zero: 5 minutes.
	StallTimeout time.Duration
	// Jitter picks the wait before a retry, from zero to the ceiling. Nil:
	// evenly from the whole range.
	Jitter func(ceiling time.Duration) time.Duration
}

// withDefaults replaces the zero values that have a meaning of their own.
func (o Options) withDefaults() Options {
	if o.Concurrency == 0 {
		o.Concurrency = DefaultConcurrency
	}
	if o.MaxAttempts == 0 {
		o.MaxAttempts = 8
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	if o.StallTimeout == 0 {
		o.StallTimeout = 5 * time.Minute
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
	inFlight   atomic.Int64
	attempts   atomic.Int64           // of the run that began last
	queue      atomic.Pointer[queue]  // likewise, nil before
	health     atomic.Pointer[health] // of the run that began last, nil before
	begin      func(*health)          // what a test wants to be true at the start, nil otherwise
}

// NewPool returns a pool that runs the operations, at least one, for every row.
func NewPool(o Options, operations ...Operation) *Pool {
	return &Pool{options: o.withDefaults(), operations: operations}
}

// Run takes every row from the source to the sink and returns nil when that is
// done. It ends early, with no new attempts, when the context ends, when the
// source or the sink fails, on a [*FatalError], a [*StreakError] and a
// [*StallError]. It waits for the calls on the wire and records them all the
// same. A row that was waiting for its next attempt gets no result.
//
// A fatal answer ends the run when a second row gets one too, or when there is
// no other row to ask. If the other row gets through, the first is asked again,
// and another fatal answer is its own failure.
//
// Run may be called any number of times, one after the other.
func (p *Pool) Run(ctx context.Context, source Source, sink Sink) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	health := newHealth(p.options, stop)
	defer health.close()
	r := &run{pool: p, sink: sink, health: health, queue: newQueue(p.options.Concurrency, health)}
	p.attempts.Store(0)
	p.health.Store(health)
	p.queue.Store(r.queue)
	return r.all(ctx, source)
}

// State is what a pool is doing at one moment.
type State struct {
	// InFlight is how many calls are on the wire, Concurrency how many may be:
	// fewer than Options say after this machine ran out of descriptors or ports.
	InFlight, Concurrency int
	// Attempts counts the calls that were answered or given up on in this run,
	// those of rows that are not finished too.
	Attempts int64
	// Outage is when the outage began that holds all rows; zero when there is
	// none.
	Outage time.Time
	// Last is the last answer of this run that was a throttle or a transient
	// failure; zero when there was none.
	Last Answer
}

// State returns what the pool is doing. It is safe for concurrent use.
func (p *Pool) State() State {
	s := State{InFlight: int(p.inFlight.Load()), Concurrency: p.options.Concurrency, Attempts: p.attempts.Load()}
	if health := p.health.Load(); health != nil {
		s.Outage, s.Last = health.current()
	}
	if queue := p.queue.Load(); queue != nil {
		s.Concurrency = queue.concurrency()
	}
	return s
}
