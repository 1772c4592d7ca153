package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"

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

// TestExits is the table of exit statuses, which is an interface, and of hints.
func TestExits(t *testing.T) {
	input := func(err error) error { return &job.OpenError{Part: job.PartInput, Err: err} }
	outputs := func(err error) error { return &job.OpenError{Part: job.PartOutputs, Err: err} }
	service := func(err error) error { return &job.OpenError{Part: job.PartService, Err: err} }
	file := func(errno error) error {
		return fmt.Errorf("open report: %w", &fs.PathError{Op: "open", Path: "r.csv", Err: errno})
	}
	streak := func(trigger bool, code string) error {
		return &worker.StreakError{Rows: 10, Trigger: trigger, Code: code}
	}
	const (
		regardless = "--max-consecutive-failures 0 goes on regardless"
		another    = "give the one that the earlier run wrote, or another --report"
	)
	tests := []struct {
		name   string
		err    error
		retry  bool
		status int
		hint   string // what it starts with; empty: none
	}{
		{name: "Ctrl-C", err: &program.Interruption{Signal: os.Interrupt}, status: 130},
		{name: "SIGTERM", err: &program.Interruption{Signal: syscall.SIGTERM}, status: 143},
		{name: "SIGHUP", err: &program.Interruption{Signal: syscall.SIGHUP}, status: 143},
		{name: "Ctrl-C while the input is opened", err: input(&program.Interruption{Signal: os.Interrupt}), status: 130},
		{name: "Ctrl-C while credentials are fetched", err: service(&program.Interruption{Signal: os.Interrupt}), status: 130},

		{name: "a flag that makes no sense", err: flags.Usage("no", "give another"), status: 2, hint: "give another"},
		{name: "a shared flag that makes no sense", err: &flags.UsageError{Message: "no", Hint: "give another"}, status: 2, hint: "give another"},
		{name: "an input that cannot be used", err: input(&rows.UnusableError{Reason: "no", Hint: "save it as CSV"}), status: 2, hint: "save it as CSV"},
		{name: "an input that is not there", err: input(file(syscall.ENOENT)), status: 2},
		{name: "an input without a name", err: input(job.ErrNoReport), status: 2, hint: "give --report"},
		{name: "a target that cannot be", err: service(&cognito.TargetError{Message: "no", Hint: "give --region"}), status: 2, hint: "give --region"},
		{name: "no credentials", err: service(&cognito.CredentialsError{Err: errors.New("none")}), status: 1, hint: "sign in or set --profile"},

		{name: "another run", err: outputs(fmt.Errorf("%w: r.csv", report.ErrLocked)), status: 4, hint: "wait for it to end"},
		{name: "a report that exists", err: outputs(&report.ExistsError{Path: "r.csv", IsReport: true}), status: 2, hint: "--resume continues it"},
		{name: "failed rows that exist", err: outputs(&report.ExistsError{Path: "f.csv"}), status: 2, hint: "there is no report that belongs to it: move it away"},
		{name: "a report where a page is to go", err: &job.ReportThereError{Path: "r.csv"}, status: 2, hint: "give another name: a report is never replaced"},
		{name: "a report that is none", err: outputs(&report.UnusableError{Path: "r.csv", IsHeaderless: true}), status: 2, hint: another + "; if only its first line is damaged, cognito-confirm repair keeps"},
		{name: "an object that is no report", err: outputs(&report.UnusableError{Path: "s3://users/r.csv", IsHeaderless: true}), status: 2, hint: another + "; if only its first line is damaged, copy it to a file, cognito-confirm repair keeps"},
		{name: "a report that is damaged", err: outputs(&report.UnusableError{Path: "my r.csv", Reason: "is damaged", Damaged: []int{3}}), status: 2, hint: "cognito-confirm repair 'my r.csv' keeps the sound lines"},
		{name: "a report of another pool", err: outputs(&report.OtherTargetError{Path: "r.csv"}), status: 2, hint: "give another --report"},
		{name: "a report of another shard", err: outputs(&report.OtherShardError{Path: "r.csv"}), status: 2, hint: "resume each report with the --shard that it was begun with"},
		{name: "failed rows of another report", err: outputs(&report.ForeignError{Path: "f.csv"}), status: 2, hint: "move it away, or give another --failed"},
		{name: "events that are none", err: outputs(&events.UnusableError{Path: "e.jsonl", Reason: "is no events file"}), status: 2, hint: "move it away, or give another --events"},
		{name: "an input that was edited", err: input(&report.EditedError{Line: 3, Reason: "is another"}), status: 2, hint: "resume with the input as it was"},
		{name: "an input that was edited too much", err: input(&report.EditedError{Line: 3, Reason: "is another"}), retry: true, status: 2, hint: "rows that are tried again may be corrected"},
		{name: "one file twice", err: outputs(&job.SameFileError{First: "input", Second: "report", Path: "r.csv"}), status: 2},
		{name: "files here and there", err: outputs(&job.MixedError{Role: "failed-rows file", Path: "f.csv"}), status: 2, hint: "without --failed and --events"},
		{name: "an address that is none", err: input(&store.AddressError{Path: "s3://users", Reason: "names no object"}), status: 2},
		{name: "a bucket that is closed to us", err: input(&store.RefusedError{Reason: "AccessDenied", IsFinal: true}), status: 2, hint: "look at the name of the bucket"},
		{name: "a bucket that does not answer", err: outputs(&store.UnreachableError{Err: &store.RefusedError{Reason: "no answer in time"}}), status: 1, hint: "when that is fixed, --resume goes on"},
		{name: "a bucket that went away", err: &store.UnreachableError{Err: errors.New("no answer in time")}, status: 1, hint: "when that is fixed, --resume goes on"},
		{name: "a report in a bucket that is damaged", err: outputs(&report.UnusableError{Path: "s3://users/r.csv", Reason: "is damaged", Damaged: []int{3}}), status: 2, hint: "copy it to a file, cognito-confirm repair keeps"},
		{name: "a report that cannot be made", err: outputs(file(syscall.EACCES)), status: 2, hint: "--report and --failed set where"},
		{name: "a disk that is full", err: outputs(file(syscall.ENOSPC)), status: 1, hint: "when that is fixed, --resume goes on"},
		{name: "a disk quota that is used up", err: input(file(syscall.EDQUOT)), status: 1, hint: "when that is fixed, --resume goes on"},
		{name: "a disk that fails", err: outputs(fmt.Errorf("read report: %w", file(syscall.EIO))), status: 1, hint: "when that is fixed, --resume goes on"},
		{name: "an input on a disk that fails", err: input(file(syscall.EIO)), status: 1, hint: "when that is fixed, --resume goes on"},
		{name: "too many open files", err: input(file(syscall.EMFILE)), status: 1, hint: "when that is fixed, --resume goes on"},
		{name: "a run that could not start", err: &job.StartError{Err: file(syscall.EIO)}, status: 1, hint: "when that is fixed, --resume goes on"},
		{name: "a retry that could not start", err: &job.StartError{Err: file(syscall.EIO)}, retry: true, status: 1, hint: "run the same command when that is fixed"},

		{name: "an answer that every row would get", err: &worker.FatalError{Code: "ResourceNotFoundException"}, status: 1, hint: "there is no pool eu-west-1_Test00000 in this account"},
		{name: "a way that is set up wrongly", err: &worker.FatalError{Code: "proxy_authentication", Misconfigured: true}, status: 2, hint: "the proxy asks for a user and a password"},
		{name: "an answer without advice", err: &worker.FatalError{Code: "NeverHeardOf"}, status: 1},
		{name: "users that may not be listed", err: &userpool.RefusedError{Code: "AccessDeniedException"}, status: 1, hint: "allow the action cognito-idp:ListUsers on the user pool"},
		{name: "failing triggers", err: streak(true, "UserLambdaValidationException"), status: 1, hint: "look at the logs of the pool's Lambda triggers"},
		{name: "users that are not there", err: streak(false, "UserNotFoundException"), status: 1, hint: "look whether this is the right pool"},
		{name: "rows that fail", err: streak(false, "InvalidParameterException"), status: 1, hint: "if these rows are expected to fail, " + regardless},
		{name: "users of one status", err: &worker.StreakError{Rows: 100, UserStatus: "FORCE_CHANGE_PASSWORD"}, status: 1, hint: "they need a password, not a confirmation"},
		{name: "an outage of the credentials", err: &worker.StallError{Code: "credentials"}, status: 1, hint: "sign in or set --profile"},
		{name: "an alias that would be taken", err: service(&cognito.AliasError{Attributes: []string{"email"}}), status: 2, hint: "look whether an address is used twice"},
		{name: "a pool that nobody may ask", err: service(&cognito.AliasError{Cause: "AccessDeniedException"}), status: 2, hint: "whether attributes are aliases"},
		{name: "a pool that does not answer", err: service(&cognito.AliasError{Cause: "http_503", Transient: true}), status: 1, hint: "run the same command again later"},
		{name: "as many rows as asked", err: &job.EnoughError{Rows: 10}, status: 1},
		{name: "an outage", err: &worker.StallError{}, status: 1, hint: "look at the network"},
		{name: "a disk that fills up in a run", err: fmt.Errorf("write report: %w", syscall.ENOSPC), status: 1},
		{name: "a report that somebody else wrote to", err: &report.ChangedError{Path: "r.csv", Reason: "was cut off"}, status: 1, hint: "leave the files of a run to it"},
		{name: "an input that changed in a run", err: job.ErrInputChanged, status: 1, hint: "look at the input"},
		{name: "an input that is broken further on", err: &rows.UnusableError{Reason: "no", Hint: "fetch it again"}, status: 2, hint: "fetch it again"},
		{name: "anything else", err: errors.New("write summary: broken pipe"), status: 1},

		{name: "two at a time", err: errors.Join(outputs(report.ErrLocked), errors.New("close input: x")), status: 4, hint: "wait for it to end"},
	}
	reached := make(map[int]bool)
	for _, test := range tests {
		status, hint := exitOf(test.err, job.Options{Target: cognito.Target{UserPoolID: testPool}, Retry: report.Retry{Failed: test.retry}})
		if status != test.status || !strings.HasPrefix(hint, test.hint) || (hint == "") != (test.hint == "") {
			t.Errorf("%s: exit status %d, hint %q; want %d, %q", test.name, status, hint, test.status, test.hint)
		}
		for i, row := range exits() {
			if row.matches(test.err) {
				reached[i] = true
				break
			}
		}
	}
	if want := len(exits()); len(reached) != want {
		t.Errorf("%d of %d rows of the table were tested", len(reached), want)
	}
	if _, hint := exitOf(outputs(&report.UnusableError{Path: "r.csv.shard"}), job.Options{}); hint != another {
		t.Errorf("the hint about a note is %q", hint)
	}
	if _, hint := exitOf(streak(false, "UserNotFoundException"), job.Options{}); !strings.HasSuffix(hint, regardless) {
		t.Errorf("the hint is %q", hint)
	}
}

