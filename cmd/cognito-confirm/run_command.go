package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"cognito-confirm/report"
)

// runCommand is the main job: read, confirm, report.
type runCommand struct {
	inputFlags
	targetFlags

	Report    string `placeholder:"PATH" help:"The report; without it the input's name with .report.csv."`
	Failed    string `placeholder:"PATH" help:"The rows that did not succeed, an input like any other; without it the input's name with .failed.csv."`
	Resume    bool   `xor:"existing" help:"Continue an existing report: do the rows that are not in it."`
	Overwrite bool   `xor:"existing" help:"Replace an existing report and failed-rows file."`

	Rate                   rateFlag      `default:"40" placeholder:"N" help:"Attempts a second, retries included, never exceeded; 'auto' finds the quota. Default: ${default}."`
	Pace                   paceFlag      `default:"polite" enum:"polite,dedicated" placeholder:"PACE" help:"'polite' leaves room for live traffic, 'dedicated' takes the whole quota. Default: ${default}."`
	Concurrency            int           `default:"256" placeholder:"N" help:"Calls in flight at most. Default: ${default}."`
	MaxAttempts            int           `default:"8" placeholder:"N" help:"Attempts a row, without those that were throttled or that nothing else succeeded beside. Default: ${default}."`
	Timeout                time.Duration `default:"30s" placeholder:"TIME" help:"How long one attempt may take. Default: ${default}."`
	StallTimeout           time.Duration `default:"5m" placeholder:"TIME" help:"Stop when no call gets through for so long. Default: ${default}."`
	MaxConsecutiveFailures int           `default:"100" placeholder:"N" help:"Failed rows in a row that stop the run, 0 for never. Default: ${default}."`
	ClientMetadata         metadataFlag  `placeholder:"K=V" help:"Passed to the pool's post-confirmation trigger with every row; a column client_metadata.K overrides it. May be repeated."`

	Summary string `placeholder:"PATH" help:"Write a summary in JSON; - for standard output."`
	Quiet   bool   `help:"No progress and no summary text, errors only."`
}

// Run is called by kong.
func (r *runCommand) Run(ctx context.Context, c *console) error {
	c.quiet = r.Quiet
	if err := r.check(); err != nil {
		return err
	}
	in, err := r.open(ctx, c.stdin)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := r.places(in); err != nil {
		return err
	}
	return (&job{runCommand: r, console: c, in: in, load: r.load, args: c.args}).run(ctx)
}

// check refuses flags that make no sense, before anything is opened.
func (r *runCommand) check() error {
	if err := r.targetFlags.check(); err != nil {
		return err
	}
	switch {
	case r.Concurrency < 1 || r.Concurrency > maxConcurrency:
		return usageError(fmt.Sprintf("--concurrency must be from 1 to %d", maxConcurrency), "")
	case r.MaxAttempts < 1:
		return usageError("--max-attempts must be at least 1", "")
	case r.Timeout <= 0:
		return usageError("--timeout must be above 0", "as 30s or 1m")
	case r.StallTimeout <= 0:
		return usageError("--stall-timeout must be above 0", "as 5m or 1h")
	case r.MaxConsecutiveFailures < 0:
		return usageError("--max-consecutive-failures must be at least 0", "0 never stops the run")
	case r.Report == "-" || r.Failed == "-":
		return usageError("the report and the failed-rows file cannot be standard output", "they outlive the run; name a path")
	case r.Input == "-" && r.Report == "":
		return usageError("standard input has no name to derive the report's from", "give --report")
	}
	return nil
}

// maxConcurrency keeps a slip of the finger from opening more connections than
// a machine has ports.
const maxConcurrency = 10_000

// places fills in where the files go and refuses those that are in each other's way.
func (r *runCommand) places(in *input) error {
	base := r.Input
	if base == "-" {
		base = strings.TrimSuffix(r.Report, ".report.csv")
	}
	if r.Report == "" {
		r.Report = defaultPath(base, ".report.csv")
	}
	if r.Failed == "" {
		r.Failed = defaultPath(base, ".failed.csv")
	}
	places := append(in.places(r.Input),
		place{role: "report", path: r.Report},
		place{role: "failed-rows file", path: r.Failed},
		place{role: "failed-rows file while it is made anew", path: report.Unfinished(r.Failed)})
	if r.Summary != "" && r.Summary != "-" {
		places = append(places, place{role: "summary", path: r.Summary})
	}
	return refuseSame(places)
}
