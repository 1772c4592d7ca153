package worker_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"cognito-confirm/worker"
)

// twoSteps is a run whose rows need two operations, over a network of its own each.
// The source and the sink are those of the first.
type twoSteps [2]*outageRun

func newTwoSteps(rows int) twoSteps { return twoSteps{newOutageRun(rows), newOutageRun(rows)} }

func (s twoSteps) run(ctx context.Context) (time.Duration, error) {
	for _, step := range s {
		step.turn, step.start = make(chan struct{}, 1), time.Now()
	}
	pool := worker.NewPool(s[0].options,
		worker.Operation{Name: "Confirm", Limiter: s[0], Call: s[0].call},
		worker.Operation{Name: "Mark", Limiter: s[1], Call: s[1].call})
	err := pool.Run(ctx, s[0], s[0])
	return time.Since(s[0].start), err
}

// eachStep runs a test with each operation in turn as the bad one.
func eachStep(t *testing.T, name string, rows int, test func(t *testing.T, s twoSteps, bad, other *outageRun)) {
	t.Helper()
	for i, step := range []string{"first", "second"} {
		for _, concurrency := range []int{1, 8, 256} {
			inBubble(t, fmt.Sprintf("%s/%s/%d at a time", name, step, concurrency), func(t *testing.T) {
				s := newTwoSteps(rows)
				s[0].options.Concurrency = concurrency
				test(t, s, s[i], s[1-i])
			})
		}
	}
}

// sentIn counts the calls that were sent in a span of time.
func (r *outageRun) sentIn(from, to time.Duration) (n int) {
	for _, call := range r.calls {
		if call.sent >= from && call.sent < to {
			n++
		}
	}
	return n
}

// TestOutageOfOneStep: while one operation does not work, the other one is not
// begun for more than the rows that probe, and no row fails.
func TestOutageOfOneStep(t *testing.T) {
	for code, way := range outageWays() {
		eachStep(t, code, 600, func(t *testing.T, s twoSteps, bad, other *outageRun) {
			bad.during(5*time.Second, 125*time.Second, way)
			took, err := s.run(t.Context())
			s[0].wantAllConfirmed(t, err)
			// 40 s are for the timeouts that show the outage to one row after the other.
			probes, others := bad.sentIn(45*time.Second, 125*time.Second), other.sentIn(45*time.Second, 125*time.Second)
			if s[0].options.Concurrency > 1 && (probes > 12 || others > probes) {
				t.Errorf("%d calls during the outage, %d of the other operation", probes, others)
			}
			if took > 220*time.Second && code != "timeout" {
				t.Errorf("took %v", took)
			}
		})
	}
}

// TestStallOfOneStep: the run stalls even while the other operation works.
func TestStallOfOneStep(t *testing.T) {
	ways := outageWays()
	ways["TooManyRequestsException"] = answers(worker.Throttled, "TooManyRequestsException")
	for code, way := range ways {
		eachStep(t, code, 600, func(t *testing.T, s twoSteps, bad, _ *outageRun) {
			bad.during(5*time.Second, 24*time.Hour, way)
			took, err := s.run(t.Context())
			s[0].wantStall(t, err, code)
			if took > 6*time.Minute {
				t.Errorf("took %v", took)
			}
		})
	}
}

// TestFatalStep: what every row would get costs two calls, three where some got
// through before, and no row fails for it.
func TestFatalStep(t *testing.T) {
	denied := answers(worker.Fatal, "AccessDeniedException")
	for from, most := range map[time.Duration]int{0: 2, 10 * time.Second: 3} {
		eachStep(t, fmt.Sprint(from), 600, func(t *testing.T, s twoSteps, bad, other *outageRun) {
			bad.during(from, 24*time.Hour, denied)
			_, err := s.run(t.Context())
			fatal, ok := errors.AsType[*worker.FatalError](err)
			if !ok || fatal.Operation != map[bool]string{true: "Confirm", false: "Mark"}[bad == s[0]] {
				t.Errorf("ended with %v (%+v)", err, fatal)
			}
			if others, _ := s[0].statuses(t); others != nil || from == 0 && len(s[0].results) > 0 {
				t.Errorf("%d results, %q", len(s[0].results), others)
			}
			failed := 0
			for _, call := range bad.calls {
				if call.failed {
					failed++
				}
			}
			// Calls on the wire of before the trial may get the answer, too.
			if failed > most && from == 0 || failed > most+1 {
				t.Errorf("%d calls were denied, want %d", failed, most)
			}
			if from == 0 && len(other.calls) > most {
				t.Errorf("%d calls of the other operation", len(other.calls))
			}
		})
	}
}

