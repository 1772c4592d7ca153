package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"syscall"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/events"
	"cognito-confirm/internal/flags"
	"cognito-confirm/internal/job"
	"cognito-confirm/internal/program"
	"cognito-confirm/internal/rows"
	"cognito-confirm/internal/store"
	"cognito-confirm/internal/userpool"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// alreadySaid ends a command that has said everything itself.
type alreadySaid struct{ status int }

func (e *alreadySaid) Error() string { return fmt.Sprintf("exit status %d", e.status) }

// exit is what errors of one kind come to.
type exit struct {
	matches func(error) bool
	status  int
	// hint tells what to do about it; nil or "" when there is nothing to say.
	hint func(error, job.Options) string
}

// exits is the one table from error to exit status and hint. The first row
// that matches counts; an error that no row matches stopped the run.
func exits() []exit {
	return []exit{
		{isSignal(os.Interrupt), program.Interrupted, nil},
		{is[*program.Interruption], program.Terminated, nil},

		// What only the command line, the files or the account can put right.
		{is[*flags.UsageError], program.Usage, own(func(e *flags.UsageError) string { return e.Hint })},
		{is[*rows.UnusableError], program.Usage, own(func(e *rows.UnusableError) string { return e.Hint })},
		{is[*cognito.TargetError], program.Usage, own(func(e *cognito.TargetError) string { return e.Hint })},
		{is[*cognito.CredentialsError], program.Stopped, aboutCredentials},
		{mayPass, program.Stopped, own((*cognito.AliasError).Hint)},
		{is[*cognito.AliasError], program.Usage, own((*cognito.AliasError).Hint)},
		{wraps(job.ErrNoReport), program.Usage, say("give --report")},
		{wraps(report.ErrLocked), program.Locked, say("wait for it to end, or give another --report")},
		{is[*report.ExistsError], program.Usage, own(aboutExisting)},
		{is[*report.OtherTargetError], program.Usage, say("give another --report")},
		{is[*report.ForeignError], program.Usage, say("move it away, or give another --failed")},
		{is[*report.UnusableError], program.Usage, own(aboutUnusable)},
		{is[*events.UnusableError], program.Usage, say("move it away, or give another --events, or none")},
		{is[*report.OtherShardError], program.Usage, say("resume each report with the --shard that it was begun with, or give another --report")},
		{is[*report.EditedError], program.Usage, aboutEdited},
		{is[*job.SameFileError], program.Usage, nil},
		{is[*job.MixedError], program.Usage, say("without --failed and --events they go where the report goes")},
		{is[*store.AddressError], program.Usage, nil},
		{is[*store.UnreachableError], program.Stopped, whenFixed},
		{is[*store.RefusedError], program.Usage, say("look at the name of the bucket, and at what these credentials may do in it")},

		// The command line is right, and later the same one goes on.
		{isOfMachine, program.Stopped, whenFixed},
		{is[*job.StartError], program.Stopped, whenFixed},
		{isOpening(job.PartOutputs), program.Usage, say("--report and --failed say where the files go")},
		{is[*job.OpenError], program.Usage, nil},

		// What stops a run in the middle.
		{isMisconfigured, program.Usage, adviceOnFatal},
		{is[*worker.FatalError], program.Stopped, adviceOnFatal},
		{is[*userpool.RefusedError], program.Stopped, aboutRefusedList},
		{is[*worker.StreakError], program.Stopped, aboutStreak},
		{is[*worker.StallError], program.Stopped, aboutStall},
		{is[*job.EnoughError], program.Stopped, nil},
		{is[*report.ChangedError], program.Stopped, say("leave the files of a run to it: log rotation and other programs must not touch them")},
		{wraps(job.ErrInputChanged), program.Stopped, say("look at the input; --resume does the rows that are new in it")},
	}
}

