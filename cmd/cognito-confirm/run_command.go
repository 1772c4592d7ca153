package main

import (
	"context"
	"io"
	"time"

	"cognito-confirm/internal/flags"
	"cognito-confirm/internal/job"
	"cognito-confirm/internal/words"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// runCommand is the main job: read, confirm, report.
type runCommand struct {
	flags.Input
	flags.Pool
	runFlags
}

// runFlags are all other flags of a run. check takes them too, so that the word run
// can be changed into check in place.
type runFlags struct {
	Report      string    `placeholder:"PATH" help:"The report, a path or s3://bucket/key. Default: the input's name with .report.csv."`
	Failed      string    `placeholder:"PATH" help:"The rows that did not succeed, an input like any other. Default: the report's name with .failed.csv."`
	Events      string    `placeholder:"PATH" help:"What the report cannot tell (runs, samples of the pace, outages), as JSON lines; 'none' for no such file. Default: the report's name with .events.jsonl."`
	Resume      bool      `xor:"existing" help:"Continue an existing report: do the rows that are not in it."`
	Overwrite   bool      `xor:"existing,again" help:"Replace an existing report and failed-rows file."`
	RetryFailed retryFlag `xor:"again" help:"Continue an existing report, and do the rows again that failed, were not verified or were invalid: all of them, or --retry-failed=CODE,... for some codes. These rows may be corrected in the input before."`
	Scratch     string    `placeholder:"DIR" help:"Where a report in S3 is while the run lasts. Default: the directory for temporary files."`

	Shard           worker.Shard `placeholder:"I/N" help:"Do one of N parts of the input: I is 0 to N-1. 'auto' takes both from AWS Batch, 'auto/N' the index from a Kubernetes Indexed Job. The other parts are for other processes, and merge puts the reports together."`
	AllowFailedRows bool         `help:"Exit with 0 when all rows are done, also if some failed."`

	boundsFlags

	Rate flags.Rate `default:"40" placeholder:"N" help:"Attempts a second at most, retries included, by all shards together; 'auto' finds the quota. Default: ${default}."`
	flags.Calls

	verifyFlags

	Summary string `placeholder:"PATH" help:"Write a summary in JSON; - for standard output."`
	HTML    string `placeholder:"PATH" help:"Draw the report as a page at the end, as the html command does: a path or s3://bucket/key; - for standard output."`
	FailOn  string `default:"any" enum:"any,new" placeholder:"ROWS" help:"Exit with status 3 for 'any' row that did not succeed, or only for a 'new' one, of this run. Default: ${default}."`
	Quiet   bool   `help:"No progress and no summary text, errors only."`

	displayFlags
	metricsFlags
}

// Run is called by kong.
func (r *runCommand) Run(ctx context.Context, c *console) error {
	r.displayFlags.set(c, r.Quiet)
	if err := r.metricsFlags.check(r.LogFormat); err != nil {
		return err
	}
	options, err := r.options(c.stdin)
	if err != nil {
		return err
	}
	options.Until = r.end(time.Now())
	if r.Rate == 0 && r.Shard.Count > 1 {
		c.infof("%s that each look for the quota leave less of it to live traffic than one process would; a --rate N is shared among them", words.Count(r.Shard.Count, "shard"))
	}
	return confirm(ctx, c, options, ending{summary: r.Summary, page: r.HTML, onlyNew: r.FailOn == "new", allowFailed: r.AllowFailedRows, metrics: r.metricsFlags, args: c.args})
}

// check refuses flags that make no sense, before anything is opened.
func (r *runFlags) check() error {
	switch {
	case r.Summary == "-" && r.HTML == "-":
		return flags.Usage("--summary and --html cannot both be standard output", "")
	case r.Report == "-" || r.Failed == "-" || r.Events == "-":
		return flags.Usage("the report, the failed-rows file and the events cannot be standard output", "a later run reads them; name a path")
	}
	if err := r.Calls.Check(); err != nil {
		return err
	}
	return r.boundsFlags.check()
}

// options returns the flags as options of a job.
func (r *runCommand) options(stdin io.Reader) (job.Options, error) {
	if err := r.check(); err != nil {
		return job.Options{}, err
	}
	input, err := r.Input.Options(stdin)
	if err != nil {
		return job.Options{}, err
	}
	return job.Options{
		Input:          input,
		Shard:          r.Shard,
		Target:         r.Target(),
		ClientMetadata: r.ClientMetadata,
		Report:         r.Report,
		Failed:         r.Failed,
		Events:         r.Events,
		Scratch:        r.Scratch,
		Overwrite:      r.Overwrite,
		Resume:         r.Resume || r.RetryFailed.Failed,
		Retry:          report.Retry(r.RetryFailed),
		Outputs:        filesAt(r.Summary, "summary"),
		Limit:          most(r.Limit),
		Rate:           float64(r.Rate) / float64(max(1, r.Shard.Count)),
		Pace:           r.Pace.Pace(),
		Pool:           r.Calls.Options(),

		MarkVerified:       r.MarkVerified,
		VerifyRate:         float64(r.VerifyRate) / float64(max(1, r.Shard.Count)),
		AllowAliasTakeover: r.AllowAliasTakeover,
	}, nil
}
