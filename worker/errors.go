package worker

import (
	"cmp"
	"fmt"
	"time"
)

// The errors of a run go into logs, and the service's messages may name a user. So
// they have codes, lines and causes, and no messages: those are in the report.

// FatalError means that the service gave an answer that every row would get.
type FatalError struct {
	// Code and Cause are those of the answer.
	Code, Cause string
	// Line is the line of the row that got the answer, Operation the name of the
	// operation.
	Line      int
	Operation string
	// Misconfigured means that the way to the service is set up wrongly: the
	// service itself was never reached.
	Misconfigured bool
}

func (e *FatalError) Error() string {
	if e.Misconfigured {
		return "the service was not reached: " + cmp.Or(e.Cause, e.Code)
	}
	return fmt.Sprintf("%s, the answer for the row on line %d", cmp.Or(e.Cause, e.Code), e.Line)
}

// StreakError means that the run was stopped because one row after the other
// failed, so that the cause is probably not in the rows.
type StreakError struct {
	// Rows failed one after the other, in the order in which they finished. If
	// Of is not 0, Rows of the last Of rows failed.
	Rows, Of int
	// Trigger means that the pool's Lambda trigger failed each time.
	Trigger bool
	// UserStatus is the status that all of these users have, empty when they differ.
	UserStatus string
	// Code is that of the last of them.
	Code string
}

func (e *StreakError) Error() string {
	switch {
	case e.Of > 0:
		return fmt.Sprintf("the trigger failed for %d of the last %d rows, the last with %s", e.Rows, e.Of, e.Code)
	case e.Rows == 1 && e.UserStatus != "":
		return "1 user is " + e.UserStatus
	case e.UserStatus != "":
		return fmt.Sprintf("%d users in a row are %s", e.Rows, e.UserStatus)
	case e.Rows == 1 && e.Trigger:
		return "the trigger failed for 1 row, with " + e.Code
	case e.Trigger:
		return fmt.Sprintf("the trigger failed for %d rows in a row, the last with %s", e.Rows, e.Code)
	case e.Rows == 1:
		return "1 row failed, with " + e.Code
	}
	return fmt.Sprintf("%d rows in a row failed, the last with %s", e.Rows, e.Code)
}

// StallError means that the run was stopped because every attempt ended in a
// throttle or a transient failure for too long.
type StallError struct {
	// Timeout is how long that lasted.
	Timeout time.Duration
	// Code and Cause are those of the last attempt.
	Code, Cause string
}

func (e *StallError) Error() string {
	return fmt.Sprintf("no call got through for %s; the last one: %s", e.Timeout, cmp.Or(e.Cause, e.Code))
}
