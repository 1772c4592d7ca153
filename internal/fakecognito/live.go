package fakecognito

import (
	"context"
	"math/rand/v2"
	"time"
)

// RunLive simulates live sign-ups until ctx is done: calls that arrive
// independently of each other (a Poisson process), use the quota, and are
// counted in [Counts]. Run it once, on a goroutine of its own. Without live
// traffic it returns at once.
func (s *Server) RunLive(ctx context.Context) {
	// Of its own, so that live traffic does not change which calls fail.
	random := rand.New(rand.NewPCG(s.options.Seed, 2))
	// The next arrival counts from the last one, not from the moment of waking
	// up: a timer is always a little late, which would lower the rate.
	next := time.Now()
	for s.options.Live > 0 {
		next = next.Add(time.Duration(random.ExpFloat64() / s.options.Live * float64(time.Second)))
		pause(ctx, time.Until(next))
		if ctx.Err() != nil {
			return
		}
		s.liveCall()
	}
}

func (s *Server) liveCall() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.LiveCalls++
	if !s.bucket.take(time.Now()) {
		s.counts.LiveThrottled++
	}
}

// pause waits, but not longer than ctx lasts.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
