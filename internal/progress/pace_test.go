package progress

import (
	"testing"

	"cognito-confirm/ratelimit"
)

// TestMarkingHidesNothing: the limit of marking is the reason where rows wait for it,
// and not where the rate is held back by something else.
func TestMarkingHidesNothing(t *testing.T) {
	const marking = "limited by the quota for marking as verified"
	for _, test := range []struct {
		pace     ratelimit.Reason
		speed    float64
		failures int
		want     string
	}{
		{ratelimit.Finding, 2.5, 0, marking},
		{ratelimit.Capped, 2.5, 0, marking},
		{ratelimit.Capped, 2.5, 1, marking},
		{ratelimit.Limited, 2.5, 0, marking},
		{ratelimit.Finding, 20, 0, "finding the quota"},
		{ratelimit.Finding, 2.5, 3, "finding the quota"},
		{ratelimit.Limited, 2.5, 3, ratelimit.Failing.String()},
		{ratelimit.Failing, 2.5, 3, ratelimit.Failing.String()},
		{ratelimit.Failing, 2.5, 0, ratelimit.Failing.String()},
		{ratelimit.Yielding, 2.5, 0, "yielding to other traffic"},
		{ratelimit.Cruising, 2.5, 0, "cruising below it"},
	} {
		v := View{Speed: test.speed, Pace: ratelimit.State{Rate: 40, Reason: test.pace}, Marking: ratelimit.State{Rate: 25}, Failures: test.failures}
		if got := v.reason(); len(got) == 0 || got[0] != test.want {
			t.Errorf("%v at %g/s after %d failures: %q, want %q", test.pace, test.speed, test.failures, got, test.want)
		}
	}
}
