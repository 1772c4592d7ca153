package fakecognito

import (
	"context"
	"time"
)

// RunLive simulates live sign-ups until ctx is done: calls that arrive
// independently of each other (a Poisson process), use the quota, and are
// counted in [Counts]. Run it once, on a goroutine of its own.
func (s *Server) RunLive(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	// The next arrival counts from the last one, not from the moment of waking
	// up: a timer is always a little late, which would lower the rate.
	next := time.Now()
	for {
		gap, flowing := s.liveGap()
		var due <-chan time.Time
		if flowing {
			next = next.Add(gap)
			timer.Reset(time.Until(next))
			due = timer.C
		}
		select {
		case <-ctx.Done():
			return
		case <-s.liveChanged:
			next = time.Now()
		case <-due:
			s.liveCall()
		}
	}
}

// SetLive changes the rate of the live traffic, in calls a second, at once.
func (s *Server) SetLive(rate float64) {
	s.mu.Lock()
	s.liveRate = rate
	s.mu.Unlock()
	select {
	case s.liveChanged <- struct{}{}:
	default: // a change is already announced
	}
}

// liveGap draws the time to the next arrival; false means that there is none.
func (s *Server) liveGap() (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.liveRate <= 0 {
		return 0, false
	}
	return time.Duration(s.liveRandom.ExpFloat64() / s.liveRate * float64(time.Second)), true
}

func (s *Server) liveCall() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.LiveCalls++
	if !s.bucket.take(time.Now()) {
		s.counts.LiveThrottled++
	}
}
