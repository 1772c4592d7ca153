package worker

import (
	"time"
)

// rowHealth is what the transient failures of one row tell about the row, in the
// operation that comes next.
type rowHealth struct {
	operation int       // its index
	failures  int       // transient failures
	unsent    int       // those of them that were never sent
	own       int       // those of them that are the row's own
	failedAt  time.Time // when the last of them had failed
}

func (h *rowHealth) fail(now time.Time, own bool) {
	if own && h.own == 0 {
		h.own = 1 // the first failure
	}
	if own {
		h.own++
	}
	h.failures++
	h.failedAt = now
}
