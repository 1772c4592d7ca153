package ratelimit

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// passes is when each of n attempts is let through, counted from now, when
// nothing is ever answered.
func passes(t *testing.T, l *Limiter, n int) []time.Duration {
	t.Helper()
	start := time.Now()
	var at []time.Duration
	for range n {
		if err := l.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		at = append(at, time.Since(start).Round(time.Microsecond))
	}
	return at
}

func TestWaitPaces(t *testing.T) {
	tests := []struct {
		name    string
		options Options
		want    []time.Duration
	}{
		{"one in two seconds", Options{Cap: 0.5}, []time.Duration{0, 2 * time.Second, 4 * time.Second}},
		{"one a second", Options{Cap: 1}, []time.Duration{0, time.Second, 2 * time.Second}},
		{"eight a second", Options{Cap: 8}, []time.Duration{0, 125 * time.Millisecond, 250 * time.Millisecond}},
		{"no cap: ten a second at first", Options{}, []time.Duration{0, 100 * time.Millisecond, 200 * time.Millisecond}},
		{"half of the cap at first", Options{Cap: 50}, []time.Duration{0, 40 * time.Millisecond, 80 * time.Millisecond}},
		{"a burst of 10 ms", Options{Cap: 400}, []time.Duration{0, 0, 5 * time.Millisecond, 10 * time.Millisecond}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := passes(t, New(test.options), len(test.want))
				if !slices.Equal(got, test.want) {
					t.Errorf("let through at %v, want %v", got, test.want)
				}
			})
		})
	}
}

// A late timer does not delay the next attempt.
func TestLateTimerLosesNothing(t *testing.T) {
	const late = 30 * time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{Cap: 20})
		l.feedback.machine.rate = 20
		l.apply(time.Now())
		start := time.Now()
		passes(t, l, 1)
		for n := 1; n <= 100; n++ {
			token, wait := l.reserve()
			time.Sleep(wait + late)
			if !l.isDue(token) {
				t.Fatalf("attempt %d is not due after %v", n, wait+late)
			}
			if due := (time.Since(start) - late).Round(time.Microsecond); due != time.Duration(n)*50*time.Millisecond {
				t.Fatalf("attempt %d is due at %v", n, due)
			}
		}
	})
}

// A high cap is reached and kept, when every call is accepted.
func TestWaitReachesCap(t *testing.T) {
	const limit, span = 5000.0, 2 * time.Second
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{Cap: limit})
		count := func(span time.Duration) (n int) {
			for start := time.Now(); time.Since(start) < span; n++ {
				if err := l.Wait(t.Context()); err != nil {
					t.Fatal(err)
				}
				l.Observe(time.Now(), false)
			}
			return n
		}
		count(3 * time.Second) // from half the cap
		got, want := float64(count(span)), limit*span.Seconds()
		if math.Abs(got-want) > want/1000 {
			t.Errorf("%v attempts in %v, want %v", got, span, want)
		}
		if s := l.State(); s.Rate != limit || s.Reason != Capped || s.Ceiling != 0 {
			t.Errorf("state %+v, want rate %v, at the cap, no ceiling", s, limit)
		}
	})
}

func TestWaitHonoursContext(t *testing.T) {
	cause := errors.New("enough")
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{Cap: 1})
		done, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		if err := l.Wait(done); !errors.Is(err, context.Canceled) {
			t.Errorf("context over before: %v", err)
		}
		passes(t, l, 1) // the token was not spent
		start := time.Now()
		// The first waits at the bucket, the others at the turnstile.
		var group sync.WaitGroup
		for range 3 {
			group.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
				defer cancel()
				if err := l.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("context over while waiting: %v", err)
				}
			})
		}
		group.Wait()
		if waited := time.Since(start); waited != 300*time.Millisecond {
			t.Errorf("gave up after %v, want 300ms", waited)
		}
		// No token went with them: the next is due a second after the first.
		if at := passes(t, l, 2); at[0] != 700*time.Millisecond || at[1] != 1700*time.Millisecond {
			t.Errorf("then let through at %v, want 700ms and 1.7s", at)
		}
	})
}

// Attempts are let through in the order in which they came, each exactly once.
func TestWaitIsFair(t *testing.T) {
	const waiters = 200
	synctest.Test(t, func(t *testing.T) {
		l := New(Options{Cap: 10})
		var order []int
		var mu sync.Mutex
		var group sync.WaitGroup
		start := time.Now()
		for i := range waiters {
			group.Go(func() {
				if err := l.Wait(t.Context()); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				order = append(order, i)
			})
			synctest.Wait() // i is waiting before i+1 comes
		}
		group.Wait()
		if !slices.IsSorted(order) || len(order) != waiters {
			t.Errorf("order %v", order)
		}
		if took, want := time.Since(start).Round(time.Millisecond), 19900*time.Millisecond; took != want {
			t.Errorf("took %v, want %v", took, want)
		}
	})
}

// A cut reaches those who wait already, including the one at the bucket.
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
		// At 100 ms a fifth of the next token was there. The rest takes 800 ms
		// at one a second, and each further token a second.
		want := []time.Duration{900 * time.Millisecond, 1900 * time.Millisecond, 2900 * time.Millisecond}
		if !slices.Equal(at, want) {
			t.Errorf("let through at %v, want %v", at, want)
		}
	})
}

// Over any span, no more is let through than the cap and one burst allow,
// whatever the service answers.
func TestCapIsNeverExceeded(t *testing.T) {
	for _, limit := range []float64{0.5, 7, 40, 1000} {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(uint64(limit), 1))
			l := New(Options{Cap: limit})
			var at []float64
			start := time.Now()
			for len(at) < 1000 {
				if random.IntN(300) == 0 { // now and then nobody asks for a while
					time.Sleep(time.Duration(random.Int64N(int64(10 * time.Second))))
				}
				if err := l.Wait(t.Context()); err != nil {
					t.Fatal(err)
				}
				at = append(at, time.Since(start).Seconds())
				throttling := len(at)%500 > 450
				l.Observe(time.Now(), throttling && random.IntN(3) == 0)
			}
			_, burst := bucketSize(limit)
			for i := range at {
				for j := i; j < min(len(at), i+100); j++ {
					allowed := limit*(at[j]-at[i]) + float64(burst) + 1e-3
					if n := float64(j - i + 1); n > allowed {
						t.Fatalf("cap %v: %v attempts in %v s", limit, n, at[j]-at[i])
					}
				}
			}
		})
	}
}

// Everything may be called at once; the race detector watches.
func TestConcurrentUse(t *testing.T) {
	l := New(Options{Cap: unlimited})
	var group sync.WaitGroup
	const callers, each = 32, 200
	for range callers {
		group.Go(func() {
			for i := range each {
				if err := l.Wait(t.Context()); err != nil {
					t.Error(err)
				}
				l.Observe(time.Now(), i%10 == 0)
				l.State()
			}
		})
	}
	group.Wait()
	if s := l.State(); s.Answered != callers*each || s.Throttled != callers*each/10 {
		t.Errorf("state %+v", s)
	}
}
