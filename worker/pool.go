package worker

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"golang.org/x/sync/errgroup"
)

// Source says which row comes next. Next is called from one goroutine at a
// time; it returns [io.EOF] behind the last row. A Next that is waiting for its
// input when a run ends early is left waiting.
type Source interface {
	Next() (Row, error)
}

// Sink takes what became of a row. Record is called from many goroutines at a
// time. An error stops the run: what cannot be recorded must not be done.
type Sink interface {
	Record(Result) error
}

// Limiter says when the next attempt may go. Both methods are called from many
// goroutines at a time.
type Limiter interface {
	// Wait returns when one attempt may be sent, or an error when the context ends.
	Wait(ctx context.Context) error
	// Observe tells that the attempt sent at that time was answered, and
	// whether with a throttle. An attempt that nobody answered is not observed.
	Observe(sent time.Time, throttled bool)
}

// Client is the one operation of the SDK's client that the pool calls. Its own
// retries must be off: each of its calls is one attempt here.
type Client interface {
	AdminConfirmSignUp(context.Context, *cognitoidentityprovider.AdminConfirmSignUpInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.AdminConfirmSignUpOutput, error)
}

// Options say how a pool works.
type Options struct {
	// UserPoolID is the pool of every call. Required.
	UserPoolID string
	// ClientMetadata is sent with every row; the row's own goes over it.
	ClientMetadata map[string]string
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
	// StallTimeout is how long attempts may end with nothing but throttles
	// and passing failures before the run is stopped. Zero: 5 minutes.
	StallTimeout time.Duration
	// Jitter picks the wait before a retry, from zero to the ceiling. Nil:
	// evenly from the whole range.
	Jitter func(ceiling time.Duration) time.Duration
}

// FatalError says that the service gave an answer that every row would get.
type FatalError struct {
	// Code is the service's exception name, or one of ours in lower_snake.
	Code string
	// Message is the service's text.
	Message string
}

func (e *FatalError) Error() string { return e.Code + ": " + e.Message }

// Pool confirms rows, many at a time.
type Pool struct {
	options Options
	client  Client
	limiter Limiter
	streak  streak
	outage  *outage
	rows    *feed
	sink    Sink                    // nil before Run
	stop    context.CancelCauseFunc // nil before Run

	inFlight atomic.Int64
	// unfinished rows have been begun, suspects are those of them that have
	// had their attempts and failures of their own.
	unfinished, suspects atomic.Int64
}

// NewPool returns a pool that calls the client as the limiter allows. Run it once.
func NewPool(client Client, limiter Limiter, o Options) *Pool {
	if o.Concurrency == 0 {
		o.Concurrency = 256
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
	p := &Pool{
		options: o,
		client:  client,
		limiter: limiter,
		streak:  streak{most: o.MaxConsecutiveFailures},
		rows:    newFeed(o.Concurrency),
	}
	p.outage = newOutage(o.StallTimeout, func(err error) { p.stop(err) })
	return p
}

// InFlight returns how many calls are on the wire. It is safe for concurrent use.
func (p *Pool) InFlight() int { return int(p.inFlight.Load()) }

// Outage returns when the outage began that holds all rows, zero while there is
// none, and what the last call ended with. It is safe for concurrent use.
func (p *Pool) Outage() (since time.Time, last string) { return p.outage.current() }

// Run takes every row from the source to the sink and returns nil when that is
// done. It ends early, with no new attempts, when the context ends, when the
// source or the sink fails, on a [*FatalError], a [*StreakError] and a
// [*StallError]. Calls on the wire are waited for and recorded all the same. A row that was waiting
// for its next attempt gets no result.
func (p *Pool) Run(ctx context.Context, source Source, sink Sink) error {
	p.sink = sink
	ctx, p.stop = context.WithCancelCause(ctx)
	defer p.stop(nil)
	defer p.outage.close()
	group, ctx := errgroup.WithContext(ctx)
	p.outage.watch(ctx)
	// The reading is not waited for when the run is stopped: nothing can wake
	// a read from a terminal or a pipe that stays silent.
	reading := make(chan error, 1)
	go func() { reading <- read(ctx, source, p.rows) }()
	group.Go(func() error {
		select {
		case err := <-reading:
			return err
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	for range p.options.Concurrency {
		group.Go(func() error { return p.work(ctx) })
	}
	return group.Wait()
}

// read feeds the rows. It must touch nothing else: it may still be at it when
// the run is over.
func read(ctx context.Context, source Source, rows *feed) error {
	for {
		row, err := source.Next()
		switch {
		case errors.Is(err, io.EOF):
			rows.end()
			return nil
		case err != nil:
			return err
		}
		if err := rows.put(ctx, row); err != nil {
			return err
		}
	}
}

// work takes rows until there are none left or the run ends.
func (p *Pool) work(ctx context.Context) error {
	for {
		row, more, err := p.rows.next(ctx)
		if err != nil || !more {
			return err
		}
		if err := p.finish(ctx, row); err != nil {
			return err
		}
	}
}

// finish takes one row to its result. It may do some of the next rows on the
// way, see backOff: in an outage one for each probe that fails, which the stall
// timeout keeps from being many.
func (p *Pool) finish(ctx context.Context, row Row) error {
	if row.Invalid != nil {
		return p.sink.Record(Result{Row: row, Status: StatusInvalid, Code: row.Invalid.Code, Message: row.Invalid.Message})
	}
	result, err := p.confirm(ctx, row)
	if err != nil {
		return err
	}
	// Recorded before it is counted: a row that ends the run is in the report too.
	if err := p.sink.Record(result); err != nil {
		return err
	}
	return p.streak.observe(result)
}
