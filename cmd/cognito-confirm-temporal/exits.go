package main

import (
	"errors"
	"fmt"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"

	"cognito-confirm/internal/flags"
)

// The exit statuses are an interface: scripts and units are written against them.
const (
	exitDone        = 0
	exitStopped     = 1
	exitUsage       = 2
	exitUnsuccess   = 3
	exitLocked      = 4
	exitInterrupted = 130 // 128 and the number of SIGINT
	exitTerminated  = 143 // 128 and the number of SIGTERM
)

// usageError is for what only the command line or the input can put right.
type usageError struct{ message, hint string }

func (e *usageError) Error() string { return e.message }

// lockedError means that another run has the quota.
type lockedError struct{ domain, run string }

func (e *lockedError) Error() string {
	return fmt.Sprintf("another run has the quota of %s: %s", e.domain, e.run)
}

// alreadySaid ends a command that has said everything itself.
type alreadySaid struct{ status int }

func (e *alreadySaid) Error() string { return fmt.Sprintf("exit status %d", e.status) }

// exitOf returns the exit status of an error, and what to do about it.
func exitOf(err error) (status int, hint string) {
	if interrupted, ok := errors.AsType[*interruption](err); ok {
		return interrupted.status(), ""
	}
	if usage, ok := errors.AsType[*usageError](err); ok {
		return exitUsage, usage.hint
	}
	if usage, ok := errors.AsType[*flags.UsageError](err); ok {
		return exitUsage, usage.Hint
	}
	if is[*lockedError](err) {
		return exitLocked, "wait for it to end (wait), or end it (cancel); another --quota-domain is for another account"
	}
	if failed, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		var h Hint
		if failed.HasDetails() && failed.Details(&h) == nil {
			hint = h.Text
		}
		return exitStopped, hint
	}
	if isUnusable(err) {
		return exitUsage, hintFor(err)
	}
	if is[*serviceerror.NotFound](err) {
		return exitUsage, "start begins one; --user-pool-id or --quota-domain says which is meant"
	}
	return exitStopped, hintFor(err)
}
