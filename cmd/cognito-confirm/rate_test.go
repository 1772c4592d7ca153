package main

import (
	"fmt"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

// TestRateIsKept holds the calls that the service saw against the rate that
// was given, also those that it throttled and with them those sent again.
func TestRateIsKept(t *testing.T) {
	const rate, burst = 25, 1
	tests := []struct {
		name            string
		rows, throttled int
	}{
		{"nothing in the way", 100, 0},
		{"throttled now and then", 40, 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			for i := range test.throttled {
				s.SetFault(fmt.Sprintf("user%04d", i*test.rows/test.throttled), fakecognito.Fault{Code: "TooManyRequestsException", Times: 1})
			}
			input := put(t, t.TempDir(), "users.csv", numbered(test.rows))
			started := time.Now()
			invoke(t, "run", "--user-pool-id", testPool, "--endpoint-url", s.url, "--rate", fmt.Sprint(rate), input).wantStatus(t, 0)

			calls := s.Calls()
			if want := test.rows + test.throttled; len(calls) != want {
				t.Fatalf("%d calls, want %d", len(calls), want)
			}
			// From call to call: how long the disk takes is another matter.
			took := calls[len(calls)-1].Received.Sub(calls[0].Received)
			if most := 3 * time.Duration(len(calls)) * time.Second / rate; test.throttled == 0 && took > most {
				t.Errorf("%d calls took %v: the rate is hardly used", len(calls), took)
			}
			wantRate(t, calls, started, rate, burst)
		})
	}
}

// wantRate makes sure that no window of any length has more calls in it than
// the rate and the burst allow.
func wantRate(t *testing.T, calls []fakecognito.Call, started time.Time, rate, burst float64) {
	t.Helper()
	for i, call := range calls {
		since := call.Received.Sub(started).Seconds()
		if most := since*rate + burst; float64(i+1) > most {
			t.Fatalf("%d calls in the first %.3f s; at %g/s there are at most %.1f", i+1, since, rate, most)
		}
	}
	// A call that was late on its way stands nearer to the next than it was
	// sent: so much of that is allowed for as a busy machine may cause.
	const late = 0.3
	for i := range calls {
		for j := i; j < len(calls); j++ {
			window := calls[j].Received.Sub(calls[i].Received).Seconds()
			if most := (window+late)*rate + burst; float64(j-i+1) > most {
				t.Fatalf("%d calls within %.3f s; at %g/s there are at most %.1f", j-i+1, window, rate, most)
			}
		}
	}
}
