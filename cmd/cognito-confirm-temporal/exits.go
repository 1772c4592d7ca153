package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"syscall"

	"go.temporal.io/sdk/temporal"

	"cognito-confirm/internal/flags"
	"cognito-confirm/internal/program"
	"cognito-confirm/internal/store"
)

// lockedError means that another run has the quota, one of a schedule where it has no name.
type lockedError struct{ domain, run string }

func (e *lockedError) Error() string {
	return fmt.Sprintf("another run has the quota of %s: %s", e.domain, cmp.Or(e.run, "one of a schedule"))
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
	if isUnusable(err) || isElsewhere(err) {
		return program.Usage, hintFor(err)
	}
	if is[*connectError](err) {
		return program.Stopped, "TEMPORAL_ADDRESS, or a profile of temporal.toml, tells where the engine is"
	}
	return program.Stopped, hintFor(err)
}

// isElsewhere: a path or an address leads to nothing that can be used. A worker tries
// again, for it may come; the command line has to be put right.
func isElsewhere(err error) bool {
	return is[*store.RefusedError](err) || slices.ContainsFunc([]error{fs.ErrNotExist, fs.ErrPermission, syscall.ENOTDIR, syscall.EISDIR},
		func(failure error) bool { return errors.Is(err, failure) })
}
