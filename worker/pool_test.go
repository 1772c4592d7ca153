package worker_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/worker"
)

func TestEveryRowHasItsResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		source := &rowList{rows: []worker.Row{
			{Line: 2, Username: "ann", Raw: "ann,x\n"},
			{Line: 3, Invalid: &worker.Invalid{Code: "empty_username", Message: "the username is empty"}, Raw: ",y\n"},
			{Line: 4, LastLine: 9, Invalid: &worker.Invalid{Code: "malformed_record", Message: "lines 4 to 9"}},
			{Line: 10, Username: "nobody"},
		}}
		service := scripted("nobody", answers(worker.Refused, "UserNotFoundException"))
		service.latency = time.Second
		want := []worker.Result{
			{Row: source.rows[0], Status: "confirmed", Attempts: 1, StartedAt: start, Duration: time.Second},
			{Row: source.rows[1], Status: "invalid", Code: "empty_username", Message: "the username is empty"},
			{Row: source.rows[2], Status: "invalid", Code: "malformed_record", Message: "lines 4 to 9"},
			{Row: source.rows[3], Status: "failed", Code: "UserNotFoundException", Attempts: 1, StartedAt: start.Add(time.Second), Duration: time.Second},
		}
		want[0].Row.Raw = "" // it has succeeded
		sink, limiter := &recordings{}, &openLimiter{}
		if err := lonePool(service, limiter, worker.Options{Concurrency: 1}).Run(t.Context(), source, sink); err != nil {
			t.Error(err)
		}
		if len(service.calls) != 2 || limiter.tokens != 2 {
			t.Fatalf("%d calls for %d tokens, want 2: invalid rows cost neither", len(service.calls), limiter.tokens)
		}
		if !reflect.DeepEqual(sink.results, want) {
			t.Errorf("got  %+v\nwant %+v", sink.results, want)
		}
	})
}

func TestEmptySource(t *testing.T) {
	sink := &recordings{}
	if err := lonePool(scripted(""), &openLimiter{}, worker.Options{}).Run(t.Context(), users(), sink); err != nil || len(sink.results) != 0 {
		t.Errorf("%d results, error %v", len(sink.results), err)
	}
}

func TestConcurrency(t *testing.T) {
	for option, want := range map[int]int{1: 1, 3: 3, 0: 256} {
		t.Run(fmt.Sprint(option), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start, source := time.Now(), users(numbered(3*want)...)
				service, sink := scripted(""), &recordings{}
				service.latency = time.Second
				if err := lonePool(service, &openLimiter{}, worker.Options{Concurrency: option}).Run(t.Context(), source, sink); err != nil {
					t.Error(err)
				}
				if service.most != want || len(sink.results) != 3*want {
					t.Errorf("%d calls in flight, %d results; want %d and %d", service.most, len(sink.results), want, 3*want)
				}
				if took := time.Since(start); took != 3*time.Second {
					t.Errorf("took %v, want 3s: nobody idle", took)
				}
			})
		})
	}
}

// TestRunAgain: a pool does every row of every run, also after one that ended
// early, and a streak does not reach from one run into the next.
func TestRunAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := scripted("")
		for _, name := range numbered(4) {
			service.answers[name] = repeat(9, answers(worker.Refused, "UserNotFoundException"))
		}
		pool := lonePool(service, &openLimiter{}, worker.Options{Concurrency: 1, MaxConsecutiveFailures: 3})
		for run := range 3 {
			sink := &recordings{}
			if err := pool.Run(t.Context(), users("user0", "user1", "ann", "user2", "user3"), sink); err != nil || len(sink.results) != 5 {
				t.Errorf("run %d: %d results of 5, error %v", run+1, len(sink.results), err)
			}
			var streak *worker.StreakError
			if err := pool.Run(t.Context(), users(numbered(4)...), &recordings{}); !errors.As(err, &streak) {
				t.Errorf("run %d: ended with %v, want a streak", run+1, err)
			}
		}
		if state := pool.State(); state.InFlight != 0 || !state.Outage.IsZero() {
			t.Errorf("after the runs: %+v", state)
		}
	})
}

// TestRetriesDoNotHoldTheRest: other rows are asked while some wait for a retry,
// until as many wait as may be in flight.
func TestRetriesDoNotHoldTheRest(t *testing.T) {
	for _, test := range []struct{ failing, firstHour int }{
		{3, 40}, // everybody is asked while the three wait
		{40, 8}, // four wait, and four more were on the wire when they were as many
	} {
		synctest.Test(t, func(t *testing.T) {
			service, sink := scripted(""), &recordings{}
			service.latency = time.Second
			for _, name := range numbered(test.failing) {
				service.answers[name] = []way{unheard("connection")}
			}
			err := lonePool(service, &openLimiter{}, worker.Options{
				Concurrency: 4,
				Jitter:      func(time.Duration) time.Duration { return time.Hour },
			}).Run(t.Context(), users(numbered(40)...), sink)
			if err != nil || len(sink.results) != 40 {
				t.Fatalf("%d results of 40, error %v", len(sink.results), err)
			}
			asked := make(map[string]bool)
			for _, call := range service.calls {
				if call.at < time.Hour {
					asked[call.username] = true
				}
			}
			if len(asked) > test.firstHour || test.failing == 3 && len(asked) < 40 {
				t.Errorf("%d failing: %d were asked in the first hour, want %d", test.failing, len(asked), test.firstHour)
			}
		})
	}
}

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
func (gate) Failed(time.Time)        {}

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