// exitOf returns the exit status of an error, and what to do about it.
func exitOf(err error, o job.Options) (status int, hint string) {
	for _, row := range slices.Concat(mergeExits(), exits()) {
		if !row.matches(err) {
			continue
		}
		if row.hint != nil {
			hint = row.hint(err, o)
		}
		return row.status, hint
	}
	return program.Stopped, ""
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func wraps(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

func isSignal(signal os.Signal) func(error) bool {
	return func(err error) bool {
		interrupted, ok := errors.AsType[*program.Interruption](err)
		return ok && interrupted.Signal == signal
	}
}

func isOpening(part job.Part) func(error) bool {
	return func(err error) bool {
		opening, ok := errors.AsType[*job.OpenError](err)
		return ok && opening.Part == part
	}
}

// isOfMachine: files could not be opened for want of space, of descriptors or of
// a disk that works. While a run writes them it is not asked, for then the
// command to resume it is printed.
func isOfMachine(err error) bool {
	return is[*job.OpenError](err) && slices.ContainsFunc([]error{
		syscall.ENOSPC, syscall.EDQUOT, syscall.EIO, syscall.ESTALE, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM,
	}, func(failure error) bool { return errors.Is(err, failure) })
}

func say(hint string) func(error, job.Options) string {
	return func(error, job.Options) string { return hint }
}

func own[E error](hint func(E) string) func(error, job.Options) string {
	return func(err error, _ job.Options) string {
		typed, _ := errors.AsType[E](err)
		return hint(typed)
	}
}

// whenFixed: nothing was changed, so that rows to be tried again are still in the report.
func whenFixed(_ error, o job.Options) string {
	if o.Retry.Failed {
		return "run the same command when that is fixed"
	}
	return "when that is fixed, --resume goes on"
}

func aboutEdited(_ error, o job.Options) string {
	if o.Retry.Failed {
		return "rows that are tried again may be corrected on their lines; all others have to stay as they are and where they are"
	}
	if !o.Shard.IsWhole() {
		return "resume with the input as it was and the --shard that the report was begun with, or give another --report"
	}
	return "resume with the input as it was, or give the new one another --report"
}

func aboutCredentials(err error, o job.Options) string {
	credentials, _ := errors.AsType[*cognito.CredentialsError](err)
	return credentials.Hint(o.Target)
}

func adviceOnFatal(err error, o job.Options) string {
	fatal, _ := errors.AsType[*worker.FatalError](err)
	return cognito.AdviceOn(fatal.Operation, fatal.Code, o.Target)
}

func aboutRefusedList(err error, o job.Options) string {
	refused, _ := errors.AsType[*userpool.RefusedError](err)
	return cognito.AdviceOn(cognito.ListOperation, refused.Code, o.Target)
}

// mayPass: the pool could not be asked about its aliases, and may be later.
func mayPass(err error) bool {
	alias, ok := errors.AsType[*cognito.AliasError](err)
	return ok && alias.Passing
}

// isMisconfigured: the service was never reached, and waiting does not help.
func isMisconfigured(err error) bool {
	fatal, ok := errors.AsType[*worker.FatalError](err)
	return ok && fatal.Misconfigured
}

func aboutStall(err error, o job.Options) string {
	stall, _ := errors.AsType[*worker.StallError](err)
	return cmp.Or(cognito.Advice(stall.Code, o.Target),
		"look at the network, at the service's health and at the quota; --stall-timeout sets how long to wait")
}

func aboutUnusable(e *report.UnusableError) string {
	if store.IsAddress(e.Path) && len(e.Damaged) > 0 {
		return fmt.Sprintf("copy it to a file, %s repair keeps the sound lines, and put that back", programName)
	}
	if len(e.Damaged) > 0 {
		return fmt.Sprintf("%s repair %s keeps the sound lines, and --resume then asks for the rest", programName, quoted(e.Path))
	}
	return "give the one that the earlier run wrote, or another --report"
}

func aboutExisting(e *report.ExistsError) string {
	if !e.IsReport {
		// Not --overwrite, which would replace the report too.
		return "there is no report that belongs to it: move it away, or give another --failed or --report"
	}
	return "--resume continues it, --overwrite replaces it"
}

func aboutStreak(err error, o job.Options) string {
	const regardless = "--max-consecutive-failures 0 goes on regardless"
	streak, _ := errors.AsType[*worker.StreakError](err)
	if advice := cognito.StatusAdvice(streak.UserStatus); advice != "" {
		return advice + "; " + regardless
	}
	switch {
	case streak.Trigger:
		return cognito.Advice(streak.Code, o.Target)
	case streak.Code == "UserNotFoundException":
		return cognito.Advice(streak.Code, o.Target) + "; " + regardless
	}
	return "if these rows are expected to fail, " + regardless
}
