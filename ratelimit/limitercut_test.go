package ratelimit

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A cut reaches those who wait already, the one at the bucket included.
func TestCutReachesWaiters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{Cap: 2})
		passes(t, l, 1)
		sent := time.Now()
		var at []time.Duration
		var mu sync.Mutex
		var group sync.WaitGroup
		for range 3 {
			group.Go(func() {
				if err := l.Wait(t.Context()); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				at = append(at, time.Since(sent).Round(time.Microsecond))
			})
		}
		time.Sleep(100 * time.Millisecond)
		l.Observe(sent, true)
		l.Observe(sent, true)
		if rate := l.State().Rate; rate != leastRate {
			t.Fatalf("rate %v, want %v", rate, leastRate)
		}
		group.Wait()
		// At 100 ms the next token was there by a fifth; the rest takes
		// 800 ms at one a second, and every further one a second.
		want := []time.Duration{900 * time.Millisecond, 1900 * time.Millisecond, 2900 * time.Millisecond}
		if !slices.Equal(at, want) {
			t.Errorf("let through at %v, want %v", at, want)
		}
	})
}

// Throttles of calls sent before a cut are the cut's own: they cut no second
// time, however many they are.
func TestStaleAnswersDoNotCut(t *testing.T) {
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
			t.Errorf("stale answers cut %+v to %+v", after, s)
		}
		fresh := time.Now()
		time.Sleep(2 * time.Second)
		l.Observe(fresh, true)
		l.Observe(fresh, true)
		if s := l.State(); s.Ceiling >= after.Ceiling {
			t.Errorf("fresh throttles did not cut %+v: %+v", after, s)
		}
	})
}
