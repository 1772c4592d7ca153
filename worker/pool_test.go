package worker_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/worker"
)

// slowPool returns a stand-in for the users of the source, every call to which
// takes a second.
func slowPool(source *rowList) *fakecognito.Server {
	s := fakecognito.New(fakecognito.Options{LogCalls: true, Latency: time.Second})
	for _, row := range source.rows {
		if row.Invalid == nil {
			s.AddUser(row.Username, fakecognito.Unconfirmed)
		}
	}
	return s
}

// numbered returns n usernames.
func numbered(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("user%d", i)
	}
	return names
}

func TestEveryRowHasItsResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		source := &rowList{rows: []worker.Row{
			{Line: 2, Username: "ann", Fields: []string{"ann", "x"}},
			{Line: 3, Invalid: &worker.Invalid{Code: "empty_username", Message: "the username is empty"}, Fields: []string{"", "y"}},
			{Line: 4, LastLine: 9, Invalid: &worker.Invalid{Code: "malformed_record", Message: "lines 4 to 9"}},
			{Line: 10, Username: "nobody"},
		}}
		service := slowPool(&rowList{rows: source.rows[:1]})
		want := []worker.Result{
			{Row: source.rows[0], Status: "confirmed", Attempts: 1, StartedAt: start, Duration: time.Second},
			{Row: source.rows[1], Status: "invalid", Code: "empty_username", Message: "the username is empty"},
			{Row: source.rows[2], Status: "invalid", Code: "malformed_record", Message: "lines 4 to 9"},
			{Row: source.rows[3], Status: "failed", Code: "UserNotFoundException", Message: "User does not exist.",
				Attempts: 1, StartedAt: start.Add(time.Second), Duration: time.Second},
		}
		sink, limiter := &recordings{}, &openLimiter{}
		if err := lonePool(sdkClient(service), limiter, worker.Options{UserPoolID: examplePool, Concurrency: 1}).Run(t.Context(), source, sink); err != nil {
			t.Error(err)
		}
		calls := service.Calls()
		if len(calls) != 2 || limiter.tokens != 2 {
			t.Fatalf("%d calls for %d tokens, want 2: invalid rows cost neither", len(calls), limiter.tokens)
		}
		want[0].RequestID, want[3].RequestID = calls[0].RequestID, calls[1].RequestID
		if !reflect.DeepEqual(sink.results, want) {
			t.Errorf("got  %+v\nwant %+v", sink.results, want)
		}
	})
}

func TestEmptySource(t *testing.T) {
	sink := &recordings{}
	if err := lonePool(sdkClient(scripted()), &openLimiter{}, worker.Options{}).Run(t.Context(), users(), sink); err != nil || len(sink.results) != 0 {
		t.Errorf("%d results, error %v", len(sink.results), err)
	}
}

func TestConcurrency(t *testing.T) {
	for option, want := range map[int]int64{1: 1, 3: 3, 0: 256} {
		t.Run(fmt.Sprint(option), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start, source := time.Now(), users(numbered(3*int(want))...)
				service, sink := slowPool(source), &recordings{}
				pool := lonePool(sdkClient(service), &openLimiter{}, worker.Options{UserPoolID: examplePool, Concurrency: option})
				if err := pool.Run(t.Context(), source, sink); err != nil {
					t.Error(err)
				}
				counts := service.Counts()
				if counts.MaxInFlight != want || counts.Confirmed != 3*want || len(sink.results) != 3*int(want) {
					t.Errorf("%d calls in flight, %d users confirmed, %d results; want %d, %d and as many",
						counts.MaxInFlight, counts.Confirmed, len(sink.results), want, 3*want)
				}
				if took := time.Since(start); took != 3*time.Second {
					t.Errorf("took %v, want 3s: nobody idle", took)
				}
			})
		})
	}
}

