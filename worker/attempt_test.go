package worker_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/worker"
)

// TestVerdicts: what each answer means for a row, and for the run.
func TestVerdicts(t *testing.T) {
	const lost = "confirmed, most likely by an earlier attempt of this run whose answer was lost"
	throttle := answers(worker.Throttled, "TooManyRequestsException")
	already, suspicious := answers(worker.AlreadyDone, "NotAuthorizedException"), answers(worker.FatalIfRepeated, "InvalidSignatureException")
	tests := []struct {
		name    string
		answers []way
		want    worker.Result
		fatal   string
	}{
		{"done", []way{answers(worker.Done, "")}, worker.Result{Status: "confirmed", Attempts: 1}, ""},
		{"done before", []way{already}, worker.Result{Status: "already_confirmed", Code: "NotAuthorizedException", Attempts: 1}, ""},
		{"refused", []way{answers(worker.Refused, "UserNotFoundException")}, worker.Result{Status: "failed", Code: "UserNotFoundException", Attempts: 1}, ""},
		{"trigger failed", []way{answers(worker.TriggerFailed, "UserLambdaValidationException")},
			worker.Result{Status: "trigger_failed", Code: "UserLambdaValidationException", Attempts: 1}, ""},
		{"throttled first", []way{throttle, throttle}, worker.Result{Status: "confirmed", Attempts: 3, Throttled: 2}, ""},
		{"failed to the last attempt", repeat(3, unheard("connection")), worker.Result{Status: "failed", Code: "connection", Attempts: 3}, ""},
		{"fatal", []way{answers(worker.Fatal, "ExpiredTokenException")}, worker.Result{}, "ExpiredTokenException"},
		{"fatal when it comes once", []way{suspicious}, worker.Result{Status: "confirmed", Attempts: 2}, ""},
		{"fatal when it comes twice", []way{suspicious, throttle, suspicious}, worker.Result{}, "InvalidSignatureException"},

		// A user who turns out to be confirmed counts as confirmed by this run if the
		// answer to one of its attempts was lost.
		{"ours after a lost answer", []way{unheard("timeout"), already}, worker.Result{Status: "confirmed", Message: lost, Attempts: 2}, ""},
		{"which is not forgotten", []way{unheard("timeout"), refused, throttle, already},
			worker.Result{Status: "confirmed", Message: lost, Attempts: 4, Throttled: 1}, ""},
		{"not ours when nothing was sent", []way{refused, already}, worker.Result{Status: "already_confirmed", Code: "NotAuthorizedException", Attempts: 2}, ""},
		{"nor after a throttle", []way{throttle, already}, worker.Result{Status: "already_confirmed", Code: "NotAuthorizedException", Attempts: 2, Throttled: 1}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				pool := lonePool(scripted("ann", test.answers...), &openLimiter{}, worker.Options{MaxAttempts: 3})
				if test.fatal != "" {
					pool = plainPool(scripted("ann", test.answers...), &openLimiter{}, worker.Options{})
				}
				result, err := runAnn(t, pool)
				fatal, _ := errors.AsType[*worker.FatalError](err)
				if test.fatal == "" && err != nil || test.fatal != "" && (fatal == nil || fatal.Code != test.fatal) {
					t.Errorf("ended with %v, want %q", err, test.fatal)
				}
				result.Row, result.StartedAt, result.Duration = worker.Row{}, time.Time{}, 0
				if !reflect.DeepEqual(result, test.want) {
					t.Errorf("got  %+v\nwant %+v", result, test.want)
				}
			})
		})
	}
}

func TestBackoffDoublesUpToItsCap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, service := time.Now(), scripted("ann", repeat(99, answers(worker.Transient, "http_503"))...)
		service.latency = 10 * time.Millisecond
		var ceilings []time.Duration
		result, err := confirmAnn(t, service, &openLimiter{}, worker.Options{MaxAttempts: 10, Jitter: func(ceiling time.Duration) time.Duration {
			ceilings = append(ceilings, ceiling)
			return ceiling / 2
		}})
		if err != nil || result.Attempts != 10 || result.Code != "http_503" {
			t.Errorf("result %+v, error %v", result, err)
		}
		const ms = time.Millisecond
		wantCeilings := []time.Duration{200 * ms, 400 * ms, 800 * ms, 1600 * ms, 3200 * ms, 6400 * ms, 12800 * ms, 20000 * ms, 20000 * ms}
		if !slices.Equal(ceilings, wantCeilings) {
			t.Errorf("ceilings %v, want %v", ceilings, wantCeilings)
		}
		// Half the ceiling and the latency each time.
		want := []time.Duration{0, 110 * ms, 320 * ms, 730 * ms, 1540 * ms, 3150 * ms, 6360 * ms, 12770 * ms, 22780 * ms, 32790 * ms}
		if got := service.times(); !slices.Equal(got, want) {
			t.Errorf("calls at %v, want %v", got, want)
		}
		if result.Duration != 32800*ms || !result.StartedAt.Equal(start) {
			t.Errorf("started %v after the start, took %v; want 0 and 32.8s", result.StartedAt.Sub(start), result.Duration)
		}
	})
}

