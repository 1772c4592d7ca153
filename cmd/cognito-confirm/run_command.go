package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"cognito-confirm/internal/job"
	"cognito-confirm/internal/words"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// runCommand is the main job: read, confirm, report.
type runCommand struct {
	inputFlags
	targetFlags

	Report      string    `placeholder:"PATH" help:"The report, a path or s3://bucket/key. Default: the input's name with .report.csv."`
	Failed      string    `placeholder:"PATH" help:"The rows that did not succeed, an input like any other. Default: the report's name with .failed.csv."`
	Events      string    `placeholder:"PATH" help:"What the report cannot tell (runs, samples of the pace, outages), as JSON lines; 'none' for no such file. Default: the report's name with .events.jsonl."`
	Resume      bool      `xor:"existing" help:"Continue an existing report: do the rows that are not in it."`
	Overwrite   bool      `xor:"existing,again" help:"Replace an existing report and failed-rows file."`
	RetryFailed retryFlag `xor:"again" help:"Continue an existing report, and do the rows again that failed or were invalid: all of them, or --retry-failed=CODE,... for some codes. These rows may be corrected in the input before."`
	Scratch     string    `placeholder:"DIR" help:"Where a report in S3 is while the run lasts. Default: the directory for temporary files."`

	Shard           worker.Shard `placeholder:"I/N" help:"Do one of N parts of the input: I is 0 to N-1. 'auto' takes both from AWS Batch, 'auto/N' the index from a Kubernetes Indexed Job. The other parts are for other processes, and merge puts the reports together."`
	AllowFailedRows bool         `help:"Exit with 0 when all rows are done, also if some failed."`

	boundsFlags

	Rate                   rateFlag      `default:"40" placeholder:"N" help:"Attempts a second at most, retries included, by all shards together; 'auto' finds the quota. Default: ${default}."`
	Pace                   paceFlag      `default:"polite" enum:"polite,dedicated" placeholder:"PACE" help:"'polite' leaves room for live traffic, 'dedicated' takes the whole quota. Default: ${default}."`
	Concurrency            int           `default:"256" placeholder:"N" help:"Calls in flight at most. Default: ${default}."`
	MaxAttempts            int           `default:"8" placeholder:"N" help:"Attempts a row gets. Throttled attempts do not count, nor those that failed while every other call failed too. Default: ${default}."`
	Timeout                time.Duration `default:"30s" placeholder:"TIME" help:"How long one attempt may take. Default: ${default}."`
	StallTimeout           time.Duration `default:"5m" placeholder:"TIME" help:"Stop when no call has got through for this long. Default: ${default}."`
	MaxConsecutiveFailures int           `default:"100" placeholder:"N" help:"Stop after this many failed rows in a row; 0 never stops. Default: ${default}."`
	ClientMetadata         metadataFlag  `placeholder:"K=V,K=V" help:"Passed to the pool's post-confirmation trigger with every row, in the AWS CLI's shorthand or as a JSON object; a column client_metadata.K overrides it. May be repeated."`

	Summary string `placeholder:"PATH" help:"Write a summary in JSON; - for standard output."`
	HTML    string `placeholder:"PATH" help:"Draw the report as a page at the end, as the html command does: a path or s3://bucket/key; - for standard output."`
	FailOn  string `default:"any" enum:"any,new" placeholder:"ROWS" help:"Exit with status 3 for 'any' row that did not succeed, or only for a 'new' one, of this run. Default: ${default}."`
	Quiet   bool   `help:"No progress and no summary text, errors only."`

	displayFlags
}

// Run is called by kong.
func (r *runCommand) Run(ctx context.Context, c *console) error {
	r.displayFlags.set(c, r.Quiet)
	options, err := r.options(c.stdin)
	if err != nil {
		return err
	}
	options.Until = r.end(time.Now())
	if r.Rate == 0 && r.Shard.Count > 1 {
		c.infof("%s that each look for the quota leave less of it to live traffic than one process would; a --rate N is shared among them", words.Count(r.Shard.Count, "shard"))
	}
	return confirm(ctx, c, options, ending{summary: r.Summary, page: r.HTML, onlyNew: r.FailOn == "new", allowFailed: r.AllowFailedRows, args: c.args})
}

// maxConcurrency keeps a slip of the finger from opening more connections than
// a machine has ports.
const maxConcurrency = 10_000

// check refuses flags that make no sense, before anything is opened.
func (r *runCommand) check() error {
	switch {
	case r.Concurrency < 1 || r.Concurrency > maxConcurrency:
		return &usageError{fmt.Sprintf("--concurrency must be from 1 to %d", maxConcurrency), ""}
	case r.MaxAttempts < 1:
		return &usageError{"--max-attempts must be at least 1", ""}
	case r.Timeout <= 0:
		return &usageError{"--timeout must be above 0", "as 30s or 1m"}
	case r.StallTimeout <= 0:
		return &usageError{"--stall-timeout must be above 0", "as 5m or 1h"}
	case r.MaxConsecutiveFailures < 0:
		return &usageError{"--max-consecutive-failures must be at least 0", "0 never stops the run"}
	case r.Summary == "-" && r.HTML == "-":
		return &usageError{"--summary and --html cannot both be standard output", ""}
	case r.Report == "-" || r.Failed == "-" || r.Events == "-":
		return &usageError{"the report, the failed-rows file and the events cannot be standard output", "a later run reads them; name a path"}
	}
	return r.boundsFlags.check()
}

// options returns the flags as options of a job.
func (r *runCommand) options(stdin io.Reader) (job.Options, error) {
	if err := r.check(); err != nil {
		return job.Options{}, err
	}
	input, err := r.inputFlags.options(stdin)
	if err != nil {
		return job.Options{}, err
	}
	return job.Options{
		Input:          input,
		Shard:          r.Shard,
		Target:         r.target(),
		ClientMetadata: r.ClientMetadata,
		Report:         r.Report,
		Failed:         r.Failed,
		Events:         r.Events,
		Scratch:        r.Scratch,
		Overwrite:      r.Overwrite,
		Resume:         r.Resume || r.RetryFailed.Failed,
		Retry:          report.Retry(r.RetryFailed),
		Outputs:        summaryFiles(r.Summary),
		Limit:          r.limit(),
		Rate:           float64(r.Rate) / float64(max(1, r.Shard.Count)),
		Pace:           r.Pace.pace(),
		Pool: worker.Options{
			Concurrency:            r.Concurrency,
			MaxAttempts:            r.MaxAttempts,
			Timeout:                r.Timeout,
			StallTimeout:           r.StallTimeout,
			MaxConsecutiveFailures: r.MaxConsecutiveFailures,
		},
	}, nil
}