func TestClientMetadata(t *testing.T) {
	type metadata = map[string]string
	tests := []struct {
		name           string
		run, row, want metadata
	}{
		{"none", nil, nil, nil},
		{"of the run", metadata{"source": "csv"}, nil, metadata{"source": "csv"}},
		{"of the row", nil, metadata{"plan": "pro"}, metadata{"plan": "pro"}},
		{"of both", metadata{"source": "csv", "plan": "free"}, metadata{"plan": "pro", "since": "2019"},
			metadata{"source": "csv", "plan": "pro", "since": "2019"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				run, row := maps.Clone(test.run), maps.Clone(test.row)
				source := users(append(numbered(20), "ann")...)
				source.rows[20].ClientMetadata = row
				service, sink := slowPool(source), &recordings{}
				pool := lonePool(sdkClient(service), &openLimiter{}, worker.Options{UserPoolID: examplePool, ClientMetadata: run})
				if err := pool.Run(t.Context(), source, sink); err != nil {
					t.Error(err)
				}
				if len(service.Calls()) != 21 {
					t.Errorf("%d calls, want 21", len(service.Calls()))
				}
				for _, call := range service.Calls() {
					want := test.run
					if call.Username == "ann" {
						want = test.want
					}
					if !maps.Equal(call.ClientMetadata, want) {
						t.Errorf("%s was sent %v, want %v", call.Username, call.ClientMetadata, want)
					}
				}
				if !maps.Equal(run, test.run) || !maps.Equal(row, test.row) {
					t.Errorf("the metadata of the run is now %v, of the row %v", run, row)
				}
			})
		})
	}
}

// A call on the wire finishes and is recorded, a row that waits for anything
// is left to a later run.
func TestCancellation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, interrupted := time.Now(), errors.New("interrupted")
		// A millisecond between the rows keeps them in order.
		source := &slowSource{users("ann", "lost", "throttled", "backing-off", "tokenless", "unread"), time.Millisecond}
		service := slowPool(source.rowList)
		const inFlight = 9 * time.Second
		service.SetFault("ann", fakecognito.Fault{Kind: fakecognito.FaultSlow, Delay: inFlight})
		service.SetFault("lost", fakecognito.Fault{Kind: fakecognito.FaultReset, Delay: inFlight})
		service.SetFault("throttled", fakecognito.Fault{Code: "ThrottlingException", Delay: inFlight})
		service.SetFault("backing-off", fakecognito.Fault{Kind: fakecognito.FaultHTTP, Code: "503"})
		sink, limiter := &recordings{}, make(gate, 4)
		for range cap(limiter) {
			limiter <- struct{}{}
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(5*time.Second, func() { cancel(interrupted) })
		err := lonePool(sdkClient(service), limiter, worker.Options{
			UserPoolID: examplePool, Concurrency: 5,
			Jitter: func(time.Duration) time.Duration { return time.Minute },
		}).Run(ctx, source, sink)
		if !errors.Is(err, interrupted) || time.Since(start) != 10*time.Second+3*time.Millisecond {
			t.Errorf("ended after %v with %v, want the cause after 10.003s", time.Since(start), err)
		}
		if sink.usernames() != "ann" || sink.results[0].Status != worker.StatusConfirmed {
			t.Errorf("results %+v, want ann's alone, confirmed", sink.results)
		}
		if calls := len(service.Calls()); calls != 4 {
			t.Errorf("%d calls, want 4", calls)
		}
	})
}

// gate is a limiter that lets as many attempts pass as it holds tokens.
type gate chan struct{}

func (g gate) Wait(ctx context.Context) error {
	select {
	case <-g:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (gate) Observe(time.Time, bool) {}

func TestCancelledBeforehand(t *testing.T) {
	interrupted := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(interrupted)
	service, sink := scripted(), &recordings{}
	err := lonePool(sdkClient(service), &openLimiter{}, worker.Options{}).Run(ctx, users(numbered(100)...), sink)
	if !errors.Is(err, interrupted) || service.calls() != 0 || len(sink.results) != 0 {
		t.Errorf("%d calls, %d results, error %v", service.calls(), len(sink.results), err)
	}
}

// A run whose last rows were in flight when it was cancelled is complete, and
// says so every time.
func TestCancelledWhenNothingIsLeft(t *testing.T) {
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			source := users("ann", "bob", "cat")
			service, sink := slowPool(source), &recordings{}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
			defer cancel()
			err := lonePool(sdkClient(service), &openLimiter{}, worker.Options{UserPoolID: examplePool}).Run(ctx, source, sink)
			if err != nil || len(sink.results) != 3 {
				t.Errorf("%d results of 3, error %v", len(sink.results), err)
			}
		})
	}
}
