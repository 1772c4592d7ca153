package lease

import (
	"context"
	"time"

	"cognito-confirm/worker"
)

// Guard returns a limiter that lets attempts pass only while all the leases are
// held. While one has lapsed, attempts wait; when one is lost, they fail with the
// reason. It is safe for concurrent use, as the limiter is.
func Guard(limiter worker.Limiter, leases ...*Lease) worker.Limiter {
	return &guard{limiter: limiter, leases: leases}
}

type guard struct {
	limiter worker.Limiter
	leases  []*Lease
}

// Wait implements [worker.Limiter].
func (g *guard) Wait(ctx context.Context) error {
	for {
		for _, l := range g.leases {
			if err := l.Wait(ctx); err != nil {
				return err
			}
		}
		if err := g.limiter.Wait(ctx); err != nil {
			return err
		}
		// A lease may have ended while the attempt waited for its token.
		if AllHeld(g.leases...) {
			return nil
		}
	}
}

// Observe implements [worker.Limiter].
func (g *guard) Observe(sent time.Time, throttled bool) { g.limiter.Observe(sent, throttled) }

// Failed implements [worker.Limiter].
func (g *guard) Failed(sent time.Time) { g.limiter.Failed(sent) }

// AllHeld reports whether all the leases are held.
func AllHeld(leases ...*Lease) bool {
	for _, l := range leases {
		if _, held, _ := l.look(); !held {
			return false
		}
	}
	return true
}
