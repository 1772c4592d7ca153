package main

import (
	"time"

	"cognito-confirm/internal/job"
	"cognito-confirm/internal/live"
	"cognito-confirm/internal/progress"
)

// showReading shows how much of something was read until stop is called. read
// returns the bytes that were read, and how many there are, 0 for not known.
func showReading(c *console, what string, read func() (bytes, size int64)) (stop func()) {
	began := time.Now()
	return c.show(readingDelay, func(now time.Time) live.Picture {
		bytes, size := read()
		return progress.Reading{What: what, Now: now, Began: began, Read: bytes, Size: size}
	})
}

// showOpening shows how far a job has come before its first call, until stop is
// called.
func showOpening(c *console, opening *job.Opening) (stop func()) {
	var before job.OpeningState
	began := time.Now()
	return c.show(readingDelay, func(now time.Time) live.Picture {
		state := opening.State()
		if state.Part != before.Part || state.Locking != before.Locking {
			began = now
		}
		before = state
		return progress.Reading{What: openingStep(state), Now: now, Began: began, Read: state.Read, Size: state.Size}
	})
}

func openingStep(state job.OpeningState) string {
	switch {
	case state.Locking:
		return "waiting to see whether another run holds the report"
	case state.Part == job.PartOutputs:
		return "reading the report"
	case state.Part == job.PartService:
		return "getting credentials"
	default:
		return "reading the input"
	}
}
