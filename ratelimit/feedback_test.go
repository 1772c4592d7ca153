package ratelimit

import (
	"testing"
	"testing/synctest"
	"time"
)

// Throttles of calls sent before a cut do not cut again, however many they are.
func TestOldAnswersDoNotCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{})
		before := time.Now()
		for range 100 {
			l.Observe(before, false)
		}
		time.Sleep(1200 * time.Millisecond)
		l.Observe(before, true)
		l.Observe(before, true)
		after := l.State()
		if after.Ceiling == 0 || after.Rate >= startRate {
			t.Fatalf("no cut: %+v", after)
		}
		time.Sleep(200 * time.Millisecond)
		for range 100 {
			l.Observe(before, true)
		}
		if s := l.State(); s.Ceiling != after.Ceiling || s.Rate < after.Rate {
			t.Errorf("old answers cut %+v to %+v", after, s)
		}
		later := time.Now()
		time.Sleep(2 * time.Second)
		l.Observe(later, true)
		l.Observe(later, true)
		if s := l.State(); s.Ceiling >= after.Ceiling {
			t.Errorf("later throttles did not cut %+v: %+v", after, s)
		}
	})
}
