package job

import (
	"context"
	"fmt"
	"time"

	"cognito-confirm/worker"
)

// EnoughError means that a run has done what it was to do, and that rows are left.
type EnoughError struct {
	// Rows is Options.Limit, 0 when the run ended for Options.Until.
	Rows  int
	Until time.Time
}

func (e *EnoughError) Error() string {
	asked := "until " + e.Until.Format("15:04")
	switch {
	case e.Rows == 1:
		asked = "1 row"
	case e.Rows > 1:
		asked = fmt.Sprintf("%d rows", e.Rows)
	}
	return asked + " as asked, resume for the rest"
}

// limited is a source that ends with an *EnoughError when more rows would be sent
// than are left. Only rows that are sent count. It looks one row ahead, so that a
// limit which covers every row does not end the run early.
type limited struct {
	worker.Source
	limit, left int
}

func (l *limited) Next() (worker.Row, error) {
	row, err := l.Source.Next()
	if err != nil || row.Invalid != nil {
		return row, err
	}
	if l.left == 0 {
		return worker.Row{}, &EnoughError{Rows: l.limit}
	}
	l.left--
	return row, nil
}

// lookAtClock is how often the time of the day is looked at. A timer alone would
// be late by as long as the machine was asleep.
const lookAtClock = 15 * time.Second

// stopAt calls stop with an *EnoughError when the time has come, unless ctx ends
// before that. Where it has come already, stop was called when stopAt returns.
func stopAt(ctx context.Context, end time.Time, stop context.CancelCauseFunc) {
	if end.IsZero() {
		return
	}
	end = end.Round(0) // the time of the day, and no other clock
	if isOver(end, stop) {
		return
	}
	go func() {
		for !isOver(end, stop) {
			select {
			case <-time.After(min(time.Until(end), lookAtClock)):
			case <-ctx.Done():
				return
			}
		}
	}()
}

func isOver(end time.Time, stop context.CancelCauseFunc) bool {
	if time.Now().Before(end) {
		return false
	}
	stop(&EnoughError{Until: end})
	return true
}
