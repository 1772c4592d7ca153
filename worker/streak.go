package worker

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// maxTriggerFailures is how many rows in a row may end with a failed trigger.
// Each of them is a user whose welcome mail or database row is missing and
// will not be made up for by another call, so this many are enough.
const maxTriggerFailures = 10

// StreakError says that the run was stopped because so many rows in a row
// failed that it is not about the rows any more.
type StreakError struct {
	// Rows failed one after the other, in the order in which they finished.
	Rows int
	// Trigger says that it was the pool's Lambda trigger each time.
	Trigger bool
	// Code and Message are those of the last of them.
	Code, Message string
}

func (e *StreakError) Error() string {
	if e.Trigger {
		return fmt.Sprintf("the trigger failed for %d rows in a row, the last with %s: %s", e.Rows, e.Code, e.Message)
	}
	return fmt.Sprintf("%d rows in a row failed, the last with %s: %s", e.Rows, e.Code, e.Message)
}

// streak counts failures in a row. It is safe for concurrent use.
type streak struct {
	most int // failed rows in a row, of whatever kind; 0 means no limit

	// isOn says that the last row failed. Nearly none does, and those that
	// did not need no lock.
	isOn atomic.Bool

	mu       sync.Mutex
	failures int
	triggers int
}

// observe counts the result of a row that was sent and says whether it is one too many.
func (s *streak) observe(result Result) error {
	failed := result.Status == StatusTriggerFailed || result.Status == StatusFailed
	if !failed && !s.isOn.Load() {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.isOn.Store(failed)
	switch result.Status {
	case StatusTriggerFailed:
		s.failures++
		s.triggers++
	case StatusFailed:
		s.failures++
		s.triggers = 0
	default:
		s.failures, s.triggers = 0, 0
	}
	switch {
	case s.triggers >= maxTriggerFailures:
		return &StreakError{Rows: s.triggers, Trigger: true, Code: result.Code, Message: result.Message}
	case s.most > 0 && s.failures >= s.most:
		return &StreakError{Rows: s.failures, Code: result.Code, Message: result.Message}
	}
	return nil
}
