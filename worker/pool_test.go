package worker_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
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
