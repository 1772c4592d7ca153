package ratelimit

import "time"

// A server is what the simulation calls. Nobody outside knows which kind the real
// service is, so the rate has to do well on all. Calls arrive in order of time,
// which is in seconds.
type server interface {
	admit(now float64) bool
	setQuota(now, quota float64)
}

func newServer(quota float64, depth time.Duration) server {
	if depth == 0 {
		return &windowServer{quota: quota}
	}
	s := &bucketServer{quota: quota, depth: depth.Seconds()}
	s.tokens = s.most()
	return s
}

// A bucketServer is a token bucket that holds depth seconds' worth of calls,
// full at first.
type bucketServer struct {
	quota, depth, tokens, last float64
}

func (s *bucketServer) most() float64 { return max(1, s.quota*s.depth) }

func (s *bucketServer) admit(now float64) bool {
	s.refill(now)
	if s.tokens < 1 {
		return false
	}
	s.tokens--
	return true
}

func (s *bucketServer) setQuota(now, quota float64) {
	if quota != s.quota {
		s.refill(now)
		s.quota = quota
		s.tokens = min(s.tokens, s.most())
	}
}

func (s *bucketServer) refill(now float64) {
	s.tokens = min(s.tokens+(now-s.last)*s.quota, s.most())
	s.last = now
}

// A windowServer admits quota calls in every whole second of its own clock.
type windowServer struct {
	quota  float64
	window int
	used   float64
}

func (s *windowServer) admit(now float64) bool {
	if window := int(now); window != s.window {
		s.window, s.used = window, 0
	}
	if s.used+1 > s.quota {
		return false
	}
	s.used++
	return true
}

func (s *windowServer) setQuota(_, quota float64) { s.quota = quota }
