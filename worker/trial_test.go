package worker_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cognito-confirm/worker"
)

// callsOf lists who was called, in order.
func (r *outageRun) callsOf() string {
	var names []string
	for _, call := range r.calls {
		names = append(names, strings.TrimLeft(strings.TrimPrefix(call.username, "user"), "0"))
	}
	return strings.Join(names, " ")
}

// TestFatalAtTheStart: what is fatal for every row costs two calls, whatever the
// concurrency, and one where there is no other row.
func TestFatalAtTheStart(t *testing.T) {
	for _, test := range []struct {
		verdict worker.Verdict
		rows    int
		calls   string
	}{
		{worker.Fatal, 300, "1 2"},
		{worker.FatalIfRepeated, 300, "1 2"},
		{worker.Fatal, 1, "1"},
		{worker.FatalIfRepeated, 1, "1 1"},
	} {
		for _, concurrency := range []int{1, 8, 256} {
			inBubble(t, fmt.Sprintf("%d/%d rows/%d at a time", test.verdict, test.rows, concurrency), func(t *testing.T) {
				r := newOutageRun(test.rows)
				r.options.Concurrency, r.interval = concurrency, 0
				r.answer(forever, func(ctx context.Context) worker.Answer {
					time.Sleep(80 * time.Millisecond)
					return answers(test.verdict, "AccessDeniedException")(ctx)
				})
				_, err := r.run(t.Context())
				fatal, ok := errors.AsType[*worker.FatalError](err)
				if !ok || fatal.Code != "AccessDeniedException" || fatal.Line < 2 || fatal.Line > 3 || fatal.Misconfigured {
					t.Errorf("ended with %#v", err)
				}
				if got := r.callsOf(); got != test.calls || len(r.results) > 0 {
					t.Errorf("called %s, %d results; want calls %s", got, len(r.results), test.calls)
				}
			})
		}
	}
}

// TestFatalForOneRow: a row that is answered so while others get through has
// failed, wherever it stands, and the run goes on.
func TestFatalForOneRow(t *testing.T) {
	for _, verdict := range []worker.Verdict{worker.Fatal, worker.FatalIfRepeated} {
		for _, user := range []int{1, 2, 50, 99} {
			for _, concurrency := range []int{1, 8, 256} {
				inBubble(t, fmt.Sprintf("%d/row %d/%d at a time", verdict, user, concurrency), func(t *testing.T) {
					r := newOutageRun(100)
					r.options.Concurrency = concurrency
					r.poisoned(answers(verdict, "AccessDeniedException"), outageUser(user))
					_, err := r.run(t.Context())
					others, unfinished := r.statuses(t)
					if err != nil || unfinished > 0 || len(others) != 1 || !strings.HasPrefix(others[0], outageUser(user)+" failed AccessDeniedException") {
						t.Errorf("ended with %v, %d unfinished, %q; want that the one has failed", err, unfinished, others)
					}
				})
			}
		}
	}
}

// TestFatalFromSomeTimeOn: credentials that expire end the run within a few
// calls, and no row fails for it.
func TestFatalFromSomeTimeOn(t *testing.T) {
	for _, verdict := range []worker.Verdict{worker.Fatal, worker.FatalIfRepeated} {
		for _, concurrency := range []int{1, 8, 256} {
			inBubble(t, fmt.Sprintf("%d/%d at a time", verdict, concurrency), func(t *testing.T) {
				r := newOutageRun(600)
				r.options.Concurrency = concurrency
				time.AfterFunc(10*time.Second, func() { r.answer(forever, answers(verdict, "ExpiredTokenException")) })
				took, err := r.run(t.Context())
				if fatal, ok := errors.AsType[*worker.FatalError](err); !ok || fatal.Code != "ExpiredTokenException" {
					t.Errorf("ended with %v", err)
				}
				if others, _ := r.statuses(t); others != nil || took > 10*time.Second+6*r.interval {
					t.Errorf("results %q after %v", others, took)
				}
			})
		}
	}
}

// TestTrialIsPatient: what tells nothing about the accused row does not end the
// trial: throttles, transient failures, invalid rows, calls of before.
func TestTrialIsPatient(t *testing.T) {
	inBubble(t, "throttles and failures", func(t *testing.T) {
		r := newOutageRun(100)
		r.fails = func(since time.Duration, username string) way {
			switch {
			case username == outageUser(20):
				return answers(worker.Fatal, "AccessDeniedException")
			case since > time.Second && since < 8*time.Second:
				return refused
			case since > 8*time.Second && since < 12*time.Second:
				return answers(worker.Throttled, "TooManyRequestsException")
			}
			return nil
		}
		_, err := r.run(t.Context())
		others, unfinished := r.statuses(t)
		if err != nil || unfinished > 0 || len(others) != 1 || !strings.HasPrefix(others[0], outageUser(20)+" failed AccessDeniedException 2") {
			t.Errorf("ended with %v, %d unfinished, %q; want that the one has failed at its second attempt", err, unfinished, others)
		}
	})
}

