package worker

import (
	"time"
)

// stalling starts the stall timer of an operation, unless it runs already. Only time in
// which rows are tried counts.
func (h *health) stalling(operation int, sent time.Time, a Answer) {
	s := &h.steps[operation]
	h.last, s.last = a, a
	if s.stall != nil {
		return
	}
	// A success that was sent later resets the time.
	since := sent
	if s.through.After(since) {
		since = s.through
	}
	s.stalls++
	number := s.stalls
	s.stall = time.AfterFunc(h.stallTimeout-time.Since(since), func() { h.stalled(operation, number) })
}

// stalled ends the run, unless an attempt got through as the timer fired.
func (h *health) stalled(operation, number int) {
	h.mu.Lock()
	s := h.steps[operation]
	h.mu.Unlock()
	if s.stall != nil && s.stalls == number {
		h.stop(&StallError{Timeout: h.stallTimeout, Code: s.last.Code, Cause: s.last.Cause})
	}
}

func (s *step) noStall() {
	if s.stall != nil {
		s.stall.Stop()
		s.stall = nil
	}
}

// idle stops the stall timers while there is no row to try, and when the run is over: a
// silent input is not a stall.
func (h *health) idle() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := range h.steps {
		h.steps[i].noStall()
	}
}
