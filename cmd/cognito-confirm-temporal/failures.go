package main

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/flags"
	"cognito-confirm/internal/job"
	"cognito-confirm/internal/rows"
	"cognito-confirm/internal/store"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// The types of failures, which the engine shows and scripts may look at.
const (
	typeFatal    = "fatal"    // every row would get the same answer
	typeStreak   = "streak"   // row after row failed
	typeUnusable = "unusable" // the input or a file of the store
	typeStall    = "stall"    // the service or the store does not answer, or there is no room
	typeStopping = "stopping" // the worker was told to stop
)

const (
	// stallWait is how long the engine waits when nothing works.
	stallWait = time.Minute
	// stopWait is how soon another worker gets what one has given back.
	stopWait = retryEvery
)

// failure returns an error of the program as one for the engine: whether to have the
// work done again, and how soon. What only a person can put right ends the workflow,
// and start goes on with it. The end of the context is a cancellation, if that was asked
// for. details are what the workflow learns of the work, after a [Hint] when it has
// failed. There is no username in any of these errors.
func failure(ctx context.Context, err error, details ...any) error {
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); errors.Is(cause, errCanceled) || temporal.IsCanceledError(cause) {
		return temporal.NewCanceledError(details...)
	}
	options := temporal.ApplicationErrorOptions{Details: append([]any{Hint{hintFor(err)}}, details...)}
	kind := ""
	switch {
	case errors.Is(err, errStopping), errors.Is(err, errTakenOver):
		kind, options.NextRetryDelay = typeStopping, stopWait
	case is[*worker.FatalError](err):
		kind, options.NonRetryable = typeFatal, true
	case is[*worker.StreakError](err):
		kind, options.NonRetryable = typeStreak, true
	case isUnusable(err):
		kind, options.NonRetryable = typeUnusable, true
	default:
		kind, options.NextRetryDelay = typeStall, stallWait
	}
	return temporal.NewApplicationErrorWithOptions(err.Error(), kind, options)
}

// Hint tells what to do about a failure. Its text is empty where nothing can be done.
type Hint struct {
	Text string `json:"hint"`
}

// hintFor returns what to do about an error, "" where nothing can be done.
func hintFor(err error) string {
	if fatal, ok := errors.AsType[*worker.FatalError](err); ok {
		return cognito.Advice(fatal.Code, cognito.Target{})
	}
	if streak, ok := errors.AsType[*worker.StreakError](err); ok {
		if streak.UserStatus != "" {
			return cognito.StatusAdvice(streak.UserStatus)
		}
		return cognito.Advice(streak.Code, cognito.Target{})
	}
	if unusable, ok := errors.AsType[*rows.UnusableError](err); ok {
		return unusable.Hint
	}
	if target, ok := errors.AsType[*cognito.TargetError](err); ok {
		return target.Hint
	}
	return ""
}

// isUnusable: it is the same however often it is tried.
func isUnusable(err error) bool {
	return is[*rows.UnusableError](err) || is[*cognito.TargetError](err) || is[*damagedError](err) || is[*flags.UsageError](err) ||
		is[*report.UnusableError](err) || is[*report.EditedError](err) || is[*report.OtherTargetError](err) ||
		is[*report.MissingError](err) || is[*report.TwiceError](err) ||
		is[*store.AddressError](err) || errors.Is(err, job.ErrInputChanged)
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
