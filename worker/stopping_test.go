package worker_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/worker"
)

// A call on the wire finishes and is recorded. A row that waits is left to a later
// run.
func TestCancellation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, interrupted := time.Now(), errors.New("interrupted")
		// A millisecond between the rows keeps them in order.
		source := &slowly{users("ann", "lost", "throttled", "backing-off", "tokenless", "unread"), time.Millisecond}
		service := scripted("")
		service.latency = time.Second
		service.answers["ann"] = []way{after(9*time.Second, answers(worker.Done, ""))}
		service.answers["lost"] = []way{after(9*time.Second, unheard("connection"))}
		service.answers["throttled"] = []way{after(9*time.Second, answers(worker.Throttled, "ThrottlingException"))}
		service.answers["backing-off"] = []way{answers(worker.Transient, "http_503")}
		sink, limiter := &recordings{}, make(gate, 4)
		for range cap(limiter) {
			limiter <- struct{}{}
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(5*time.Second, func() { cancel(interrupted) })
		err := lonePool(service, limiter, worker.Options{
			Concurrency: 5,
			Jitter:      func(time.Duration) time.Duration { return time.Minute },
		}).Run(ctx, source, sink)
		if !errors.Is(err, interrupted) || time.Since(start) != 10*time.Second+3*time.Millisecond {
			t.Errorf("ended after %v with %v, want the cause after 10.003s", time.Since(start), err)
		}
		if sink.usernames() != "ann" || sink.results[0].Status != worker.StatusConfirmed {
			t.Errorf("results %+v, want ann's alone, confirmed", sink.results)
		}
		if len(service.calls) != 4 {
			t.Errorf("%d calls, want 4", len(service.calls))
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

func (gate) Failed(time.Time) {}

func TestCancelledBeforehand(t *testing.T) {
	interrupted := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(interrupted)
	service, sink := scripted(""), &recordings{}
	err := lonePool(service, &openLimiter{}, worker.Options{}).Run(ctx, users(numbered(100)...), sink)
	if !errors.Is(err, interrupted) || len(service.calls) != 0 || len(sink.results) != 0 {
		t.Errorf("%d calls, %d results, error %v", len(service.calls), len(sink.results), err)
	}
}

// A run is complete, and returns nil every time, when its last rows were in flight
// as it was cancelled.
func TestCancelledWhenNothingIsLeft(t *testing.T) {
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			service, sink := scripted(""), &recordings{}
			service.latency = time.Second
			ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
			defer cancel()
			err := lonePool(service, &openLimiter{}, worker.Options{}).Run(ctx, users("ann", "bob", "cat"), sink)
			if err != nil || len(sink.results) != 3 {
				t.Errorf("%d results of 3, error %v", len(sink.results), err)
			}
		})
	}
}

// A streak is counted over all workers, and what they have in flight when it is
// long enough is recorded.
func TestStreakOverManyWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service, sink := scripted(""), &recordings{}
		service.latency = time.Second
		source := users(numbered(1000)...)
		for _, row := range source.rows {
			service.answers[row.Username] = []way{answers(worker.Refused, "UserNotFoundException")}
		}
		err := lonePool(service, &openLimiter{}, worker.Options{Concurrency: 50, MaxConsecutiveFailures: 100}).Run(t.Context(), source, sink)
		streak, ok := errors.AsType[*worker.StreakError](err)
		if !ok || streak.Rows != 100 {
			t.Errorf("ended with %v, want a streak of 100", err)
		}
		calls := len(service.calls)
		if len(sink.results) != calls || calls < 100 || calls >= 150 {
			t.Errorf("%d results of %d calls, want all of them, 100 and fewer than 50 in flight", len(sink.results), calls)
		}
	})
}

