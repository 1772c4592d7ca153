package ratelimit

import (
	"testing"
	"testing/synctest"
	"time"
)

// While many calls fail no phase grows, and the Reason tells so.
func TestNeverGrowsWhileFailing(t *testing.T) {
	for _, phase := range []phase{finding, settling, cruising, probing, yielding, returning} {
		m := in(phase, 0, 500)
		for now := 100 * time.Second; now < 130*time.Second; now += tickTime {
			s := at(m.rate * 0.88)
			s.now, s.failed = now, m.rate*0.12
			if m = m.tick(s); m.rate > 500 {
				t.Fatalf("phase %v grew to %v", phase, m.rate)
			}
		}
		if m.reason() != Failing {
			t.Errorf("phase %v: %q", phase, m.reason())
		}
	}
}

// Failed calls cut the rate as throttled ones do, and are counted apart.
func TestFailedCuts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var states []State
		for _, refuse := range []func(*Limiter){
			func(l *Limiter) { l.Observe(time.Now(), true) },
			func(l *Limiter) { l.Failed(time.Now()) },
		} {
			l := New(Options{})
			for range 100 {
				l.Observe(time.Now(), false)
			}
			time.Sleep(1200 * time.Millisecond)
			for range 3 {
				refuse(l)
			}
			states = append(states, l.State())
		}
		throttled, failed := states[0], states[1]
		if failed.Rate != throttled.Rate || failed.Ceiling != throttled.Ceiling || failed.Ceiling == 0 {
			t.Errorf("failures lead to %+v, throttles to %+v", failed, throttled)
		}
		if failed.Answered != 100 || failed.Throttled != 0 || failed.Failed != 3 || throttled.Failed != 0 {
			t.Errorf("counts of %+v and %+v", failed, throttled)
		}
	})
}

// Calls that fail are not accepted: with nothing else, the rate stays.
func TestFailedNeverGrows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{})
		for range 600 {
			l.Failed(time.Now().Add(-30 * time.Second))
			time.Sleep(100 * time.Millisecond)
			if rate := l.State().Rate; rate > startRate {
				t.Fatalf("rate %v", rate)
			}
		}
		if s := l.State(); s.Reason != Failing {
			t.Errorf("state %+v", s)
		}
	})
}
