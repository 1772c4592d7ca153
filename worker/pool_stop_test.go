package worker_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/worker"
)

// stopping is a run of four workers in which every call takes a second. One row
// is in flight for 11 s, one backs off for a minute, one is answered after 5.5 s
// with whatever is to stop the run, and behind them goes one row a second.
func stopping(t *testing.T, last fakecognito.Fault, source *rowList, sink *recordings) (took time.Duration, err error) {
	t.Helper()
	start := time.Now()
	service := slowPool(source)
	service.SetFault("slow", fakecognito.Fault{Kind: fakecognito.FaultSlow, Delay: 10 * time.Second})
	service.SetFault("back", fakecognito.Fault{Kind: fakecognito.FaultHTTP, Code: "503"})
	last.Delay = 4500 * time.Millisecond
	service.SetFault("last", last)
	err = lonePool(sdkClient(service), &openLimiter{}, worker.Options{
		UserPoolID: examplePool, Concurrency: 4, MaxConsecutiveFailures: 1,
		Jitter: func(time.Duration) time.Duration { return time.Minute },
	}).Run(t.Context(), source, sink)
	took = time.Since(start)
	for _, call := range service.Calls() {
		if after := call.Received.Sub(start); after > 5500*time.Millisecond {
			t.Errorf("%s was called after %v, when the run was stopped", call.Username, after)
		}
	}
	if calls := len(service.Calls()); calls != 9 {
		t.Errorf("%d calls, want 3 and 6 of the rows behind", calls)
	}
	return took, err
}

// recordedBesides is what becomes of the other rows of a stopping run.
const recordedBesides = "user0 user1 user2 user3 user4 user5 slow"

func stoppingRows() *rowList {
	return users(append([]string{"slow", "back", "last"}, numbered(1000)...)...)
}

func TestFatalErrorStopsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &recordings{}
		took, err := stopping(t, fakecognito.Fault{Code: "ExpiredTokenException", Message: "expired"}, stoppingRows(), sink)
		wantFatal(t, err, "ExpiredTokenException", "expired")
		if err.Error() != "ExpiredTokenException: expired" {
			t.Errorf("error text %q", err)
		}
		if sink.usernames() != recordedBesides || took != 11*time.Second {
			t.Errorf("after %v results for %s; want %s after 11s", took, sink.usernames(), recordedBesides)
		}
	})
}

func TestStreakStopsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := &recordings{}
		took, err := stopping(t, fakecognito.Fault{Code: "UserNotFoundException"}, stoppingRows(), sink)
		if streak, ok := errors.AsType[*worker.StreakError](err); !ok || streak.Rows != 1 {
			t.Errorf("error %v, want a streak of one", err)
		}
		// The row that ends the run is recorded too.
		if want := "user0 user1 user2 user3 user4 last user5 slow"; sink.usernames() != want || took != 11*time.Second {
			t.Errorf("after %v results for %s; want %s after 11s", took, sink.usernames(), want)
		}
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
		took, err := stopping(t, fakecognito.Fault{Kind: fakecognito.FaultSlow}, stoppingRows(), sink)
		if !errors.Is(err, full) || sink.usernames() != recordedBesides || took != 11*time.Second {
			t.Errorf("after %v results for %s, error %v; want %s after 11s", took, sink.usernames(), err, recordedBesides)
		}
	})
}

func TestSinkErrorForAnInvalidRow(t *testing.T) {
	full := errors.New("no space left on device")
	source := users("ann")
	source.rows[0].Invalid = &worker.Invalid{Code: "empty_username"}
	service := scripted()
	err := lonePool(sdkClient(service), &openLimiter{}, worker.Options{}).Run(t.Context(), source, &recordings{fail: func(worker.Result) error { return full }})
	if !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
}

// Not even a row that needs no call is taken when the run has ended.
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
			err := lonePool(sdkClient(scripted()), &openLimiter{}, worker.Options{Concurrency: 1}).Run(ctx, source, sink)
			if !errors.Is(err, interrupted) || len(sink.results) != 1 {
				t.Errorf("%d results, error %v, want one and the cause", len(sink.results), err)
			}
		})
	}
}

// late is a Source that waits before it ends.
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

func TestSourceErrorStopsTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, gone := time.Now(), errors.New("stale file handle")
		source := users("quick", "slow", "back")
		source.end = fmt.Errorf("read input: %w", gone)
		service, sink := slowPool(source), &recordings{}
		service.SetFault("slow", fakecognito.Fault{Kind: fakecognito.FaultSlow, Delay: 9 * time.Second})
		service.SetFault("back", fakecognito.Fault{Kind: fakecognito.FaultHTTP, Code: "503"})
		err := lonePool(sdkClient(service), &openLimiter{}, worker.Options{
			UserPoolID: examplePool, Jitter: func(time.Duration) time.Duration { return time.Minute },
		}).Run(t.Context(), late{source, 5 * time.Second}, sink)
		if !errors.Is(err, gone) || sink.usernames() != "quick slow" || time.Since(start) != 10*time.Second {
			t.Errorf("after %v results for %s, error %v", time.Since(start), sink.usernames(), err)
		}
	})
}

// The same with a real reader: what it read before the failure is done.
func TestReadErrorInTheMiddle(t *testing.T) {
	gone := errors.New("stale file handle")
	in := io.MultiReader(strings.NewReader("username\nann\nbob\n"), iotest.ErrReader(gone))
	reader, err := worker.NewReader(in, worker.ReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	sink := &recordings{}
	err = lonePool(sdkClient(scripted()), &openLimiter{}, worker.Options{UserPoolID: examplePool}).Run(t.Context(), reader, sink)
	if !errors.Is(err, gone) || err.Error() != "read input: stale file handle" {
		t.Errorf("error %v", err)
	}
	if names := sink.usernames(); strings.Trim(names, "anbo ") != "" {
		t.Errorf("results for %q", names)
	}
}

// stuck is a Source whose Next never returns until it is let go, as a read from
// a pipe that nobody writes to.
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
		service, sink := scripted(), &recordings{}
		err := lonePool(sdkClient(service), &openLimiter{}, worker.Options{}).Run(ctx, source, sink)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Minute {
			t.Errorf("ended after %v with %v, want the cause after 1m", time.Since(start), err)
		}
		close(source)
		synctest.Wait() // the bubble sees to it that the reading ends now
		if service.calls() != 0 || len(sink.results) != 0 {
			t.Errorf("%d calls, results %+v", service.calls(), sink.results)
		}
	})
}
