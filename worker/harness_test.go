package worker_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"cognito-confirm/worker"
)

// script is a service that gives a user's answers one after the other and confirms
// everybody else. It keeps the calls.
type script struct {
	mu      sync.Mutex
	start   time.Time
	answers map[string][]way
	latency time.Duration
	// then is the answer to every call that is later than from.
	from  time.Duration
	then  way
	calls []scriptedCall
	most  int // calls in flight at the same time
	now   int
}

type scriptedCall struct {
	username string
	at       time.Duration // since the start
}

// scripted returns a service with answers for one user.
func scripted(username string, answers ...way) *script {
	return &script{start: time.Now(), answers: map[string][]way{username: answers}}
}

func (s *script) call(ctx context.Context, row worker.Row) worker.Answer {
	s.mu.Lock()
	s.calls = append(s.calls, scriptedCall{row.Username, time.Since(s.start)})
	s.now++
	s.most = max(s.most, s.now)
	answer := answers(worker.Done, "")
	if left := s.answers[row.Username]; len(left) > 0 {
		answer, s.answers[row.Username] = left[0], left[1:]
	} else if s.then != nil && time.Since(s.start) >= s.from {
		answer = s.then
	}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.now--
	}()
	if s.latency > 0 {
		time.Sleep(s.latency)
	}
	return answer(ctx)
}

// times lists when the calls were made.
func (s *script) times() []time.Duration {
	var times []time.Duration
	for _, call := range s.calls {
		times = append(times, call.at)
	}
	return times
}

// after gives an answer late.
func after(wait time.Duration, w way) way {
	return func(ctx context.Context) worker.Answer {
		select {
		case <-time.After(wait):
			return w(ctx)
		case <-ctx.Done():
			return hangs(ctx)
		}
	}
}

// repeat returns n times the same answer.
func repeat(n int, w way) []way {
	ways := make([]way, n)
	for i := range ways {
		ways[i] = w
	}
	return ways
}

// openLimiter lets every attempt pass, and keeps count.
type openLimiter struct {
	mu       sync.Mutex
	tokens   int
	observed []observation
}

type observation struct {
	sent              time.Time
	throttled, failed bool
}

func (l *openLimiter) Wait(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tokens++
	return ctx.Err()
}

func (l *openLimiter) Observe(sent time.Time, throttled bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.observed = append(l.observed, observation{sent: sent, throttled: throttled})
}

func (l *openLimiter) Failed(sent time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.observed = append(l.observed, observation{sent: sent, failed: true})
}

// rowList is a Source of rows that ends with an error of its own, where it has one.
type rowList struct {
	rows []worker.Row
	end  error
}

// users returns a row for each username, on the lines from 2.
func users(names ...string) *rowList {
	l := &rowList{}
	for i, name := range names {
		l.rows = append(l.rows, worker.Row{Line: i + 2, Username: name})
	}
	return l
}

// numbered returns n usernames.
func numbered(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("user%d", i)
	}
	return names
}

func (l *rowList) Next() (worker.Row, error) {
	if len(l.rows) == 0 {
		if l.end != nil {
			return worker.Row{}, l.end
		}
		return worker.Row{}, io.EOF
	}
	row := l.rows[0]
	l.rows = l.rows[1:]
	return row, nil
}

// slowly is a Source with a wait before each row.
type slowly struct {
	*rowList
	wait time.Duration
}

func (s slowly) Next() (worker.Row, error) {
	time.Sleep(s.wait)
	return s.rowList.Next()
}

// recordings is a Sink that keeps the results.
type recordings struct {
	mu      sync.Mutex
	results []worker.Result
	// fail, when set, is asked before each result is kept.
	fail func(worker.Result) error
}

func (r *recordings) Record(result worker.Result) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		if err := r.fail(result); err != nil {
			return err
		}
	}
	r.results = append(r.results, result)
	return nil
}

// usernames lists who has a result, in the order of the results.
func (r *recordings) usernames() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var names []string
	for _, result := range r.results {
		names = append(names, result.Row.Username)
	}
	return strings.Join(names, " ")
}

// lonePool returns a pool for tests whose rows have nobody to be compared with.
func lonePool(service *script, limiter worker.Limiter, o worker.Options) *worker.Pool {
	pool := plainPool(service, limiter, o)
	pool.OthersSucceed()
	return pool
}

func plainPool(service *script, limiter worker.Limiter, o worker.Options) *worker.Pool {
	return worker.NewPool(o, worker.Operation{Name: "Confirm", Limiter: limiter, Call: service.call})
}

// confirmAnn runs a pool over the one row of a user named ann. The result is
// the zero value when the run ended without one for her.
func confirmAnn(t *testing.T, service *script, limiter worker.Limiter, o worker.Options) (worker.Result, error) {
	t.Helper()
	return runAnn(t, lonePool(service, limiter, o))
}

func runAnn(t *testing.T, pool *worker.Pool) (worker.Result, error) {
	t.Helper()
	sink := &recordings{}
	err := pool.Run(t.Context(), users("ann"), sink)
	switch {
	case len(sink.results) == 0 && err != nil:
		return worker.Result{}, err
	case len(sink.results) != 1:
		t.Fatalf("%d results for one row, error %v", len(sink.results), err)
	}
	return sink.results[0], err
}
