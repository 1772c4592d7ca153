package worker_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/worker"
)

// outageRun is a run over a network that fails, and what was seen of it there.
// It is the run's source, sink and limiter too.
type outageRun struct {
	options worker.Options
	rows    int
	// interval is the time between two attempts.
	interval time.Duration
	// fails tells how a call for that user, that long after the start, goes wrong,
	// nil when it does not.
	fails func(since time.Duration, username string) way
	// service answers the calls that do not fail.
	service func(context.Context, worker.Row) worker.Answer

	start time.Time
	turn  chan struct{}
	next  int
	done  map[int]bool // lines that an earlier run has done

	mu       sync.Mutex
	calls    []*outageCall
	inFlight int
	results  []worker.Result
	// instead is the service's answer to the next calls, left is their number.
	instead way
	left    int
}

// outageCall is a call as the network saw it; times are since the start.
type outageCall struct {
	username    string
	sent, ended time.Duration
	failed      bool
	inFlight    int // this one included
}

// newOutageRun is a healthy run of a number of rows; ceilings are waited out to the
// full, so that every time is exact.
func newOutageRun(rows int) *outageRun {
	return &outageRun{
		rows:     rows,
		interval: 50 * time.Millisecond,
		fails:    func(time.Duration, string) way { return nil },
		service: func(context.Context, worker.Row) worker.Answer {
			return worker.Answer{Verdict: worker.Done, Answered: true}
		},
		options: worker.Options{
			Concurrency: 8, MaxAttempts: 8, Timeout: 30 * time.Second, StallTimeout: 5 * time.Minute,
			Jitter: func(ceiling time.Duration) time.Duration { return ceiling },
		},
	}
}

// run runs the pool and returns its error and how long it took.
func (r *outageRun) run(ctx context.Context) (time.Duration, error) { return r.runPool(ctx, r.pool()) }

func (r *outageRun) runPool(ctx context.Context, pool *worker.Pool) (time.Duration, error) {
	r.start = time.Now()
	err := pool.Run(ctx, r, r)
	return time.Since(r.start), err
}

func (r *outageRun) pool() *worker.Pool {
	r.turn = make(chan struct{}, 1)
	return worker.NewPool(r.options, worker.Operation{Name: "Confirm", Limiter: r, Call: r.call})
}

// Next hands out the rows.
func (r *outageRun) Next() (worker.Row, error) {
	for r.next < r.rows {
		r.next++
		if !r.done[r.next+1] {
			return worker.Row{Line: r.next + 1, Username: outageUser(r.next)}, nil
		}
	}
	return worker.Row{}, io.EOF
}

// resume has the next run do the rows without a result.
func (r *outageRun) resume() {
	r.next, r.done = 0, make(map[int]bool)
	for _, result := range r.results {
		r.done[result.Row.Line] = true
		if result.Status.Succeeded() {
			r.options.Succeeded = result.Row
		}
	}
}

func outageUser(n int) string { return fmt.Sprintf("user%04d", n) }

// Record keeps the results.
func (r *outageRun) Record(result worker.Result) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results = append(r.results, result)
	return nil
}

// Wait lets one attempt pass every interval, in the order in which they come.
func (r *outageRun) Wait(ctx context.Context) error {
	select {
	case r.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-r.turn }()
	select {
	case <-time.After(r.interval):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Observe and Failed have nothing to adapt.
func (r *outageRun) Observe(time.Time, bool) {}
func (r *outageRun) Failed(time.Time)        {}

// call is the network, and the service after it.
func (r *outageRun) call(ctx context.Context, row worker.Row) worker.Answer {
	r.mu.Lock()
	fails := r.fails(time.Since(r.start), row.Username)
	r.inFlight++
	call := &outageCall{username: row.Username, sent: time.Since(r.start), failed: fails != nil, inFlight: r.inFlight}
	r.calls = append(r.calls, call)
	if fails == nil && r.left > 0 {
		r.left--
		fails = r.instead
	}
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.inFlight--
		call.ended = time.Since(r.start)
	}()
	if fails != nil {
		return fails(ctx)
	}
	return r.service(ctx, row)
}

// answer has the service give another answer for a number of calls that the
// network lets through.
func (r *outageRun) answer(calls int, instead way) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left, r.instead = calls, instead
}

