package worker_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/worker"
)

// at returns when the calls were received, from the start.
func at(start time.Time, calls []fakecognito.Call) []time.Duration {
	var offsets []time.Duration
	for _, call := range calls {
		offsets = append(offsets, call.Received.Sub(start))
	}
	return offsets
}

func TestBackoffDoublesUpToItsCap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		service := fakecognito.New(fakecognito.Options{LogCalls: true, Latency: 10 * time.Millisecond})
		service.SetFault("ann", fakecognito.Fault{Kind: fakecognito.FaultHTTP, Code: "503"})
		var ceilings []time.Duration
		result, err := confirmAnn(t, service, worker.Options{MaxAttempts: 10, Jitter: func(ceiling time.Duration) time.Duration {
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
		if got := at(start, service.Calls()); !slices.Equal(got, want) {
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
		service := standIn(fakecognito.Unconfirmed, fakecognito.Fault{Kind: fakecognito.FaultReset})
		if result, err := confirmAnn(t, service, worker.Options{}); err != nil || result.Attempts != 8 {
			t.Errorf("result %+v, error %v, want 8 attempts by default", result, err)
		}
		calls := service.Calls()
		ceiling, fixed := 200*time.Millisecond, true
		for i := range len(calls) - 1 {
			wait := calls[i+1].Received.Sub(calls[i].Received)
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
		throttle := fakecognito.Fault{Code: "TooManyRequestsException", Times: 3}
		lost := fakecognito.Fault{Kind: fakecognito.FaultReset, Times: 1}
		service := standIn(fakecognito.Unconfirmed, throttle, lost, throttle, lost, throttle, lost, throttle)
		var ceilings []time.Duration
		result, err := confirmAnn(t, service, worker.Options{MaxAttempts: 3, Jitter: func(ceiling time.Duration) time.Duration {
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
		service := standIn(fakecognito.Unconfirmed, fakecognito.Fault{Code: "TooManyRequestsException", Times: 500})
		limiter := &openLimiter{}
		result, err := confirmAnnWith(t, sdkClient(service), limiter, worker.Options{MaxAttempts: 1})
		if err != nil || result.Status != worker.StatusConfirmed || result.Attempts != 501 || result.Throttled != 500 {
			t.Errorf("result %+v, error %v", result, err)
		}
		if limiter.tokens != 501 {
			t.Errorf("%d tokens were paid for 501 attempts", limiter.tokens)
		}
	})
}

// A user who turns out to be confirmed was confirmed by this run if an attempt
// of it may have done so unheard.
func TestWhoseConfirmationItWas(t *testing.T) {
	dial := func(op string, cause error) exchange {
		return breaks(&net.OpError{Op: op, Net: "tcp", Err: cause})
	}
	ours := map[string]exchange{
		"reset":            dial("read", os.NewSyscallError("read", syscall.ECONNRESET)),
		"broken pipe":      dial("write", os.NewSyscallError("write", syscall.EPIPE)),
		"no answer":        silent,
		"503":              page(http.StatusServiceUnavailable),
		"internal error":   refuses(http.StatusInternalServerError, "InternalErrorException", ""),
		"login page":       page(http.StatusOK),
		"truncated answer": says(http.StatusOK, "application/x-amz-json-1.1", "{"),
	}
	before := map[string]exchange{
		"refused":           dial("dial", os.NewSyscallError("connect", syscall.ECONNREFUSED)),
		"refused by proxy":  dial("proxyconnect", dialError()),
		"dial timeout":      dial("dial", os.ErrDeadlineExceeded),
		"throttle":          refuses(http.StatusBadRequest, "ThrottlingException", ""),
		"429":               page(http.StatusTooManyRequests),
		"refused signature": refuses(http.StatusBadRequest, "InvalidSignatureException", ""),
	}
	const said = "User cannot be confirmed. Current status is CONFIRMED"
	already := refuses(http.StatusBadRequest, "NotAuthorizedException", said)
	run := func(t *testing.T, answers ...exchange) worker.Result {
		result, err := confirmAnn(t, scripted(answers...), worker.Options{Timeout: time.Second})
		if err != nil || result.Attempts != len(answers) {
			t.Errorf("%d attempts, error %v", result.Attempts, err)
		}
		return result
	}
	for name, answer := range ours {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for _, answers := range [][]exchange{
					{answer, already},
					{answer, before["refused"], before["throttle"], already}, // not forgotten
				} {
					result := run(t, answers...)
					if result.Status != worker.StatusConfirmed || result.Code != "" ||
						result.Message != "confirmed, most likely by an earlier attempt of this run whose answer was lost" {
						t.Errorf("%s, code %q, message %q", result.Status, result.Code, result.Message)
					}
				}
			})
		})
	}
	for name, answer := range before {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				result := run(t, answer, already)
				if result.Status != worker.StatusAlreadyConfirmed || result.Code != "NotAuthorizedException" || result.Message != said {
					t.Errorf("%s, code %q, message %q", result.Status, result.Code, result.Message)
				}
			})
		})
	}
}

