package worker_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/worker"
)

// verifyingRun is a random run that also marks the users' addresses as verified.
// No user comes up twice.
type verifyingRun struct {
	*randomRun
	marking *pacedLimiter
}

func drawVerifyingRun(random *rand.Rand) verifyingRun {
	r := verifyingRun{drawRun(random, oncePerUser), nil}
	r.marking = &pacedLimiter{interval: 1 + time.Duration(random.Int64N(int64(200*time.Millisecond))), turn: make(chan struct{}, 1)}
	for username, status := range r.before {
		if random.IntN(4) > 0 { // the others have no address to be marked
			r.service.PutUser(fakecognito.User{Username: username, Status: status, Attributes: map[string]string{"email": username + "@example.com"}})
		}
	}
	for range random.IntN(4) {
		fault := r.transientFault(random)
		fault.Update = true
		r.service.SetFaultShare(random.Float64()*0.3, fault)
	}
	if random.IntN(3) == 0 {
		codes := []string{"UserNotFoundException", "NotAuthorizedException", "AccessDeniedException", "UserLambdaValidationException"}
		r.service.SetFaultShare(0.05, fakecognito.Fault{Update: true, Code: codes[random.IntN(len(codes))]})
	}
	return r
}

// run runs the pool.
func (r verifyingRun) run(t *testing.T, ctx context.Context) {
	r.start = time.Now()
	client := clientOver(t, r.wire)
	pool := worker.NewPool(r.options,
		worker.Operation{Name: cognito.OperationName, Limiter: r.limiter, Call: cognito.ConfirmSignUp(client, examplePool, r.metadata)},
		worker.Operation{Name: cognito.MarkOperation, Limiter: r.marking, Call: cognito.MarkVerified(client, examplePool, []string{"email"})})
	pool.OthersSucceed()
	r.err = pool.Run(ctx, r.source, r.sink)
	r.took = time.Since(r.start)
	time.Sleep(time.Minute) // the source may be in the middle of a row still
}

// check compares the results with the calls of each user, and with the pool.
func (r verifyingRun) check(t *testing.T) {
	type calls struct{ confirmed, marked, throttled int }
	of := make(map[string]*calls)
	for _, row := range r.rows {
		of[row.Username] = &calls{}
	}
	last, doneAt := make(map[string]string), make(map[string]time.Time)
	total := 0
	for _, call := range r.service.Calls() {
		user := of[call.Username]
		if user == nil {
			t.Fatalf("a call for no row: %+v", call)
		}
		total++
		isLate := call.Answered.Sub(call.Received) >= r.options.Timeout
		if !doneAt[call.Username].IsZero() {
			continue // asked again before a fatal answer ends the run
		}
		if call.Operation == cognito.MarkOperation && call.Code == "" && !isLate {
			doneAt[call.Username] = call.Answered
		}
		if call.Operation == cognito.MarkOperation {
			user.marked++
			last[call.Username] = call.Code
		} else if user.confirmed++; user.marked > 0 {
			t.Errorf("%s is confirmed after it was marked", call.Username)
		}
		if !isLate && (call.Code == "TooManyRequestsException" || call.Code == "429") {
			user.throttled++
		}
	}
	for _, result := range r.sink.results {
		if result.Row.Invalid != nil {
			continue
		}
		name, user := result.Row.Username, of[result.Row.Username]
		unsent := 0
		for _, at := range r.wire.unsent[name] {
			if doneAt[name].IsZero() || at.Before(doneAt[name]) {
				unsent++
			}
		}
		if result.Attempts != user.confirmed+user.marked+unsent || result.Throttled != user.throttled {
			t.Errorf("%+v, want %+v and %d that were never sent", result, *user, unsent)
		}
		status, _ := r.service.UserStatus(name)
		switch result.Status {
		case worker.StatusConfirmed, worker.StatusAlreadyConfirmed:
			if status != fakecognito.Confirmed || r.service.Attribute(name, "email_verified") != "true" || last[name] != "" {
				t.Errorf("%+v: the user is %v, verified %q, the last call %q", result, status, r.service.Attribute(name, "email_verified"), last[name])
			}
		case worker.StatusNotVerified:
			if status != fakecognito.Confirmed || user.marked == 0 && unsent == 0 || result.Code == "" {
				t.Errorf("%+v: the user is %v", result, status)
			}
		default:
			if user.marked > 0 {
				t.Errorf("%+v: %d calls that mark", result, user.marked)
			}
		}
	}
	for _, unsent := range r.wire.unsent {
		total += len(unsent)
	}
	if tokens := r.limiter.tokens + r.marking.tokens; tokens != total && r.err == nil {
		t.Errorf("%d tokens were paid for %d attempts", tokens, total)
	}
}

// Whatever goes wrong with either operation, each row has one result, and it is
// what the pool has.
func TestEveryVerifyingRunAddsUp(t *testing.T) {
	repeatedly(t, func(t *testing.T, random *rand.Rand) {
		r := drawVerifyingRun(random)
		r.run(t, t.Context())
		_, fatal := errors.AsType[*worker.FatalError](r.err) // because there was no other row to ask
		switch {
		case r.err == nil:
			r.checkEveryRowIsDone(t)
		case !fatal:
			t.Errorf("the run ended with %v", r.err)
		}
		r.checkLines(t)
		r.check(t)
	})
}

// The same when the run is cancelled at any moment: rows without a result are left
// to the next run.
func TestEveryCancelledVerifyingRunAddsUp(t *testing.T) {
	repeatedly(t, func(t *testing.T, random *rand.Rand) {
		r := drawVerifyingRun(random)
		after := time.Duration(random.ExpFloat64() * float64(10*time.Second))
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		time.AfterFunc(after, func() { cancel(errInterrupted) })
		r.run(t, ctx)
		_, fatal := errors.AsType[*worker.FatalError](r.err)
		switch {
		case r.err == nil:
			r.checkEveryRowIsDone(t)
		case !fatal && !errors.Is(r.err, errInterrupted):
			t.Errorf("ended with %v, want the cause of the cancellation", r.err)
		}
		if limit := after + r.options.Timeout + r.sink.wait; r.took > limit {
			t.Errorf("ended after %v, want %v", r.took, limit)
		}
		for _, call := range r.service.Calls() {
			if call.Received.Sub(r.start) > after {
				t.Errorf("a call after %v: %+v", call.Received.Sub(r.start), call)
			}
		}
		r.checkLines(t)
		r.check(t)
	})
}