// forever is more calls than any run makes.
const forever = 1 << 30

// way is a way in which a call ends otherwise than well.
type way func(context.Context) worker.Answer

// answers is an answer at once with a verdict of the service.
func answers(verdict worker.Verdict, code string) way {
	return func(context.Context) worker.Answer {
		return worker.Answer{Verdict: verdict, Code: code, Answered: true, MaybeDone: verdict == worker.Transient}
	}
}

func refused(context.Context) worker.Answer {
	return worker.Answer{Code: "connection", Message: "dial tcp: connection refused"}
}

func hangs(ctx context.Context) worker.Answer {
	<-ctx.Done()
	return worker.Answer{Code: "timeout", MaybeDone: true}
}

// unheard is an answer that was lost or that is not the service's.
func unheard(code string) way {
	return func(context.Context) worker.Answer { return worker.Answer{Code: code, MaybeDone: true} }
}

// outageWays are the ways in which everything goes wrong at once, by the code
// that they end with.
func outageWays() map[string]way {
	return map[string]way{
		"connection":             refused,
		"timeout":                hangs,
		"InternalErrorException": answers(worker.Transient, "InternalErrorException"),
		"unexpected_answer":      unheard("unexpected_answer"),
	}
}

// during fails all calls in a span of time.
func (r *outageRun) during(from, to time.Duration, w way) {
	r.fails = func(since time.Duration, _ string) way {
		if from <= since && since < to {
			return w
		}
		return nil
	}
}

// poisoned fails all calls for these users for ever.
func (r *outageRun) poisoned(w way, usernames ...string) {
	before := r.fails
	r.fails = func(since time.Duration, username string) way {
		if slices.Contains(usernames, username) {
			return w
		}
		return before(since, username)
	}
}

// statuses lists the rows that did not end as confirmed, and checks that each
// row has one result; unfinished are those that have none.
func (r *outageRun) statuses(t *testing.T) (others []string, unfinished int) {
	t.Helper()
	seen := make(map[int]bool)
	for _, result := range r.results {
		if seen[result.Row.Line] {
			t.Errorf("line %d has two results", result.Row.Line)
		}
		seen[result.Row.Line] = true
		if result.Status != worker.StatusConfirmed {
			others = append(others, fmt.Sprintf("%s %s %s %d", result.Row.Username, result.Status, result.Code, result.Attempts))
		}
	}
	slices.Sort(others)
	return others, r.rows - len(seen)
}

// wantAllConfirmed checks that the outage was nobody's failure.
func (r *outageRun) wantAllConfirmed(t *testing.T, err error) {
	t.Helper()
	if others, unfinished := r.statuses(t); err != nil || others != nil || unfinished > 0 {
		t.Errorf("ended with %v, %d rows without a result and %q; want that all are confirmed", err, unfinished, others)
	}
}

// wantStall checks that the run stalled, with no row failed for it.
func (r *outageRun) wantStall(t *testing.T, err error, code string) {
	t.Helper()
	stall, ok := errors.AsType[*worker.StallError](err)
	if !ok || stall.Timeout != r.options.StallTimeout || stall.Code != code {
		t.Errorf("ended with %v, want a stall for %s after %v", err, code, r.options.StallTimeout)
	}
	if others, _ := r.statuses(t); others != nil {
		t.Errorf("results %q, want none but confirmed", others)
	}
}

// inBubble runs a test in virtual time.
func inBubble(t *testing.T, name string, test func(t *testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, test)
	})
}