// stopping runs a pool of four until something about the row named last ends
// it, 5.5 seconds after the start: some rows are done before, one is on the wire,
// one waits for its next attempt. more is how much later a call may still be made.
func stopping(t *testing.T, last way, sink *recordings, more time.Duration) (took time.Duration, err error) {
	t.Helper()
	start, service := time.Now(), scripted("")
	service.latency = time.Second
	service.answers["slow"] = []way{after(10*time.Second, answers(worker.Done, ""))}
	service.answers["back"] = []way{answers(worker.Transient, "http_503")}
	service.answers["last"] = []way{after(4500*time.Millisecond, last), last}
	service.from, service.then = 5500*time.Millisecond, last
	source := &slowly{users(append([]string{"slow", "back", "last"}, numbered(1000)...)...), time.Nanosecond}
	err = lonePool(service, &openLimiter{}, worker.Options{
		Concurrency: 4, MaxConsecutiveFailures: 1,
		Jitter: func(time.Duration) time.Duration { return time.Minute },
	}).Run(t.Context(), source, sink)
	took = time.Since(start).Truncate(time.Millisecond)
	for _, call := range service.calls {
		if call.at > 5500*time.Millisecond+time.Microsecond+more {
			t.Errorf("%s was called after %v, when the run was stopped", call.username, call.at)
		}
	}
	return took, err
}

// recordedBesides has a result however the run was stopped.
func recordedBesides(t *testing.T, sink *recordings, also string) {
	t.Helper()
	names := strings.Fields(sink.usernames())
	got := make(map[string]bool)
	for _, name := range names {
		got[name] = true
	}
	if len(got) != len(names) || !got["slow"] || got["back"] || got["last"] != (also == "last") {
		t.Errorf("results for %v", names)
	}
}

func TestFatalErrorStopsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &recordings{}
		took, err := stopping(t, answers(worker.Fatal, "ExpiredTokenException"), sink, time.Second)
		if fatal, ok := errors.AsType[*worker.FatalError](err); !ok || fatal.Code != "ExpiredTokenException" || took != 11*time.Second {
			t.Errorf("ended after %v with %v, want what is fatal after 11s", took, err)
		}
		recordedBesides(t, sink, "")
	})
}

func TestStreakStopsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &recordings{}
		took, err := stopping(t, answers(worker.Refused, "UserNotFoundException"), sink, 0)
		if streak, ok := errors.AsType[*worker.StreakError](err); !ok || streak.Rows != 1 || took != 11*time.Second {
			t.Errorf("ended after %v with %v, want a streak of one after 11s", took, err)
		}
		recordedBesides(t, sink, "last") // the row that ends the run is recorded too
	})
}

func TestSinkErrorStopsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := errors.New("no space left on device")
		sink := &recordings{fail: func(result worker.Result) error {
			if result.Row.Username == "last" {
				return fmt.Errorf("write report: %w", full)
			}
			return nil
		}}
		took, err := stopping(t, answers(worker.Done, ""), sink, 0)
		if !errors.Is(err, full) || took != 11*time.Second {
			t.Errorf("ended after %v with %v, want the sink's error after 11s", took, err)
		}
		recordedBesides(t, sink, "")
	})
}

func TestSinkErrorForAnInvalidRow(t *testing.T) {
	full := errors.New("no space left on device")
	source := users("ann")
	source.rows[0].Invalid = &worker.Invalid{Code: "empty_username"}
	err := lonePool(scripted(""), &openLimiter{}, worker.Options{}).Run(t.Context(), source, &recordings{fail: func(worker.Result) error { return full }})
	if !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
}

// The row that ends the run is the last one that is done.
func TestNothingIsTakenAfterTheEnd(t *testing.T) {
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			source := users(numbered(20)...)
			for i := range source.rows {
				source.rows[i].Invalid = &worker.Invalid{Code: "empty_username"}
			}
			interrupted := errors.New("interrupted")
			ctx, cancel := context.WithCancelCause(t.Context())
			sink := &recordings{fail: func(worker.Result) error {
				synctest.Wait() // until all that can be read has been
				cancel(interrupted)
				return nil
			}}
			err := lonePool(scripted(""), &openLimiter{}, worker.Options{Concurrency: 1}).Run(ctx, source, sink)
			if !errors.Is(err, interrupted) || len(sink.results) != 1 {
				t.Errorf("%d results, error %v, want one and the cause", len(sink.results), err)
			}
		})
	}
}

// late is a Source whose end comes late.
type late struct {
	*rowList
	wait time.Duration
}

func (l late) Next() (worker.Row, error) {
	if len(l.rows) == 0 {
		time.Sleep(l.wait)
	}
	return l.rowList.Next()
}
