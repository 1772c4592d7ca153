package lease_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/lease"
)

// paced lets one attempt pass every step.
type paced struct {
	step             time.Duration
	observed, failed atomic.Int64
}

func (p *paced) Wait(ctx context.Context) error {
	select {
	case <-time.After(p.step):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (p *paced) Observe(time.Time, bool) { p.observed.Add(1) }
func (p *paced) Failed(time.Time)        { p.failed.Add(1) }

// TestGuard renews a lease every 5 s for a while, with a gap, and looks at every
// attempt that passes.
func TestGuard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := lease.New(length), lease.New(length)
		g := lease.Guard(&paced{step: 300 * time.Millisecond}, first, second)
		start := time.Now()
		renewals := []time.Duration{0, 5, 10, 40, 45, 50} // in seconds
		for _, at := range renewals {
			time.AfterFunc(at*time.Second, func() { first.Renew(time.Now()); second.Renew(time.Now()) })
		}
		time.AfterFunc(55*time.Second, func() { second.Lose(errTaken) })
		passed, last := 0, time.Duration(0)
		for {
			err := g.Wait(t.Context())
			at := time.Since(start)
			if err != nil {
				if !errors.Is(err, errTaken) || at < 55*time.Second || at > 55*time.Second+300*time.Millisecond {
					t.Errorf("ended with %v after %v", err, at)
				}
				break
			}
			if at >= 22*time.Second && at < 40*time.Second {
				t.Errorf("an attempt passed after %v, outside the lease", at)
			}
			last, passed = at, passed+1
		}
		// 22 s and 15 s of the lease, an attempt every 0.3 s.
		if passed < 120 || passed > 123 || last < 54*time.Second {
			t.Errorf("%d attempts passed, the last after %v", passed, last)
		}
	})
}

func TestGuardDropsATokenThatComesTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := lease.New(length)
		l.Renew(time.Now())
		g := lease.Guard(&paced{step: 15 * time.Second}, l)
		start := time.Now()
		time.AfterFunc(20*time.Second, func() { l.Renew(time.Now()) })
		time.AfterFunc(30*time.Second, func() { l.Renew(time.Now()) })
		if err := g.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != 35*time.Second {
			t.Errorf("passed after %v, want 35s: the token of 15 s came outside the lease", took)
		}
	})
}

func TestGuardPassesOnWhatItHears(t *testing.T) {
	p := &paced{}
	g := lease.Guard(p)
	g.Observe(time.Now(), true)
	g.Failed(time.Now())
	if p.observed.Load() != 1 || p.failed.Load() != 1 {
		t.Error("the limiter heard nothing")
	}
}