func dialError() error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
}

func TestAttemptTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// In time by a nanosecond, and late by one.
		for late, want := range map[time.Duration]worker.Status{-1: worker.StatusConfirmed, 1: worker.StatusFailed} {
			service := standIn(fakecognito.Unconfirmed, fakecognito.Fault{Kind: fakecognito.FaultSlow, Delay: 7*time.Second + late})
			result, err := confirmAnn(t, service, worker.Options{MaxAttempts: 1, Timeout: 7 * time.Second})
			if err != nil || result.Status != want || result.Duration != 7*time.Second+min(late, 0) {
				t.Errorf("late by %v: %s after %v, error %v, want %s", late, result.Status, result.Duration, err, want)
			}
		}
		service := standIn(fakecognito.Unconfirmed, fakecognito.Fault{Kind: fakecognito.FaultHang})
		if result, err := confirmAnn(t, service, worker.Options{MaxAttempts: 1}); err != nil || result.Duration != 30*time.Second {
			t.Errorf("gave up after %v, error %v, want 30s by default", result.Duration, err)
		}
	})
}

// The limiter hears of the attempts that the service answered, when they were
// sent and which of them were throttled, and of no other.
func TestObserve(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		service := fakecognito.New(fakecognito.Options{LogCalls: true, Latency: time.Second})
		service.AddUser("ann", fakecognito.Unconfirmed)
		service.SetFault("ann",
			fakecognito.Fault{Code: "TooManyRequestsException", Times: 1},
			fakecognito.Fault{Kind: fakecognito.FaultReset, Times: 1},
			fakecognito.Fault{Kind: fakecognito.FaultHTTP, Code: "503", Times: 1},
			fakecognito.Fault{Kind: fakecognito.FaultTruncated, Times: 1},
			fakecognito.Fault{Kind: fakecognito.FaultHTTP, Code: "200", Times: 1},
			fakecognito.Fault{Kind: fakecognito.FaultHTTP, Code: "429", Times: 1},
			fakecognito.Fault{Kind: fakecognito.FaultHang, Times: 1})
		limiter := &openLimiter{}
		result, err := confirmAnnWith(t, sdkClient(service), limiter, worker.Options{
			Timeout: 5 * time.Second,
			Jitter:  func(time.Duration) time.Duration { return 10 * time.Second },
		})
		if err != nil || result.Status != worker.StatusConfirmed || result.Attempts != 8 || result.Throttled != 2 {
			t.Errorf("result %+v, error %v", result, err)
		}
		seconds := func(n time.Duration) time.Time { return start.Add(n * time.Second) }
		want := []observation{
			{seconds(0), true},   // throttled
			{seconds(12), false}, // 503, after the reset at 1
			{seconds(45), true},  // 429, after the truncated answer at 23 and the page at 34
			{seconds(61), false}, // "already CONFIRMED", after the silence at 46
		}
		if !slices.Equal(limiter.observed, want) {
			t.Errorf("observed %v, want %v", limiter.observed, want)
		}
		calls := service.Calls()
		if last := calls[len(calls)-1]; result.RequestID != last.RequestID || result.RequestID == "" {
			t.Errorf("request id %q, want that of the last call, %q", result.RequestID, last.RequestID)
		}
	})
}

// brokenLimiter fails on its own account.
type brokenLimiter struct{ err error }

func (b brokenLimiter) Wait(context.Context) error { return b.err }
func (brokenLimiter) Observe(time.Time, bool)      {}

func TestLimiterErrorEndsTheRun(t *testing.T) {
	service, broken := scripted(), errors.New("the limiter is broken")
	result, err := confirmAnnWith(t, sdkClient(service), brokenLimiter{broken}, worker.Options{})
	if !errors.Is(err, broken) || result.Status != "" || service.calls() != 0 {
		t.Errorf("%d calls, result %+v, error %v", service.calls(), result, err)
	}
}
