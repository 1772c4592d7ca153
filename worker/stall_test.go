package worker_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"cognito-confirm/worker"
)

// TestStall: the run is stopped the stall timeout after the first attempt that
// did not get through was sent, to the nanosecond, and no row has failed.
func TestStall(t *testing.T) {
	for code, way := range outageWays() {
		for _, from := range []time.Duration{0, 5 * time.Second} {
			for _, concurrency := range []int{1, 256} {
				inBubble(t, fmt.Sprintf("%s/from %v/%d rows", code, from, concurrency), func(t *testing.T) {
					r := newOutageRun(300)
					r.options.Concurrency = concurrency
					r.during(from, 24*time.Hour, way)
					took, err := r.run(t.Context())
					r.wantStall(t, err, code)
					first := r.calls[slices.IndexFunc(r.calls, func(c *outageCall) bool { return c.failed })]
					want := first.sent + r.options.StallTimeout
					if last := r.calls[len(r.calls)-1]; last.sent < want && want < last.ended {
						want = last.ended // a call on the wire is waited for
					}
					if took != want {
						t.Errorf("took %v, want %v", took, want)
					}
				})
			}
		}
	}
}

// TestOutageAroundTheStallTimeout: one that is shorter is waited out.
func TestOutageAroundTheStallTimeout(t *testing.T) {
	for length, stalls := range map[time.Duration]bool{4 * time.Minute: false, 5*time.Minute - 21*time.Second: false, 5*time.Minute + time.Second: true} {
		inBubble(t, fmt.Sprint(length), func(t *testing.T) {
			r := newOutageRun(300)
			r.during(5*time.Second, 5*time.Second+length, refused)
			_, err := r.run(t.Context())
			if stalls {
				r.wantStall(t, err, "connection")
				return
			}
			r.wantAllConfirmed(t, err)
		})
	}
}

// TestOutagesOneAfterTheOther: each of them has the stall timeout to itself.
func TestOutagesOneAfterTheOther(t *testing.T) {
	inBubble(t, "six", func(t *testing.T) {
		r := newOutageRun(3000)
		r.fails = func(since time.Duration, _ string) way {
			if since%(5*time.Minute) > 30*time.Second {
				return refused
			}
			return nil
		}
		took, err := r.run(t.Context())
		r.wantAllConfirmed(t, err)
		if took < 25*time.Minute {
			t.Errorf("took %v, which is less than six outages", took)
		}
	})
}

// TestHungCallIsNoStall: one call that hangs for longer than the stall timeout,
// while the others are answered.
func TestHungCallIsNoStall(t *testing.T) {
	inBubble(t, "hung", func(t *testing.T) {
		r := newOutageRun(1200) // a minute
		r.options.StallTimeout = 10 * time.Second
		hung := false
		r.fails = func(_ time.Duration, username string) way {
			if username == outageUser(100) && !hung {
				hung = true
				return hangs
			}
			return nil
		}
		_, err := r.run(t.Context())
		r.wantAllConfirmed(t, err)
	})
}

// TestQuotaOfZero: a quota of zero that lasts ends the run as a stall. When it is
// raised in time, every row is done: a throttle is never the outcome of a row.
func TestQuotaOfZero(t *testing.T) {
	for _, concurrency := range []int{1, 256} {
		for _, length := range []time.Duration{4*time.Minute + 59*time.Second, 6 * time.Minute} {
			inBubble(t, fmt.Sprintf("%v/%d rows", length, concurrency), func(t *testing.T) {
				r := newOutageRun(20)
				r.interval = time.Second
				r.options.Concurrency, r.options.MaxAttempts = concurrency, 1
				time.AfterFunc(5*time.Second+time.Millisecond, func() { r.answer(forever, answers(worker.Throttled, "TooManyRequestsException")) })
				time.AfterFunc(5*time.Second+length, func() { r.answer(0, nil) })
				took, err := r.run(t.Context())
				if length < r.options.StallTimeout {
					r.wantAllConfirmed(t, err)
				} else {
					r.wantStall(t, err, "TooManyRequestsException")
					if want := 5*time.Second + r.interval + r.options.StallTimeout; took != want {
						t.Errorf("took %v, want %v", took, want)
					}
				}
				time.Sleep(time.Hour) // for the second change of the quota
			})
		}
	}
}

