package worker_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"cognito-confirm/worker"
)

// A row that is no longer wanted at its turn is neither sent nor recorded. The
// others are done, even when that row was to probe for them.
func TestLeaveOut(t *testing.T) {
	invalid := &worker.Invalid{Code: "malformed_record"}
	for _, test := range []struct {
		name    string
		last    worker.Row
		answers []way // to the first calls of all
		others  int
	}{
		{"in its turn", worker.Row{Username: "last"}, nil, 3},
		{"alone", worker.Row{Username: "last"}, nil, 0},
		{"invalid", worker.Row{Invalid: invalid}, nil, 3},
		{"in an outage", worker.Row{Username: "last"}, repeat(12, answers(worker.Transient, "timeout")), 3},
		{"in a trial", worker.Row{Username: "last"}, repeat(1, answers(worker.FatalIfRepeated, "AccessDeniedException")), 1},
	} {
		inBubble(t, test.name, func(t *testing.T) {
			test.last.Line, test.last.Unended = 99, true
			source := users(numbered(test.others)...)
			source.rows = append(source.rows, test.last)
			var asked, calls atomic.Int64
			pool := worker.NewPool(worker.Options{
				Concurrency: 2, Jitter: func(ceiling time.Duration) time.Duration { return ceiling },
				LeaveOut: func(row worker.Row) bool {
					if row.Unended {
						asked.Add(1)
					}
					return row.Unended
				},
			}, worker.Operation{Name: "op", Limiter: &openLimiter{}, Call: func(ctx context.Context, row worker.Row) worker.Answer {
				if row.Unended {
					t.Error("it was sent")
				}
				if call := int(calls.Add(1)); call <= len(test.answers) {
					return test.answers[call-1](ctx)
				}
				return answers(worker.Done, "")(ctx)
			}})
			sink := &recordings{}
			if err := pool.Run(t.Context(), source, sink); err != nil || len(sink.results) != test.others || asked.Load() == 0 {
				t.Errorf("ended with %v, recorded %s, asked %d times", err, sink.usernames(), asked.Load())
			}
		})
	}
}

// It is asked when the wait for the quota is over, and not after the first call.
func TestLeaveOutLate(t *testing.T) {
	inBubble(t, "", func(t *testing.T) {
		start := time.Now()
		pool := worker.NewPool(worker.Options{
			Concurrency: 1,
			Jitter:      func(time.Duration) time.Duration { return 0 },
			LeaveOut:    func(worker.Row) bool { return time.Since(start) >= time.Second },
		}, worker.Operation{Name: "op", Limiter: slowLimiter{300 * time.Millisecond}, Call: func(ctx context.Context, row worker.Row) worker.Answer {
			if row.Username == "user2" && time.Since(start) < 5*time.Second {
				return answers(worker.Transient, "timeout")(ctx)
			}
			return answers(worker.Done, "")(ctx)
		}})
		sink := &recordings{}
		err := pool.Run(t.Context(), users("user1", "user2", "user3", "user4"), sink)
		if got := sink.usernames(); err != nil || got != "user1 user3 user2" {
			t.Errorf("ended with %v, recorded %q", err, got)
		}
	})
}

// slowLimiter lets every attempt wait for a while.
type slowLimiter struct{ wait time.Duration }

func (l slowLimiter) Wait(ctx context.Context) error {
	time.Sleep(l.wait)
	return ctx.Err()
}

func (slowLimiter) Observe(time.Time, bool) {}

func (slowLimiter) Failed(time.Time) {}
