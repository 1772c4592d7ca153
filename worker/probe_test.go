package worker_test

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cognito-confirm/worker"
)

// TestProbes: after the tenth failure in a row there is one probe at a time,
// after a wait that doubles up to its cap, and by each row in turn.
func TestProbes(t *testing.T) {
	for _, concurrency := range []int{10, 20, 256} {
		inBubble(t, fmt.Sprint(concurrency), func(t *testing.T) {
			r := newOutageRun(300)
			r.options.Concurrency, r.options.StallTimeout = concurrency, 10*time.Minute
			r.interval = time.Millisecond
			r.during(0, time.Hour, refused)
			_, err := r.run(t.Context())
			r.wantStall(t, err, "connection")
			for i, call := range r.calls[:10] {
				if want := time.Duration(i+1) * time.Millisecond; call.sent != want {
					t.Errorf("call %d sent at %v, want %v", i, call.sent, want)
				}
			}
			wait, probes := 200*time.Millisecond, r.calls[10:]
			if n := len(probes); n != 7+28 { // 25.4 s until the cap is reached, and then every 20
				t.Errorf("%d probes in ten minutes", n)
			}
			var askers []string
			for i, probe := range probes {
				// The first of them waits for its turn when the tenth fails, the
				// others when the probe before them does.
				gap := probe.sent - r.calls[9+i].ended
				slack := 260 * time.Millisecond // rows that are at the limiter or in their own backoff
				if i > 1 {
					slack = r.interval
				}
				if gap < wait || gap > wait+slack {
					t.Errorf("probe %d was sent %v after the one before, want %v", i, gap, wait)
				}
				wait = min(2*wait, 20*time.Second)
				askers = append(askers, probe.username)
			}
			for i := range len(askers) - 10 {
				if turn := slices.Clone(askers[i : i+10]); len(slices.Compact(slices.Sorted(slices.Values(turn)))) != 10 {
					t.Errorf("probes %d to %d are by %v, want ten rows in turn", i, i+9, turn)
				}
			}
		})
	}
}

// TestOutageIsTold: when it was recognised and what calls end with, while it lasts.
func TestOutageIsTold(t *testing.T) {
	inBubble(t, "since", func(t *testing.T) {
		r := newOutageRun(300)
		r.during(5*time.Second, 10*time.Minute, refused)
		r.options.StallTimeout = time.Hour
		pool := r.pool()
		if state := pool.State(); state != (worker.State{Concurrency: r.options.Concurrency}) {
			t.Errorf("before the run: %+v", state)
		}
		var mu sync.Mutex
		seen := make(map[time.Duration]time.Time)
		for _, at := range []time.Duration{4 * time.Second, 8 * time.Second, 9 * time.Minute, 11 * time.Minute} {
			time.AfterFunc(at, func() {
				mu.Lock()
				defer mu.Unlock()
				state := pool.State()
				if seen[at] = state.Outage; !state.Outage.IsZero() && state.Last.Code != "connection" {
					t.Errorf("the last call ended with %q", state.Last.Code)
				}
			})
		}
		_, err := r.runPool(t.Context(), pool)
		r.wantAllConfirmed(t, err)
		time.Sleep(time.Hour)
		var tenth *outageCall
		failed := 0
		for _, call := range r.calls {
			if call.failed {
				if failed++; failed == 10 {
					tenth = call
				}
			}
		}
		want := r.start.Add(tenth.ended)
		mu.Lock()
		defer mu.Unlock()
		if !seen[4*time.Second].IsZero() || !seen[8*time.Second].Equal(want) || !seen[9*time.Minute].Equal(want) || !seen[11*time.Minute].IsZero() {
			t.Errorf("outages since %v, want %v in the middle and none before and after", seen, want)
		}
	})
}

// TestShortTroubleIsNoOutage: nine failures in a row hold nobody.
func TestShortTroubleIsNoOutage(t *testing.T) {
	for _, failures := range []int{9, 10} {
		inBubble(t, fmt.Sprint(failures), func(t *testing.T) {
			r := newOutageRun(300)
			r.options.Concurrency = 256
			to := time.Second + time.Duration(failures)*r.interval // one call every interval
			r.during(time.Second, to, refused)
			took, err := r.run(t.Context())
			r.wantAllConfirmed(t, err)
			next := r.calls[slices.IndexFunc(r.calls, func(c *outageCall) bool { return c.sent >= to })]
			if held := next.sent > to; held != (failures == 10) {
				t.Errorf("after %d failures up to %v the next call was sent at %v", failures, to, next.sent)
			}
			// The rows that waited for a token give it up and wait for another.
			if took > 30*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// TestProbeDoesNotQueue: at a low rate the rows that stand at the limiter when an
// outage begins do not keep the probe from its token.
func TestProbeDoesNotQueue(t *testing.T) {
	inBubble(t, "one in two seconds", func(t *testing.T) {
		const interval, begin, end = 2 * time.Second, 10 * time.Second, 35 * time.Second
		r := newOutageRun(300)
		r.options.Concurrency, r.interval = 256, interval
		r.during(begin, end, refused)
		_, err := r.run(t.Context())
		r.wantAllConfirmed(t, err)
		for i, call := range r.calls[1:] {
			// The longest wait before the first probes is 2 s.
			if gap := call.sent - r.calls[i].sent; gap > 2*interval {
				t.Errorf("no call for %v from %v on", gap, r.calls[i].sent)
			}
		}
	})
}

// TestOutageEndedByARefusal: any answer of the service itself shows that it is there.
func TestOutageEndedByARefusal(t *testing.T) {
	for name, verdict := range map[string]worker.Verdict{"refused": worker.Refused, "trigger": worker.TriggerFailed} {
		inBubble(t, name, func(t *testing.T) {
			r := newOutageRun(4)
			r.answer(forever, answers(verdict, "NoSuchUser"))
			r.during(0, time.Minute, refused)
			took, err := r.run(t.Context())
			others, unfinished := r.statuses(t)
			if err != nil || unfinished > 0 || len(others) != 4 || took > 2*time.Minute {
				t.Errorf("ended with %v after %v, %d unfinished, %q; want that all four are refused", err, took, unfinished, others)
			}
		})
	}
}

// TestFailureInAnOutageIsNotTheRows: an attempt that was on the wire when the
// outage ended is not the last one of its row.
func TestFailureInAnOutageIsNotTheRows(t *testing.T) {
	inBubble(t, "late", func(t *testing.T) {
		const unlucky = 20
		r := newOutageRun(2000)
		r.options.Concurrency, r.options.MaxAttempts = 16, 2
		r.during(5*time.Second, 15*time.Second, refused)
		network := r.fails
		var attempts atomic.Int32
		r.fails = func(since time.Duration, username string) way {
			if username != outageUser(unlucky) {
				return network(since, username)
			}
			switch attempts.Add(1) {
			case 1:
				return refused // by itself, at 1 s
			case 2:
				return hangs // from before the outage until after it
			}
			return nil
		}
		r.options.Jitter = func(ceiling time.Duration) time.Duration {
			if ceiling == 200*time.Millisecond && attempts.Load() == 1 && time.Since(r.start) < 2*time.Second {
				return 3500 * time.Millisecond
			}
			return ceiling
		}
		_, err := r.run(t.Context())
		r.wantAllConfirmed(t, err)
		for _, result := range r.results {
			if result.Row.Username == outageUser(unlucky) && (result.Attempts != 3 || result.Status != worker.StatusConfirmed) {
				t.Errorf("%d attempts and then %s, want success at the third", result.Attempts, result.Status)
			}
		}
	})
}