// What the default does for one row; see TestFullJitter for the whole range.
func TestBackoffIsJittered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := scripted("ann", repeat(99, unheard("connection"))...)
		if result, err := confirmAnn(t, service, &openLimiter{}, worker.Options{}); err != nil || result.Attempts != 8 {
			t.Errorf("result %+v, error %v, want 8 attempts by default", result, err)
		}
		calls := service.times()
		ceiling, fixed := 200*time.Millisecond, true
		for i := range len(calls) - 1 {
			wait := calls[i+1] - calls[i]
			if wait < 0 || wait > ceiling {
				t.Errorf("wait %d was %v, want at most %v", i+1, wait, ceiling)
			}
			fixed = fixed && wait == ceiling
			ceiling *= 2
		}
		if fixed {
			t.Error("every wait was its ceiling")
		}
	})
}

func TestMaxAttemptsCountsNoThrottles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		throttles, lost := repeat(3, answers(worker.Throttled, "TooManyRequestsException")), []way{unheard("connection")}
		service := scripted("ann", slices.Concat(throttles, lost, throttles, lost, throttles, lost, throttles)...)
		var ceilings []time.Duration
		result, err := confirmAnn(t, service, &openLimiter{}, worker.Options{MaxAttempts: 3, Jitter: func(ceiling time.Duration) time.Duration {
			ceilings = append(ceilings, ceiling)
			return 0
		}})
		if err != nil || result.Status != worker.StatusFailed || result.Code != "connection" || result.Attempts != 12 || result.Throttled != 9 {
			t.Errorf("result %+v, error %v, want 3 failed attempts and 9 throttled ones", result, err)
		}
		if want := []time.Duration{200 * time.Millisecond, 400 * time.Millisecond}; !slices.Equal(ceilings, want) {
			t.Errorf("backed off by up to %v, want %v: a throttle is no failure", ceilings, want)
		}
	})
}

func TestThrottlesAreNeverTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limiter := &openLimiter{}
		service := scripted("ann", repeat(500, answers(worker.Throttled, "TooManyRequestsException"))...)
		result, err := confirmAnn(t, service, limiter, worker.Options{MaxAttempts: 1})
		if err != nil || result.Status != worker.StatusConfirmed || result.Attempts != 501 || result.Throttled != 500 {
			t.Errorf("result %+v, error %v", result, err)
		}
		if limiter.tokens != 501 {
			t.Errorf("%d tokens were paid for 501 attempts", limiter.tokens)
		}
	})
}

func TestAttemptTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		atOnce := func(time.Duration) time.Duration { return 0 }
		// In time by a nanosecond, and late by one.
		for late, want := range map[time.Duration]int{-1: 1, 1: 2} {
			service := scripted("ann", after(7*time.Second+late, answers(worker.Done, "")))
			result, err := confirmAnn(t, service, &openLimiter{}, worker.Options{Timeout: 7 * time.Second, Jitter: atOnce})
			if err != nil || result.Attempts != want || result.Duration != 7*time.Second+min(late, 0) {
				t.Errorf("late by %v: %d attempts in %v, error %v, want %d", late, result.Attempts, result.Duration, err, want)
			}
		}
		if result, err := confirmAnn(t, scripted("ann", hangs), &openLimiter{}, worker.Options{Jitter: atOnce}); err != nil || result.Duration != 30*time.Second {
			t.Errorf("gave up after %v, error %v, want 30s by default", result.Duration, err)
		}
	})
}

