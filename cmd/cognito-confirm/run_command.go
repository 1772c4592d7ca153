package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"cognito-confirm/ratelimit"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// runCommand is the main job: read, confirm, report.
type runCommand struct {
	inputFlags
	targetFlags

	Report    string `placeholder:"PATH" help:"The report; without it the input's name with .report.csv."`
	Failed    string `placeholder:"PATH" help:"The rows that did not succeed, an input like any other; without it the input's name with .failed.csv."`
	Overwrite bool   `help:"Replace an existing report and failed-rows file."`

	Rate                   float64       `default:"40" placeholder:"N" help:"Attempts a second, retries included, never exceeded. Default: ${default}."`
	Concurrency            int           `default:"256" placeholder:"N" help:"Calls in flight at most. Default: ${default}."`
	MaxAttempts            int           `default:"8" placeholder:"N" help:"Attempts a row, throttled ones not counted. Default: ${default}."`
	Timeout                time.Duration `default:"30s" placeholder:"TIME" help:"How long one attempt may take. Default: ${default}."`
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
	loaded, err := r.load(ctx)
	if err != nil {
		return err
	}
	return r.confirm(ctx, c, in, loaded)
}

// check refuses flags that make no sense, before anything is opened.
func (r *runCommand) check() error {
	if err := r.targetFlags.check(); err != nil {
		return err
	}
	if err := checkRate(r.Rate); err != nil {
		return err
	}
	switch {
	case r.Concurrency < 1 || r.Concurrency > maxConcurrency:
		return usageError(fmt.Sprintf("--concurrency must be from 1 to %d", maxConcurrency), "")
	case r.MaxAttempts < 1:
		return usageError("--max-attempts must be at least 1", "")
	case r.Timeout <= 0:
		return usageError("--timeout must be above 0", "as 30s or 1m")
	case r.MaxConsecutiveFailures < 0:
		return usageError("--max-consecutive-failures must be at least 0", "0 never stops the run")
	case r.Report == "-" || r.Failed == "-":
		return usageError("the report and the failed-rows file cannot be standard output", "they outlive the run; name a path")
	case r.Input == "-" && r.Report == "":
		return usageError("standard input has no name to derive the report's from", "give --report")
	}
	return nil
}

func checkRate(rate float64) error {
	if !(rate > 0) || math.IsInf(rate, 0) {
		return usageError("--rate must be a number above 0", "")
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
	places := append(in.places(r.Input), place{role: "report", path: r.Report}, place{role: "failed-rows file", path: r.Failed})
	if r.Summary != "" && r.Summary != "-" {
		places = append(places, place{role: "summary", path: r.Summary})
	}
	return refuseSame(places)
}

// confirm does the run, with everything checked that can be checked without
// touching a file.
func (r *runCommand) confirm(ctx context.Context, c *console, in *input, loaded aws.Config) error {
	client, err := newClient(loaded, r.Concurrency)
	if err != nil {
		return err
	}
	// A file that cannot be written ends the run, through the context so that
	// it does so before another call is made.
	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	summary, err := openSummary(r.Summary, c.stdout)
	if err != nil {
		return err
	}
	recorder, err := report.Open(report.Options{
		Report: r.Report, Failed: r.Failed, Overwrite: r.Overwrite,
		Header: in.Header(), Delimiter: rune(r.Delimiter),
		OnFailure: stop,
	})
	if err != nil {
		return errors.Join(r.cannotOpen(err), summary.discard())
	}
	if err := summary.begin(); err != nil {
		return errors.Join(err, recorder.Close())
	}
	limiter := ratelimit.New(ratelimit.Options{Cap: r.Rate})
	pool := worker.NewPool(client, limiter, worker.Options{
		UserPoolID:             r.UserPoolID,
		ClientMetadata:         r.ClientMetadata,
		Concurrency:            r.Concurrency,
		MaxAttempts:            r.MaxAttempts,
		Timeout:                r.Timeout,
		MaxConsecutiveFailures: r.MaxConsecutiveFailures,
	})

	started := time.Now()
	stopProgress := showProgress(c, recorder.Tally(), started)
	runErr := pool.Run(running, in, recorder)
	closeErr := recorder.Close()
	stopProgress()
	took := time.Since(started)
	if closeErr != nil {
		// It says what failed, where the pool can only say that it was stopped.
		runErr = closeErr
	}

	e := r.ending(runErr, recorder)
	e.summary.Time(started, took)
	e.print(c)
	if err := summary.write(&e.summary); err != nil {
		return err
	}
	return &exitError{status: e.summary.ExitStatus}
}

// cannotOpen says of the report or the failed-rows file why it cannot be used.
func (r *runCommand) cannotOpen(err error) error {
	if exists, ok := errors.AsType[*report.ExistsError](err); ok {
		return usageError(exists.Error(), "--overwrite replaces it")
	}
	if errors.Is(err, report.ErrLocked) {
		return &exitError{status: exitLocked, message: err.Error(), hint: "wait for it to end, or give another --report"}
	}
	return usageError(err.Error(), "--report and --failed say where the files go")
}
