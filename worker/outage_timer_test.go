package worker

import (
	"testing"
	"time"
)

// TestStallTimerOfBefore: one that fires in the moment in which an attempt gets
// through says nothing about the failures after it.
func TestStallTimerOfBefore(t *testing.T) {
	var stopped error
	o := newOutage(time.Hour, func(err error) { stopped = err })
	o.watch(t.Context())
	defer o.close()
	now := time.Now()
	o.observe(now, answer{verdict: passing})
	o.observe(now, answer{verdict: confirmed})
	o.observe(now, answer{verdict: passing})
	if o.stalled(1); stopped != nil {
		t.Errorf("stopped by the first timer: %v", stopped)
	}
	if o.stalled(2); stopped == nil {
		t.Error("not stopped by the second")
	}
}