// TestScout: the first call of a run goes alone, but keeps nobody waiting for
// longer than a second.
func TestScout(t *testing.T) {
	inBubble(t, "a quick answer", func(t *testing.T) {
		r := newOutageRun(20)
		r.options.Concurrency, r.interval = 20, 0
		r.service = func(context.Context, worker.Row) worker.Answer {
			time.Sleep(80 * time.Millisecond)
			return worker.Answer{Verdict: worker.Done}
		}
		if took, err := r.run(t.Context()); err != nil || took != 160*time.Millisecond {
			t.Errorf("took %v, error %v", took, err)
		}
	})
	inBubble(t, "a slow one", func(t *testing.T) {
		r := newOutageRun(20)
		r.options.Concurrency, r.interval = 20, 0
		r.service = func(context.Context, worker.Row) worker.Answer {
			time.Sleep(15 * time.Second)
			return worker.Answer{Verdict: worker.Done}
		}
		if took, err := r.run(t.Context()); err != nil || took != 16*time.Second {
			t.Errorf("took %v, error %v", took, err)
		}
	})
	inBubble(t, "a transient failure", func(t *testing.T) {
		r := newOutageRun(20)
		r.options.Concurrency, r.interval = 20, 0
		r.during(0, 1, refused)
		took, err := r.run(t.Context())
		r.wantAllConfirmed(t, err)
		if took != 200*time.Millisecond {
			t.Errorf("took %v, want the one backoff", took)
		}
	})
}

// TestMisconfigured: before the service itself has answered, such an answer ends
// the run with one call; afterwards it is an outage.
func TestMisconfigured(t *testing.T) {
	wrong := func(context.Context) worker.Answer {
		return worker.Answer{Verdict: worker.Misconfigured, Code: "certificate"}
	}
	inBubble(t, "at the start", func(t *testing.T) {
		r := newOutageRun(300)
		r.options.Concurrency = 256
		r.during(0, time.Hour, wrong)
		_, err := r.run(t.Context())
		if fatal, ok := errors.AsType[*worker.FatalError](err); !ok || !fatal.Misconfigured || fatal.Code != "certificate" || len(r.calls) != 1 {
			t.Errorf("ended with %#v after %d calls", err, len(r.calls))
		}
	})
	for name, first := range map[string]way{"after a success": nil, "after a throttle": answers(worker.Throttled, "TooManyRequestsException")} {
		inBubble(t, name, func(t *testing.T) {
			r := newOutageRun(300)
			r.during(time.Second, 3*time.Minute, wrong)
			r.answer(1, first)
			if first == nil {
				r.answer(0, nil)
			}
			_, err := r.run(t.Context())
			r.wantAllConfirmed(t, err)
		})
	}
}

// TestExhausted: where calls cannot be made for want of descriptors, fewer are
// in flight, no row fails and every row is done.
func TestExhausted(t *testing.T) {
	for _, descriptors := range []int{1, 3, 20} {
		inBubble(t, fmt.Sprint(descriptors), func(t *testing.T) {
			r := newOutageRun(500)
			r.options.Concurrency, r.options.MaxAttempts, r.interval = 64, 2, time.Millisecond
			most := 0
			r.service = func(context.Context, worker.Row) worker.Answer {
				r.mu.Lock()
				inFlight := r.inFlight
				if time.Since(r.start) > 30*time.Second {
					most = max(most, inFlight)
				}
				r.mu.Unlock()
				if inFlight > descriptors {
					return worker.Answer{Verdict: worker.Exhausted, Code: "no_descriptors"}
				}
				time.Sleep(time.Second)
				return worker.Answer{Verdict: worker.Done}
			}
			pool := r.pool()
			_, err := r.runPool(t.Context(), pool)
			r.wantAllConfirmed(t, err)
			if slices.ContainsFunc(r.results, func(result worker.Result) bool { return result.Attempts != 1 }) {
				t.Error("an attempt that was never sent is counted")
			}
			if shortage := pool.State().Shortage; shortage != "no_descriptors" {
				t.Errorf("the shortage is %q", shortage)
			}
			if limit := pool.State().Concurrency; limit > descriptors || most > descriptors {
				t.Errorf("%d calls in flight are allowed, %d were, want at most %d", limit, most, descriptors)
			}
		})
	}
}

// TestLastRowThatAlwaysFails: when the service itself fails the one row that is
// left, over more than a minute, the row has failed. Two rows, or answers that
// are not the service's, are an outage.
func TestLastRowThatAlwaysFails(t *testing.T) {
	broken := func(context.Context) worker.Answer {
		return worker.Answer{Code: "InternalErrorException", Answered: true, InProtocol: true, MaybeDone: true}
	}
	inBubble(t, "one row", func(t *testing.T) {
		r := newOutageRun(1)
		r.during(0, 24*time.Hour, broken)
		took, err := r.run(t.Context())
		others, unfinished := r.statuses(t)
		if err != nil || unfinished > 0 || len(others) != 1 || took < time.Minute || took > 2*time.Minute {
			t.Errorf("ended with %v after %v, %d unfinished, %q; want that it has failed after a minute", err, took, unfinished, others)
		}
	})
	inBubble(t, "two rows", func(t *testing.T) {
		r := newOutageRun(2)
		r.during(0, 24*time.Hour, broken)
		_, err := r.run(t.Context())
		r.wantStall(t, err, "InternalErrorException")
	})
	inBubble(t, "not the service", func(t *testing.T) {
		r := newOutageRun(1)
		r.during(0, 24*time.Hour, answers(worker.Transient, "http_503"))
		_, err := r.run(t.Context())
		r.wantStall(t, err, "http_503")
	})
	inBubble(t, "one of the answers is not the service's", func(t *testing.T) {
		r := newOutageRun(1)
		r.fails = func(since time.Duration, _ string) way {
			if since < 100*time.Millisecond {
				return refused
			}
			return broken
		}
		_, err := r.run(t.Context())
		r.wantStall(t, err, "InternalErrorException")
	})
}
