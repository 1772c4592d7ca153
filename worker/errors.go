package worker

import (
	"fmt"
	"time"
)

// FatalError says that the service gave an answer that every row would get.
type FatalError struct {
	// Code is the service's exception name, or one of ours in lower_snake.
	Code string
	// Message is the service's text.
	Message string
	// Line is the line of the row that got the answer.
	Line int
	// Misconfigured says that the way to the service is set up wrongly: the
	// service itself was never reached.
	Misconfigured bool
}

func (e *FatalError) Error() string { return e.Code + ": " + e.Message }

// StreakError says that the run was stopped because one row after the other
// failed, so that the cause is probably not in the rows.
type StreakError struct {
	// Rows failed one after the other, in the order in which they finished. If
	// Of is not 0, Rows of the last Of rows failed.
	Rows, Of int
	// Trigger says that the pool's Lambda trigger failed each time.
	Trigger bool
	// UserStatus is the status that all of these users have, empty when they differ.
	UserStatus string
	// Code and Message are those of the last of them.
	Code, Message string
}

func (e *StreakError) Error() string {
	switch {
	case e.Of > 0:
		return fmt.Sprintf("the trigger failed for %d of the last %d rows, the last with %s: %s", e.Rows, e.Of, e.Code, e.Message)
	case e.UserStatus != "":
		return fmt.Sprintf("%d users in a row are %s", e.Rows, e.UserStatus)
	case e.Trigger:
		return fmt.Sprintf("the trigger failed for %d rows in a row, the last with %s: %s", e.Rows, e.Code, e.Message)
	}
	return fmt.Sprintf("%d rows in a row failed, the last with %s: %s", e.Rows, e.Code, e.Message)
}

// StallError says that the run was stopped because every attempt ended in a
// throttle or a transient failure for too long.
type StallError struct {
	// Timeout is how long that lasted.
	Timeout time.Duration
	// Code and Message are those of the last attempt.
	Code, Message string
}

func (e *StallError) Error() string {
	return fmt.Sprintf("no call got through for %s, the last ended with %s: %s", e.Timeout, e.Code, e.Message)
}
