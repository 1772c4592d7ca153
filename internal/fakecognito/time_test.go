package fakecognito_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/fakecognito"
)

// call sends one AdminConfirmSignUp straight to the handler and returns the code
// of its answer.
func call(t *testing.T, s *fakecognito.Server, username string) string {
	t.Helper()
	body := fmt.Sprintf(`{"UserPoolId":%q,"Username":%q}`, poolID, username)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService.AdminConfirmSignUp")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 ...")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	var answer struct {
		Type string `json:"__type"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Errorf("answer %q: %v", w.Body, err)
	}
	return answer.Type
}

func TestQuotaThroughTheHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := fakecognito.New(fakecognito.Options{AcceptAnyone: true, Quota: fakecognito.Quota{Rate: 50, Burst: 5}})
		// 100 calls a second for 10 s, each at its millisecond: 5 from the burst, then 50 a second.
		granted := 0
		for range 1000 {
			switch code := call(t, s, "ann"); code {
			case "":
				granted++
			case "TooManyRequestsException":
			default:
				t.Fatalf("code %s", code)
			}
			time.Sleep(10 * time.Millisecond)
		}
		// The last call is at 9.99 s, by when 499 tokens have come back.
		if want := 5 + 499; granted != want {
			t.Errorf("%d calls granted, want %d", granted, want)
		}
		counts := s.Counts()
		if counts.Calls != 1000 || counts.Throttled != int64(1000-granted) || counts.Confirmed != int64(granted) {
			t.Errorf("counts %+v", counts)
		}

		s.SetQuota(fakecognito.Quota{Blocked: true})
		time.Sleep(time.Hour)
		if code := call(t, s, "ann"); code != "TooManyRequestsException" {
			t.Errorf("a blocked quota answered %q", code)
		}
		s.SetQuota(fakecognito.Quota{})
		if code := call(t, s, "ann"); code != "" {
			t.Errorf("without a quota: %q", code)
		}
	})
}

func TestRefusedCallsDoNotDrawOnTheQuota(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{Quota: fakecognito.Quota{Burst: 1}})
	s.AddUser("ann", fakecognito.Unconfirmed)
	if code := call(t, s, "an n"); code != "InvalidParameterException" {
		t.Fatalf("code %q", code)
	}
	if code := call(t, s, "ann"); code != "" {
		t.Errorf("code %q: the call before took the only token", code)
	}
}

func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const latency, jitter = 20 * time.Millisecond, 10 * time.Millisecond
		s := fakecognito.New(fakecognito.Options{
			AcceptAnyone: true, LogCalls: true, Latency: latency, LatencyJitter: jitter,
		})
		s.SetFault("slow", fakecognito.Fault{Kind: fakecognito.FaultSlow, Delay: time.Minute})
		var shortest, longest time.Duration = time.Hour, 0
		for range 1000 {
			start := time.Now()
			call(t, s, "ann")
			took := time.Since(start)
			shortest, longest = min(shortest, took), max(longest, took)
		}
		if shortest < latency || shortest > latency+jitter/20 || longest < latency+jitter*19/20 || longest > latency+jitter {
			t.Errorf("answers took %v to %v, want all of %v to %v", shortest, longest, latency, latency+jitter)
		}

		start := time.Now()
		if code := call(t, s, "slow"); code != "" {
			t.Errorf("code %q", code)
		}
		took := time.Since(start)
		if took < time.Minute+latency || took > time.Minute+latency+jitter {
			t.Errorf("the slow answer took %v", took)
		}
		calls := s.Calls()
		if last := calls[len(calls)-1]; last.Answered.Sub(last.Received) != took || !last.Received.Equal(start) {
			t.Errorf("log has %v to %v, want %v from %v", last.Received, last.Answered, took, start)
		}
	})
}

func TestConfirmationTakesEffectOnArrival(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := fakecognito.New(fakecognito.Options{Latency: time.Minute})
		s.AddUser("ann", fakecognito.Unconfirmed)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := newClient("http://stand-in.invalid", offline(s)).AdminConfirmSignUp(ctx, confirmInput("ann"))
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		wantStatus(t, s, "ann", fakecognito.Confirmed)
	})
}