// TestNoStall: time in which nothing is sent, or in which answers are only rare,
// does not count.
func TestNoStall(t *testing.T) {
	inBubble(t, "low rate", func(t *testing.T) {
		r := newOutageRun(20)
		r.interval = 10 * time.Minute
		_, err := r.run(t.Context())
		r.wantAllConfirmed(t, err)
	})
	inBubble(t, "slow input", func(t *testing.T) {
		r := newOutageRun(20)
		r.options.StallTimeout = time.Minute
		failed := make(map[string]bool)
		r.fails = func(_ time.Duration, username string) way {
			if failed[username] {
				return nil
			}
			failed[username] = true
			return refused
		}
		pool, start := r.pool(), time.Now()
		r.start = start
		err := pool.Run(t.Context(), outageSlowly{r}, r)
		r.wantAllConfirmed(t, err)
		if took := time.Since(start); took < 20*time.Hour {
			t.Errorf("took %v", took)
		}
	})
	inBubble(t, "slow answers", func(t *testing.T) {
		r := newOutageRun(20)
		r.options.Timeout, r.options.StallTimeout = time.Hour, time.Minute
		r.service = func(context.Context, worker.Row) worker.Answer {
			time.Sleep(30 * time.Minute)
			return worker.Answer{Verdict: worker.Done}
		}
		_, err := r.run(t.Context())
		r.wantAllConfirmed(t, err)
	})
}

// outageSlowly has a row an hour.
type outageSlowly struct{ *outageRun }

func (s outageSlowly) Next() (worker.Row, error) {
	time.Sleep(time.Hour)
	return s.outageRun.Next()
}

// TestCancelledInAnOutage: whatever the rows wait for, they go at once.
func TestCancelledInAnOutage(t *testing.T) {
	why := errors.New("why it was cancelled")
	for _, concurrency := range []int{1, 8, 256} {
		for _, after := range []time.Duration{0, time.Millisecond, 100 * time.Millisecond, time.Second, 12345 * time.Millisecond, 100*time.Second + 1} {
			inBubble(t, fmt.Sprintf("%v/%d rows", after, concurrency), func(t *testing.T) {
				r := newOutageRun(300)
				r.options.Concurrency = concurrency
				r.during(0, time.Hour, refused)
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(after, func() { cancel(why) })
				took, err := r.run(ctx)
				if !errors.Is(err, why) || took != after || len(r.results) > 0 {
					t.Errorf("ended with %v after %v, %d results; want %v after %v", err, took, len(r.results), why, after)
				}
			})
		}
	}
}

// TestFatalInAnOutage: the probe hears it, and nobody else asks.
func TestFatalInAnOutage(t *testing.T) {
	inBubble(t, "expired", func(t *testing.T) {
		r := newOutageRun(300)
		r.options.Concurrency = 256
		r.during(5*time.Second, 2*time.Minute, refused)
		time.AfterFunc(time.Minute, func() { r.answer(forever, answers(worker.Fatal, "ExpiredTokenException")) })
		_, err := r.run(t.Context())
		fatal, ok := errors.AsType[*worker.FatalError](err)
		if !ok || fatal.Code != "ExpiredTokenException" {
			t.Errorf("ended with %v", err)
		}
		if others, _ := r.statuses(t); others != nil {
			t.Errorf("results %q, want none but confirmed", others)
		}
		// Others got through before, so it takes three rows.
		calls := r.calls[len(r.calls)-4:]
		if calls[3].failed || calls[2].failed || calls[1].failed || calls[0].sent > 2*time.Minute {
			t.Errorf("the last calls were sent at %v, %v, %v and %v, want three after the outage", calls[0].sent, calls[1].sent, calls[2].sent, calls[3].sent)
		}
	})
}

// silentSource is an input that is silent before one of its rows.
type silentSource struct {
	*outageRun
	row  int
	wait time.Duration
}

func (s silentSource) Next() (worker.Row, error) {
	if s.next+1 == s.row {
		time.Sleep(s.wait)
	}
	return s.outageRun.Next()
}

// TestSilentInputIsNoStall: a row that has failed starts no stall when there is
// nothing else to do.
func TestSilentInputIsNoStall(t *testing.T) {
	for silent := 7; silent <= 20; silent++ {
		inBubble(t, fmt.Sprintf("before row %d", silent), func(t *testing.T) {
			r := newOutageRun(60)
			r.poisoned(refused, outageUser(5))
			r.options.MaxAttempts, r.options.Concurrency = 4, 2
			r.interval = 200 * time.Millisecond
			err := r.pool().Run(t.Context(), silentSource{r, silent, time.Hour}, r)
			others, unfinished := r.statuses(t)
			if err != nil || unfinished > 0 || len(others) != 1 {
				t.Errorf("ended with %v, %d unfinished, %q; want that one has failed", err, unfinished, others)
			}
		})
	}
}
