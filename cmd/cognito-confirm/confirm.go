package main

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"cognito-confirm/internal/events"
	"cognito-confirm/internal/job"
	"cognito-confirm/internal/metrics"
	"cognito-confirm/internal/program"
	"cognito-confirm/internal/rows"
	"cognito-confirm/internal/store"
	"cognito-confirm/internal/words"
	"cognito-confirm/report"
)

// ending tells how a job is to end. With the zero value every row that did not
// succeed counts, and the summary is printed but not written to a file.
type ending struct {
	// summary and page are the values of --summary and --html.
	summary, page string
	// onlyNew: rows that an earlier run has reported do not decide about the exit status.
	onlyNew bool
	// allowFailed: no rows do.
	allowFailed bool
	// metrics are the flags about metrics.
	metrics metricsFlags
	// args are what the program was started with, nil when the same arguments
	// would not make the same job.
	args []string
}

// status is the exit status of a job that has come to its end.
func (e ending) status(s *report.Summary) int {
	counts := s.Counts
	if e.onlyNew {
		counts = s.ThisRun
	}
	if counts.Unsuccessful() > 0 && !e.allowFailed {
		return program.Unsuccessful
	}
	return program.Done
}

// confirm takes a job from its options to its exit status.
func confirm(ctx context.Context, c *console, o job.Options, end ending) error {
	file, err := openSummary(end.summary, c.stdout, o.Overwrite)
	if err != nil {
		return err
	}
	staging := job.NewStaging(o)
	defer staging.Close()
	drawn := newPageFile(end.page, staging, c.stdout, o.Overwrite)
	if err := drawn.check(ctx); err != nil {
		return err
	}
	if err := end.metrics.file(o.Overwrite).check(); err != nil {
		return err
	}
	o.Outputs = append(o.Outputs, append(filesAt(end.page, "page"), filesAt(end.metrics.MetricsFile, "metrics file")...)...)
	o.Streams, o.Version, o.Opening = c.streams(), program.Version(), new(job.Opening)
	stopOpening := showOpening(c, o.Opening)
	j, err := job.Open(ctx, o)
	stopOpening()
	if err != nil {
		return &alreadySaid{c.status(err, o)}
	}
	defer j.Close()
	end.metrics.warn(c)
	warned := warn(c, j.Warnings(), 0)
	for _, assumption := range j.Layout().Assumptions() {
		c.infof("%s", assumption)
	}
	tellRetry(c, o.Retry, j.Snapshot().Report)
	if j.Snapshot().NothingLeft {
		whole := "input"
		if !o.Shard.IsWhole() {
			whole = "shard"
		}
		c.infof("nothing left to do: every row of the %s is in the report", whole)
	}
	if err := file.removeEarlier(); err != nil {
		return err
	}
	stopNoting := context.AfterFunc(ctx, func() { noteSignal(ctx, j) })
	stopProgress := showRun(ctx, c, j, o)
	numbers := &runMetrics{metricsFlags: end.metrics, console: c, overwrite: o.Overwrite, look: func() metrics.Sample { return sampleOf(j) }}
	stopNumbers := numbers.keep()
	err = j.Run(ctx)
	stopNumbers()
	stopNoting()
	stopProgress()
	if is[*job.StartError](err) {
		status, _ := exitOf(err, o)
		numbers.end(status)
		return err
	}
	warn(c, j.Warnings(), warned)

	summary := j.Summary()
	var hint, resume string
	if err != nil {
		summary.ExitStatus, hint = exitOf(err, o)
		resume = waysToResume(c, err, &summary, end.args)
	} else {
		summary.ExitStatus = end.status(&summary)
	}
	tell := c.errorf
	switch {
	case is[*job.EnoughError](err): // nothing is wrong
		tell = c.infof
		tell("%s", summary.Reason)
	case summary.Outcome == report.Stopped:
		tell("stopped: %s", summary.Reason)
	case summary.Outcome == report.Interrupted:
		tell("%s", summary.Reason)
	}
	c.hint(hint)
	printLayout(c, j.Layout())
	if n := j.Mangled(); n > 0 {
		c.infof("%s mangled and %s: %s check lists %s", words.Count(n, "username")+words.Either(n, " looks", " look"),
			words.Either(n, "was sent as it is", "were sent as they are"), programName, words.Either(n, "it", "them"))
	}
	printSummary(c, &summary, o, j.Snapshot())
	if resume != "" {
		tell("to finish: %s", resume)
	}
	if err == nil {
		printWaysToRetry(c, &summary, o, end.args)
	}
	noteEnd(j, &summary)
	if err := drawn.drawRun(ctx, c, j, &summary, o.Events); err != nil {
		c.errorf("draw page: %v", err)
		summary.ExitStatus = max(summary.ExitStatus, program.Stopped)
	}
	numbers.end(summary.ExitStatus)
	if err := file.write(&summary); err != nil {
		return err
	}
	if err := j.Close(); err != nil {
		c.warnf("%v", err)
	}
	return &alreadySaid{summary.ExitStatus}
}

// noteSignal tells the events which signal ended the run.
func noteSignal(ctx context.Context, j *job.Job) {
	if interrupted, ok := errors.AsType[*program.Interruption](context.Cause(ctx)); ok {
		j.Note(events.Signal{Signal: interrupted.Name()})
	}
}

// noteEnd tells the events what the run came to.
func noteEnd(j *job.Job, s *report.Summary) {
	j.Note(events.End{
		Outcome: string(s.Outcome), ExitStatus: s.ExitStatus, Reason: s.Reason,
		Numbers: events.Numbers{
			Rows: s.Rows, Confirmed: s.Confirmed, AlreadyConfirmed: s.AlreadyConfirmed, TriggerFailed: s.TriggerFailed,
			FailedRows: s.FailedRows, Invalid: s.Invalid, Attempts: s.Attempts, Throttled: s.Throttled,
			NotVerified: s.NotVerified,
		},
	})
}

// warn prints the warnings after those that were printed before, and returns
// how many there are now.
func warn(c *console, warnings []string, printed int) int {
	for _, warning := range warnings[printed:] {
		c.warnf("%s", warning)
	}
	return len(warnings)
}

// printLayout tells what was out of the ordinary among the rows.
func printLayout(c *console, layout rows.Layout) {
	if layout.NoRows {
		c.warnf("the input has no rows")
	}
	for _, irregularity := range layout.Irregularities() {
		c.infof("%s", irregularity)
	}
}

// waysToResume tells how to finish a run that ended with an error. It is empty
// when resuming would come to the same.
func waysToResume(c *console, err error, s *report.Summary, args []string) string {
	if is[*rows.UnusableError](err) {
		return ""
	}
	if _, stat := os.Stat(s.Report); !store.IsAddress(s.Report) && errors.Is(stat, fs.ErrNotExist) {
		return "put the report back, and run the same command with --resume"
	}
	if enough, ok := errors.AsType[*job.EnoughError](err); ok && enough.Rows > 0 {
		args = withoutLimit(args)
	}
	return resumeCommand(c.program, args)
}
