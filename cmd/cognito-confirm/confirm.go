package main

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"cognito-confirm/internal/job"
	"cognito-confirm/report"
)

// confirm takes a job from its options to its exit status. summaryPath is the
// value of --summary. args are what the program was started with, nil when the
// same arguments would not make the same job.
func confirm(ctx context.Context, c *console, o job.Options, summaryPath string, args []string) error {
	j, err := job.Open(ctx, o)
	if err != nil {
		return &alreadySaid{c.fail(err, o)}
	}
	defer j.Close()
	if j.Snapshot().NothingLeft {
		c.infof("nothing left to do: every row of the input is in the report")
	}
	file, err := openSummary(summaryPath, c.stdout)
	if err != nil {
		return err
	}
	stopProgress := showProgress(ctx, c, j.Snapshot)
	err = j.Run(ctx)
	stopProgress()
	if is[*job.StartError](err) {
		return errors.Join(err, file.discard())
	}

	summary := j.Summary()
	var hint, resume string
	switch {
	case err != nil:
		summary.ExitStatus, hint = exitOf(err, o)
		if _, stat := os.Stat(summary.Report); errors.Is(stat, fs.ErrNotExist) {
			hint = "put the report back and go on with --resume, or start again with --overwrite"
		} else {
			resume = resumeCommand(args)
		}
	case summary.Unsuccessful() > 0:
		summary.ExitStatus = exitUnsuccess
	}
	switch summary.Outcome {
	case report.Stopped:
		c.errorf("stopped: %s", summary.Reason)
	case report.Interrupted:
		c.errorf("%s", summary.Reason)
	}
	c.hint(hint)
	printSummary(c, &summary, j.Snapshot())
	if resume != "" {
		c.errorf("to finish: %s", resume)
	}
	if err := file.write(&summary); err != nil {
		return err
	}
	return &alreadySaid{summary.ExitStatus}
}