// The limiter is told how each attempt ended that could be made.
func TestObserve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, limiter := time.Now(), &openLimiter{}
		answered := func(verdict worker.Verdict, id string) way {
			return func(context.Context) worker.Answer {
				return worker.Answer{Verdict: verdict, RequestID: id, Answered: true}
			}
		}
		service := scripted("ann", answered(worker.Throttled, "1"), unheard("connection"), answered(worker.Transient, "2"), hangs,
			answers(worker.Exhausted, "no_ports"), answers(worker.Misconfigured, "unknown_host"), answered(worker.AlreadyDone, "3"))
		service.latency = time.Second
		result, err := confirmAnn(t, service, limiter, worker.Options{
			Timeout: 5 * time.Second,
			Jitter:  func(time.Duration) time.Duration { return 10 * time.Second },
		})
		if err != nil || result.Status != worker.StatusConfirmed || result.Attempts != 6 || result.Throttled != 1 {
			t.Errorf("result %+v, error %v", result, err)
		}
		seconds := func(n time.Duration) time.Time { return start.Add(n * time.Second) }
		want := []observation{
			{sent: seconds(0), throttled: true},
			{sent: seconds(1), failed: true},
			{sent: seconds(12), failed: true},
			{sent: seconds(23), failed: true}, // and heard of at 28
			{sent: seconds(49), failed: true}, // nothing was sent at 38
			{sent: seconds(60)},               // done before
		}
		if !slices.Equal(limiter.observed, want) {
			t.Errorf("observed %v, want %v", limiter.observed, want)
		}
		if result.RequestID != "3" {
			t.Errorf("request id %q, want that of the last answer", result.RequestID)
		}
	})
}

// brokenLimiter fails on its own account.
type brokenLimiter struct{ err error }

func (b brokenLimiter) Wait(context.Context) error { return b.err }
func (brokenLimiter) Observe(time.Time, bool)      {}
func (brokenLimiter) Failed(time.Time)             {}

func TestLimiterErrorEndsTheRun(t *testing.T) {
	service, broken := scripted("ann"), errors.New("the limiter is broken")
	result, err := confirmAnn(t, service, brokenLimiter{broken}, worker.Options{})
	if !errors.Is(err, broken) || result.Status != "" || len(service.calls) != 0 {
		t.Errorf("%d calls, result %+v, error %v", len(service.calls), result, err)
	}
}

// TestOperations: a row runs the operations in order, each with its own limiter,
// and its outcome is that of the first when the others succeed.
func TestOperations(t *testing.T) {
	tests := []struct {
		name          string
		first, second []way
		want          worker.Result
		calls         [2]int
	}{
		{"both done", nil, nil, worker.Result{Status: "confirmed", Attempts: 2}, [2]int{1, 1}},
		{"the first before", []way{answers(worker.AlreadyDone, "A")}, nil, worker.Result{Status: "already_confirmed", Code: "A", Attempts: 2}, [2]int{1, 1}},
		{"the second before", nil, []way{answers(worker.AlreadyDone, "B")}, worker.Result{Status: "confirmed", Attempts: 2}, [2]int{1, 1}},
		{"the first refused", []way{answers(worker.Refused, "A")}, nil, worker.Result{Status: "failed", Code: "A", Attempts: 1}, [2]int{1, 0}},
		{"the second refused", nil, []way{answers(worker.Refused, "B")}, worker.Result{Status: "not_verified", Code: "B", Attempts: 2}, [2]int{1, 1}},
		{"the second fails for a while", nil, []way{unheard("timeout"), unheard("timeout")}, worker.Result{Status: "confirmed", Attempts: 4}, [2]int{1, 3}},
		{"a lost answer of the first says nothing about the second", []way{unheard("timeout")}, []way{answers(worker.AlreadyDone, "B")},
			worker.Result{Status: "confirmed", Attempts: 3}, [2]int{2, 1}},
		{"each has a second chance", []way{answers(worker.FatalIfRepeated, "C")}, []way{answers(worker.FatalIfRepeated, "C")},
			worker.Result{Status: "confirmed", Attempts: 4}, [2]int{2, 2}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				services := [2]*script{scripted("ann", test.first...), scripted("ann", test.second...)}
				limiters := [2]*openLimiter{{}, {}}
				pool := worker.NewPool(worker.Options{},
					worker.Operation{Name: "First", Limiter: limiters[0], Call: services[0].call},
					worker.Operation{Name: "Second", Limiter: limiters[1], Call: services[1].call})
				pool.OthersSucceed()
				sink := &recordings{}
				if err := pool.Run(t.Context(), users("ann"), sink); err != nil || len(sink.results) != 1 {
					t.Fatalf("%d results, error %v", len(sink.results), err)
				}
				result := sink.results[0]
				result.Row, result.StartedAt, result.Duration = worker.Row{}, time.Time{}, 0
				if !reflect.DeepEqual(result, test.want) {
					t.Errorf("got  %+v\nwant %+v", result, test.want)
				}
				for i, want := range test.calls {
					if len(services[i].calls) != want || limiters[i].tokens != want {
						t.Errorf("operation %d: %d calls for %d tokens, want %d", i+1, len(services[i].calls), limiters[i].tokens, want)
					}
				}
			})
		})
	}
}
