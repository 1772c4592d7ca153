package main

import (
	"errors"
	"fmt"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"

	"cognito-confirm/internal/flags"
	"cognito-confirm/internal/program"
)

// lockedError means that another run has the quota.
type lockedError struct{ domain, run string }

func (e *lockedError) Error() string {
	return fmt.Sprintf("another run has the quota of %s: %s", e.domain, e.run)
}

// alreadySaid ends a command that has reported everything itself.
type alreadySaid struct{ status int }

func (e *alreadySaid) Error() string { return fmt.Sprintf("exit status %d", e.status) }

// exitOf returns the exit status of an error, and what to do about it.
func exitOf(err error) (status int, hint string) {
	if interrupted, ok := errors.AsType[*program.Interruption](err); ok {
		return interrupted.Status(), ""
	}
	if usage, ok := errors.AsType[*flags.UsageError](err); ok {
		return program.Usage, usage.Hint
	}
	if is[*lockedError](err) {
		return program.Locked, "wait for it to end (wait), or end it (cancel); another --quota-domain is for another account"
	}
	if failed, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		var h Hint
		if failed.HasDetails() && failed.Details(&h) == nil {
			hint = h.Text
		}
		return program.Stopped, hint
	}
	if isUnusable(err) {
		return program.Usage, hintFor(err)
	}
	if is[*serviceerror.NotFound](err) {
		return program.Usage, "start begins one; --user-pool-id or --quota-domain tells which is meant"
	}
	return program.Stopped, hintFor(err)
}
