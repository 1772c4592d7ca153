package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
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

// alreadySaid ends a command that has reported everything itself.
type alreadySaid struct{ status int }

func (e *alreadySaid) Error() string { return fmt.Sprintf("exit status %d", e.status) }

// exit is what errors of one kind come to.
type exit struct {
	matches func(error) bool
	status  int
	// hint tells what to do about it; nil or "" when nothing can be done.
	hint func(error, job.Options) string
}

// exits is the one table from error to exit status and hint. The first row
// that matches counts; an error that no row matches stopped the run.
func exits() []exit {
	return []exit{
		{has(func(e *program.Interruption) bool { return e.Signal == os.Interrupt }), program.Interrupted, nil},
		{is[*program.Interruption], program.Terminated, nil},

		// What only the command line, the files or the account can put right.
		{is[*flags.UsageError], program.Usage, about(func(e *flags.UsageError, _ job.Options) string { return e.Hint })},
		{is[*rows.UnusableError], program.Usage, about(func(e *rows.UnusableError, _ job.Options) string { return e.Hint })},
		{is[*cognito.TargetError], program.Usage, about(func(e *cognito.TargetError, _ job.Options) string { return e.Hint })},
		{is[*cognito.CredentialsError], program.Stopped, about(func(e *cognito.CredentialsError, o job.Options) string { return e.Hint(o.Target) })},
		{has(func(e *cognito.AliasError) bool { return e.Transient }), program.Stopped, about(aboutAlias)},
		{is[*cognito.AliasError], program.Usage, about(aboutAlias)},
		{wraps(job.ErrNoReport), program.Usage, say("give --report")},
		{wraps(report.ErrLocked), program.Locked, say("wait for it to end, or give another --report")},
		{is[*report.ExistsError], program.Usage, about(aboutExisting)},
		{is[*job.ReportThereError], program.Usage, say("give another name: a report is never replaced")},
		{is[*report.OtherTargetError], program.Usage, say("give another --report")},
		{is[*report.ForeignError], program.Usage, say("move it away, or give another --failed")},
		{is[*report.UnusableError], program.Usage, about(aboutUnusable)},
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
		{has(func(e *job.OpenError) bool { return e.Part == job.PartOutputs }), program.Usage, say("--report and --failed set where the files go")},
		{is[*job.OpenError], program.Usage, nil},

		// What stops a run in the middle.
		{has(func(e *worker.FatalError) bool { return e.Misconfigured }), program.Usage, about(aboutFatal)},
		{is[*worker.FatalError], program.Stopped, about(aboutFatal)},
		{is[*userpool.RefusedError], program.Stopped, about(aboutRefusedList)},
		{is[*worker.StreakError], program.Stopped, about(aboutStreak)},
		{is[*worker.StallError], program.Stopped, about(aboutStall)},
		{is[*job.EnoughError], program.Stopped, nil},
		{is[*report.ChangedError], program.Stopped, say("leave the files of a run to it: log rotation and other programs must not touch them")},
		{wraps(job.ErrInputChanged), program.Stopped, say("look at the input; --resume does the rows that are new in it")},
	}
}

// exitOf returns the exit status of an error, and what to do about it.
func exitOf(err error, o job.Options) (status int, hint string) {
	table := exits()
	if is[*mergeError](err) {
		table = append(mergeExits(), table...)
	}
	for _, row := range table {
		switch {
		case !row.matches(err):
		case row.hint == nil:
			return row.status, ""
		default:
			return row.status, row.hint(err, o)
		}
	}
	return program.Stopped, ""
}

// textOf is the text of an error. Those of the operating system begin with what was done
// to a file, as those around them do: that is told once.
func textOf(err error) string {
	path, ok := errors.AsType[*fs.PathError](err)
	if !ok {
		return err.Error()
	}
	return strings.Replace(err.Error(), ": "+path.Op+" "+path.Path+": ", " "+path.Path+": ", 1)
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func wraps(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

// has matches errors of one kind that the condition holds for.
func has[E error](condition func(E) bool) func(error) bool {
	return func(err error) bool {
		typed, ok := errors.AsType[E](err)
		return ok && condition(typed)
	}
}

// isOfMachine: files could not be opened because space, descriptors or a working disk
// were missing. It is for errors of Open alone: a run that fails later prints the
// command to resume it.
func isOfMachine(err error) bool {
	return is[*job.OpenError](err) && slices.ContainsFunc([]error{
		syscall.ENOSPC, syscall.EDQUOT, syscall.EIO, syscall.ESTALE, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM,
	}, func(failure error) bool { return errors.Is(err, failure) })
}

func say(hint string) func(error, job.Options) string {
	return func(error, job.Options) string { return hint }
}

// about is the hint that an error of one kind has.
func about[E error](hint func(E, job.Options) string) func(error, job.Options) string {
	return func(err error, o job.Options) string {
		typed, _ := errors.AsType[E](err)
		return hint(typed, o)
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

func aboutAlias(e *cognito.AliasError, o job.Options) string { return e.Hint(o.Target) }

func aboutFatal(e *worker.FatalError, o job.Options) string {
	return cognito.AdviceOn(e.Operation, e.Code, o.Target)
}

func aboutRefusedList(e *userpool.RefusedError, o job.Options) string {
	return cognito.AdviceOn(cognito.ListOperation, e.Code, o.Target)
}

func aboutStall(e *worker.StallError, o job.Options) string {
	return cmp.Or(cognito.Advice(e.Code, o.Target),
		"look at the network, at the service's health and at the quota; --stall-timeout sets how long to wait")
}

func aboutUnusable(e *report.UnusableError, _ job.Options) string {
	const another = "give the one that the earlier run wrote, or another --report"
	isAddress := store.IsAddress(e.Path)
	switch {
	case len(e.Damaged) > 0 && isAddress:
		return fmt.Sprintf("copy it to a file, %s repair keeps the sound lines, and put that back", programName)
	case len(e.Damaged) > 0:
		return fmt.Sprintf("%s repair %s keeps the sound lines, and --resume then asks for the rest", programName, quoted(e.Path))
	case e.IsHeaderless && isAddress:
		return another + "; if only its first line is damaged, copy it to a file, " + programName + " repair keeps the others, and put that back"
	case e.IsHeaderless:
		return another + "; if only its first line is damaged, " + programName + " repair keeps the others"
	}
	return another
}

func aboutExisting(e *report.ExistsError, _ job.Options) string {
	if !e.IsReport {
		// Not --overwrite, which would replace the report too.
		return "there is no report that belongs to it: move it away, or give another --failed or --report"
	}
	return "--resume continues it, --overwrite replaces it"
}

func aboutStreak(e *worker.StreakError, o job.Options) string {
	const regardless = "--max-consecutive-failures 0 goes on regardless"
	if advice := cognito.StatusAdvice(e.UserStatus); advice != "" {
		return advice + "; " + regardless
	}
	switch {
	case e.Trigger:
		return cognito.Advice(e.Code, o.Target)
	case e.Code == "UserNotFoundException":
		return cognito.Advice(e.Code, o.Target) + "; " + regardless
	}
	return "if these rows are expected to fail, " + regardless
}
