package main

import (
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

// TestRateIsKept holds the calls that the service saw against the rate that
// was given: also those that it throttled, and with them those sent again.
func TestRateIsKept(t *testing.T) {
	t.Parallel()
	const rows, rate, burst = 100, 50, 1
	s := start(t)
	s.SetFaultShare(0.2, fakecognito.Fault{Code: "TooManyRequestsException"})
	started := time.Now()
	got := invoke(t, "run", "--user-pool-id", testPool, "--endpoint-url", s.url, "--rate", "50", put(t, t.TempDir(), "users.csv", numbered(rows)))
	took := time.Since(started)
	got.wantStatus(t, 0)

	calls := s.Calls()
	if len(calls) <= rows {
		t.Fatalf("%d calls for %d rows: none was throttled, so the test tests half", len(calls), rows)
	}
	// The first burst is free, and every other call has waited for a token.
	if least := time.Duration(len(calls)-burst) * time.Second / rate; took < least {
		t.Errorf("%d calls in %v; at %d/s they take at least %v", len(calls), took, rate, least)
	}
	if most := 3 * time.Duration(len(calls)) * time.Second / rate; took > most {
		t.Errorf("%d calls took %v: the rate is hardly used", len(calls), took)
	}
	for i, call := range calls {
		since := call.Received.Sub(started).Seconds()
		if most := since*rate + burst; float64(i+1) > most {
			t.Fatalf("%d calls in the first %.3f s; at %d/s there are at most %.1f", i+1, since, rate, most)
		}
	}
	// No window of any length has more than the rate and the burst in it. A
	// call that was late on its way stands nearer to the next than it was
	// sent: so much of that is allowed for as a busy machine may cause.
	const late = 0.3
	for i := range calls {
		for j := i; j < len(calls); j++ {
			window := calls[j].Received.Sub(calls[i].Received).Seconds()
			if most := (window+late)*rate + burst; float64(j-i+1) > most {
				t.Fatalf("%d calls within %.3f s; at %d/s there are at most %.1f", j-i+1, window, rate, most)
			}
		}
	}
}