// TestEndings is the rest of that table: a run that has come to the end of its
// input.
func TestEndings(t *testing.T) {
	failed, invalid, trigger := report.Counts{Rows: 1, FailedRows: 1}, report.Counts{Rows: 1, Invalid: 1}, report.Counts{Rows: 1, TriggerFailed: 1}
	confirmed := report.Counts{Rows: 2, Confirmed: 1, AlreadyConfirmed: 1}
	tests := []struct {
		name             string
		earlier, thisRun report.Counts
		any, onlyNew     int
	}{
		{"nothing", report.Counts{}, report.Counts{}, 0, 0},
		{"every row is confirmed", confirmed, confirmed, 0, 0},
		{"a row of this run failed", confirmed, failed, 3, 3},
		{"a row of this run was invalid", confirmed, invalid, 3, 3},
		{"the trigger of a row of this run failed", confirmed, trigger, 3, 3},
		{"a row failed earlier", failed, confirmed, 3, 0},
		{"a row was invalid earlier, and nothing was left", invalid, report.Counts{}, 3, 0},
		{"a row failed earlier and another one now", trigger, failed, 3, 3},
	}
	for _, test := range tests {
		var s report.Summary
		s.Count(report.State{Earlier: test.earlier, ThisRun: test.thisRun})
		if got := (ending{}).status(&s); got != test.any {
			t.Errorf("%s: exit status %d, want %d", test.name, got, test.any)
		}
		if got := (ending{onlyNew: true}).status(&s); got != test.onlyNew {
			t.Errorf("%s, only new ones: exit status %d, want %d", test.name, got, test.onlyNew)
		}
	}
}