// Between the end of a run and the last row that is done there is no other.
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

// TestSourceErrorComesLast: the rows before it are done first, and those that
// wait for a retry too.
func TestSourceErrorComesLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, gone := time.Now(), errors.New("stale file handle")
		source := users("quick", "slow", "back")
		source.end = fmt.Errorf("read input: %w", gone)
		service, sink := scripted("slow", after(9*time.Second, answers(worker.Done, ""))), &recordings{}
		service.latency = time.Second
		service.answers["back"] = []way{answers(worker.Transient, "http_503")}
		err := lonePool(service, &openLimiter{}, worker.Options{
			Jitter: func(time.Duration) time.Duration { return time.Minute },
		}).Run(t.Context(), late{source, 5 * time.Second}, sink)
		if !errors.Is(err, gone) || sink.usernames() != "quick slow back" || time.Since(start) != 62*time.Second {
			t.Errorf("after %v results for %s, error %v", time.Since(start), sink.usernames(), err)
		}
	})
}

// stuck is a Source that tells nothing until it is closed.
type stuck chan struct{}

func (s stuck) Next() (worker.Row, error) {
	<-s
	return worker.Row{Line: 2, Username: "too-late"}, nil
}

func TestSilentSourceHoldsNothingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, source := time.Now(), make(stuck)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		service, sink := scripted(""), &recordings{}
		err := lonePool(service, &openLimiter{}, worker.Options{}).Run(ctx, source, sink)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Minute {
			t.Errorf("ended after %v with %v, want the cause after 1m", time.Since(start), err)
		}
		close(source)
		synctest.Wait() // the bubble sees to it that the reading ends now
		if len(service.calls) != 0 || len(sink.results) != 0 {
			t.Errorf("%d calls, results %+v", len(service.calls), sink.results)
		}
	})
}

// TestRetryIsOnTime: one that is due while the call of another hangs.
func TestRetryIsOnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := scripted("user0", unheard("connection"), hangs)
		service.answers["user1"] = []way{after(time.Second, unheard("connection"))}
		err := lonePool(service, &openLimiter{}, worker.Options{
			Concurrency: 4,
			Jitter:      func(time.Duration) time.Duration { return 10 * time.Second },
		}).Run(t.Context(), users("user0", "user1"), &recordings{})
		if err != nil {
			t.Error(err)
		}
		var at []time.Duration
		for _, call := range service.calls {
			if call.username == "user1" {
				at = append(at, call.at)
			}
		}
		if len(at) != 2 || at[1] != 11*time.Second {
			t.Errorf("user1 was asked at %v, want the retry after 11s", at)
		}
	})
}

// TestRowsAreBoundedInBytes: of rows that are long, only a few are in memory.
func TestRowsAreBoundedInBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const megabyte = 1 << 20
		source := &longRows{left: 100, raw: strings.Repeat("x", 15*megabyte)}
		sink := &recordings{fail: func(worker.Result) error { source.held.Add(-1); return nil }}
		service := scripted("")
		service.latency = time.Second
		if err := lonePool(service, &openLimiter{}, worker.Options{}).Run(t.Context(), source, sink); err != nil || len(sink.results) != 100 {
			t.Errorf("%d results, error %v", len(sink.results), err)
		}
		if most := source.most.Load(); most > 5 {
			t.Errorf("%d rows of 15 MiB were held at once", most)
		}
	})
}

// TestFinishedRowsAreLetGo: a worker that waits for its next row does not hold on
// to its last one.
func TestFinishedRowsAreLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rows, megabyte = 64, 1 << 20
		source := &slowEnd{left: rows, size: megabyte, end: make(chan struct{})}
		service := scripted("")
		service.latency = time.Second
		ended := make(chan error)
		before := heapInUse()
		go func() {
			ended <- lonePool(service, &openLimiter{}, worker.Options{Concurrency: rows}).Run(t.Context(), source, &recordings{})
		}()
		time.Sleep(time.Minute)
		if grown := heapInUse() - before; grown > rows*megabyte/4 {
			t.Errorf("%d MiB are held after %d rows of a mebibyte", grown>>20, rows)
		}
		close(source.end)
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// heapInUse is how many bytes are in use after a garbage collection.
func heapInUse() int64 {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// slowEnd is a Source of rows of one length, which waits before its end.
type slowEnd struct {
	left, size int
	end        chan struct{}
}

func (s *slowEnd) Next() (worker.Row, error) {
	if s.left == 0 {
		<-s.end
		return worker.Row{}, io.EOF
	}
	s.left--
	return worker.Row{Line: 100 - s.left, Username: "ann", Raw: strings.Repeat("x", s.size)}, nil
}

// longRows is a Source of rows of one length, and counts those in memory.
type longRows struct {
	left       int
	raw        string
	held, most atomic.Int64
}

func (l *longRows) Next() (worker.Row, error) {
	if l.left == 0 {
		return worker.Row{}, io.EOF
	}
	l.left--
	l.most.Store(max(l.most.Load(), l.held.Add(1)))
	return worker.Row{Line: 100 - l.left, Username: "ann", Raw: l.raw}, nil
}