// TestOneRowOfOneStep: a row that alone gets bad answers fails with the status of
// that operation, after all attempts that a row has for it.
func TestOneRowOfOneStep(t *testing.T) {
	for name, way := range map[string]way{
		"transient": answers(worker.Transient, "InternalErrorException"),
		"lost":      unheard("timeout"),
		"refused":   answers(worker.Refused, "UserNotFoundException"),
		"fatal":     answers(worker.Fatal, "AccessDeniedException"),
		"trigger":   answers(worker.TriggerFailed, "UserLambdaValidationException"),
	} {
		for _, user := range []int{1, 2, 50, 150} {
			eachStep(t, fmt.Sprintf("%s/row %d", name, user), 200, func(t *testing.T, s twoSteps, bad, _ *outageRun) {
				bad.poisoned(way, outageUser(user))
				_, err := s.run(t.Context())
				others, unfinished := s[0].statuses(t)
				status, attempts := "failed", map[string]int{"transient": 8, "lost": 8, "refused": 1, "fatal": 2, "trigger": 1}[name]
				switch {
				case bad == s[1]:
					status = "not_verified"
					attempts++
				case name == "trigger":
					status = "trigger_failed"
				}
				if err != nil || unfinished > 0 || len(others) != 1 || !strings.HasPrefix(others[0], outageUser(user)+" "+status+" ") {
					t.Fatalf("ended with %v, %d unfinished, %q", err, unfinished, others)
				}
				if !strings.HasSuffix(others[0], fmt.Sprintf(" %d", attempts)) {
					t.Errorf("%q, want %d attempts", others, attempts)
				}
			})
		}
	}
}

// TestStreakOfOneStep: rows that fail by either operation end the run.
func TestStreakOfOneStep(t *testing.T) {
	eachStep(t, "refused", 300, func(t *testing.T, s twoSteps, bad, _ *outageRun) {
		s[0].options.MaxConsecutiveFailures = 20
		bad.during(5*time.Second, 24*time.Hour, answers(worker.Refused, "InvalidParameterException"))
		_, err := s.run(t.Context())
		streak, ok := errors.AsType[*worker.StreakError](err)
		if !ok || streak.Rows != 20 || streak.Code != "InvalidParameterException" || streak.Trigger {
			t.Errorf("ended with %v", err)
		}
	})
}

// TestEndBetweenSteps: a row that had only its first call has no result, so that
// the next run does it. No call is begun after the end.
func TestEndBetweenSteps(t *testing.T) {
	for _, after := range []time.Duration{0, 30 * time.Millisecond, time.Second, 3010 * time.Millisecond, 7 * time.Second} {
		for _, concurrency := range []int{1, 8, 256} {
			inBubble(t, fmt.Sprintf("%v/%d at a time", after, concurrency), func(t *testing.T) {
				s := newTwoSteps(600)
				s[0].options.Concurrency = concurrency
				s[1].interval = 110 * time.Millisecond // rows wait between their calls
				for _, step := range s {
					step.service = func(context.Context, worker.Row) worker.Answer {
						time.Sleep(70 * time.Millisecond)
						return worker.Answer{Verdict: worker.Done, Answered: true}
					}
				}
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(after, func() { cancel(errInterrupted) })
				took, err := s.run(ctx)
				if !errors.Is(err, errInterrupted) || took > after+70*time.Millisecond {
					t.Errorf("ended with %v after %v", err, took)
				}
				marked := make(map[string]bool)
				for _, call := range s[1].calls {
					marked[call.username] = true
				}
				for _, result := range s[0].results {
					if result.Attempts != 2 || !marked[result.Row.Username] {
						t.Errorf("a result after %d calls: %+v", result.Attempts, result)
					}
				}
				if len(s[0].results) != len(marked) {
					t.Errorf("%d results of %d users who are marked", len(s[0].results), len(marked))
				}
				for i, step := range s {
					if n := step.sentIn(after+1, time.Hour); n > 0 {
						t.Errorf("%d calls of operation %d were begun after the end", n, i)
					}
				}
			})
		}
	}
}

// every gives every nth call this answer.
func every(n int, w way) func(time.Duration, string) way {
	calls := 0
	return func(time.Duration, string) way {
		if calls++; calls%n == 0 {
			return w
		}
		return nil
	}
}

// TestThrottledStepInAnOutage: a throttle of one operation tells nothing about an
// outage of the other.
func TestThrottledStepInAnOutage(t *testing.T) {
	eachStep(t, "throttles", 600, func(t *testing.T, s twoSteps, bad, other *outageRun) {
		other.fails = every(2, answers(worker.Throttled, "TooManyRequestsException"))
		bad.during(5*time.Second, 125*time.Second, refused)
		_, err := s.run(t.Context())
		s[0].wantAllConfirmed(t, err)
		if probes := bad.sentIn(20*time.Second, 125*time.Second); s[0].options.Concurrency > 1 && probes > 12 {
			t.Errorf("%d calls during the outage", probes)
		}
	})
}

// TestFailuresOfOneStepAreNobodys: an operation fails for all rows, with throttles
// between, which keep it from being an outage. The rows do not fail for it, even
// while the other operation works.
func TestFailuresOfOneStepAreNobodys(t *testing.T) {
	eachStep(t, "failures", 300, func(t *testing.T, s twoSteps, bad, _ *outageRun) {
		s[0].options.MaxAttempts = 2
		throttles := every(5, answers(worker.Throttled, "TooManyRequestsException"))
		bad.fails = func(since time.Duration, username string) way {
			if since < 5*time.Second || since > 4*time.Minute {
				return nil
			}
			if throttled := throttles(since, username); throttled != nil {
				return throttled
			}
			return refused
		}
		_, err := s.run(t.Context())
		s[0].wantAllConfirmed(t, err)
	})
}
