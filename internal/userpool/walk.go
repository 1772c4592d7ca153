// Package userpool reads the users of a Cognito user pool, all of them or a
// selection, and writes them as a CSV.
//
// The one idea in it: a walk through a pool has one place to stand on, the token
// of the next page. A page that does not come is asked for again, as slowly and for
// as long as a run would ask for a row. The users of a page are seen once the whole
// page is there. So a walk either saw every page or ends with an error.
package userpool

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/ratelimit"
	"cognito-confirm/worker"
)

// Options set how to walk through a pool.
type Options struct {
	// UserPoolID is the pool. Required.
	UserPoolID string
	// Filter is in the service's language, see [cognito.ListUsers]. Empty: all users.
	Filter string
	// Rate is the pages a second that are never exceeded. Required. The walk
	// yields to others who list users below that too.
	Rate float64
	// Timeout is how long one call may take, StallTimeout how long no page may come
	// before the walk ends. Both are required.
	Timeout, StallTimeout time.Duration
}

// Walk is one walk through a pool. Make one with [NewWalk]. State may be called
// from any goroutine.
type Walk struct {
	options Options
	call    func(context.Context, string) (cognito.UserPage, worker.Answer)
	limiter *ratelimit.Limiter

	mu    sync.Mutex
	state State
}

// State is how far a walk has come.
type State struct {
	// Users were seen so far, on that many Pages.
	Users, Pages int
	// Throttled counts the calls that the quota refused, Failures those that have
	// failed in a row.
	Throttled int64
	Failures  int
	// LastCode is what the last of them ended with.
	LastCode string
}

// NewWalk returns a walk that makes its calls with the client.
func NewWalk(client cognito.Client, o Options) *Walk {
	return &Walk{
		options: o, call: cognito.ListUsers(client, o.UserPoolID, o.Filter),
		limiter: ratelimit.New(ratelimit.Options{Cap: o.Rate}),
	}
}

// State returns how far the walk has come.
func (w *Walk) State() State {
	w.mu.Lock()
	defer w.mu.Unlock()
	state := w.state
	state.Throttled = w.limiter.State().Throttled
	return state
}

// errTokenAgain: such a walk would have no end.
var errTokenAgain = errors.New("list users: the service answers with the same page token again")

// Users yields the users in the order in which the service has them. It may be
// called once. An error is the last that it yields: the cause of ctx when that
// ended the walk, a [*RefusedError], a [*worker.FatalError] where the way to the
// service is set up wrongly, or a [*worker.StallError]. A user who changes during
// the walk may be missed or come twice.
func (w *Walk) Users(ctx context.Context) iter.Seq2[cognito.User, error] {
	return func(yield func(cognito.User, error) bool) {
		var walked circle
		for token := ""; ; {
			// A page may be short or empty: only the token tells whether it is the last.
			page, err := w.page(ctx, token)
			if err == nil && page.Next != "" && (page.Next == token || walked.closes(page.Next)) {
				err = errTokenAgain
			}
			if err != nil {
				yield(cognito.User{}, err)
				return
			}
			for _, user := range page.Users {
				if !yield(user, nil) {
					return
				}
			}
			if token = page.Next; token == "" {
				return
			}
		}
	}
}

// page asks for a page until it comes.
func (w *Walk) page(ctx context.Context, token string) (cognito.UserPage, error) {
	began := time.Now()
	isRepeated := false
	for failures := 0; ; {
		if w.limiter.Wait(ctx) != nil {
			return cognito.UserPage{}, context.Cause(ctx)
		}
		sent := time.Now()
		page, answer := w.ask(ctx, token)
		if ctx.Err() != nil {
			return cognito.UserPage{}, context.Cause(ctx)
		}
		switch answer.Verdict {
		case worker.Done:
			w.limiter.Observe(sent, false)
			w.note(func(s *State) { s.Pages, s.Users, s.Failures = s.Pages+1, s.Users+len(page.Users), 0 })
			return page, nil
		case worker.Throttled:
			w.limiter.Observe(sent, true)
		case worker.Transient, worker.Exhausted:
			w.limiter.Failed(sent)
			failures++
		case worker.Misconfigured:
			if w.State().Pages == 0 {
				return cognito.UserPage{}, &worker.FatalError{Code: answer.Code, Cause: answer.Cause, Misconfigured: true}
			}
			failures++
		case worker.FatalIfRepeated:
			if isRepeated {
				return cognito.UserPage{}, &RefusedError{answer.Code}
			}
			isRepeated = true
		default:
			return cognito.UserPage{}, &RefusedError{answer.Code}
		}
		w.note(func(s *State) { s.Failures, s.LastCode = s.Failures+1, answer.Code })
		if time.Since(began) >= w.options.StallTimeout {
			return cognito.UserPage{}, &worker.StallError{Timeout: w.options.StallTimeout, Code: answer.Code, Cause: answer.Cause}
		}
		if answer.Verdict != worker.Throttled && failures > 0 {
			sleep(ctx, worker.Backoff(failures))
		}
	}
}

// ask makes one call.
func (w *Walk) ask(ctx context.Context, token string) (cognito.UserPage, worker.Answer) {
	ctx, cancel := context.WithTimeout(ctx, w.options.Timeout)
	defer cancel()
	return w.call(ctx, token)
}

func (w *Walk) note(change func(*State)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(&w.state)
}

// sleep returns when the time is over or ctx ends.
func sleep(ctx context.Context, wait time.Duration) {
	select {
	case <-time.After(wait):
	case <-ctx.Done():
	}
}

// RefusedError means that the service refuses to list the users of the pool.
type RefusedError struct {
	// Code is the service's exception name, "unknown_code" for one that is not known.
	Code string
}

func (e *RefusedError) Error() string { return "list users: " + e.Code }
