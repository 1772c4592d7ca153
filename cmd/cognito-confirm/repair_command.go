package main

import (
	"context"
	"errors"
	"io/fs"

	"cognito-confirm/internal/flags"
	"cognito-confirm/internal/store"
	"cognito-confirm/internal/words"
	"cognito-confirm/report"
)

// repairCommand makes a report that something else has damaged fit to be resumed.
type repairCommand struct {
	Report string `arg:"" help:"The report."`
}

// Run is called by kong.
func (r *repairCommand) Run(ctx context.Context, c *console) error {
	if store.IsAddress(r.Report) {
		return flags.Usage("repair works on files", "copy the report to a file, repair that, and put it back")
	}
	repaired, err := report.Repair(ctx, r.Report)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return flags.Usage(err.Error(), "")
	case is[*report.UnusableError](err): // whose hint for a run is --report and this command
		return flags.Usage(err.Error(), "give the report that a run wrote, not its input")
	case err != nil:
		return err
	}
	if repaired.Old == "" {
		c.infof("%s is sound: %s", r.Report, words.Count(repaired.Kept, "row"))
		return nil
	}
	c.infof("kept %s, dropped %s; --resume asks for the rows of those", words.Count(repaired.Kept, "line"), words.Count(repaired.Dropped, "line"))
	c.infof("the report as it was: %s", repaired.Old)
	return nil
}
