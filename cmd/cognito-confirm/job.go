package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"cognito-confirm/ratelimit"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// job is the main command with its flags checked and its input open.
type job struct {
	*runCommand
	console *console
	in      *input
	// load gets the configuration with the credentials.
	load func(context.Context) (aws.Config, error)
	// args are what the program was started with, nil when repeating them
	// would not repeat the job.
	args []string

	// Both are nil as long as there is nothing to call the service for.
	limiter *ratelimit.Limiter
	pool    *worker.Pool
}

// indexShare is what part of a report its index takes in memory at most, with
// what the collector needs beside it: 4 bytes for a line of 60 or more.
const indexShare = 6

// run finds out everything that can stand in the way before the first call,
// and touches what was there before only when there is nothing.
func (j *job) run(ctx context.Context) error {
	// A file that cannot be written ends the run through the context, so that
	// it does so before another call is made.
	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	allowMemory(int64(max(0, j.Concurrency-256)) * callMemory)
	if info, err := os.Stat(j.Report); j.Resume && err == nil {
		allowMemory(info.Size() / indexShare)
	}
	recorder, err := report.Open(ctx, report.Options{
		Report: j.Report, Failed: j.Failed, Overwrite: j.Overwrite, Resume: j.Resume,
		Header: j.in.Header(), Delimiter: rune(j.Delimiter),
		OnFailure: stop,
	})
	if err != nil {
		return j.cannotRecord(err)
	}
	defer recorder.Close()
	rows, err := recorder.Remaining(ctx, j.in)
	if err != nil {
		return cannotResume(err)
	}
	if rows == nil {
		j.console.infof("nothing left to do: every row of the input is in the report")
	} else if err := j.connect(ctx); err != nil {
		return err
	}
	summary, err := openSummary(j.Summary, j.console.stdout)
	if err != nil {
		return err
	}
	if err := summary.begin(); err != nil {
		return err
	}
	if err := recorder.Start(); err != nil {
		// The places are right, or Open would have said so: it is the disk.
		return errors.Join(diskError(err), summary.discard())
	}

	started := time.Now()
	err = j.confirm(running, rows, recorder)
	took := time.Since(started)

	e := j.ending(err, recorder)
	e.summary.Time(started, took)
	if j.limiter != nil {
		e.paceWords = j.pacing(&e.summary)
	}
	e.print(j.console)
	if err := summary.write(&e.summary); err != nil {
		return err
	}
	return &exitError{status: e.summary.ExitStatus}
}

// connect gets what it takes to call the service. Without any rows it is not
// needed, and neither are credentials.
func (j *job) connect(ctx context.Context) error {
	loaded, err := j.load(ctx)
	if err != nil {
		return err
	}
	client, err := newClient(loaded, j.Concurrency)
	if err != nil {
		return err
	}
	j.limiter = ratelimit.New(ratelimit.Options{Cap: float64(j.Rate), Pace: j.Pace.pace()})
	j.pool = worker.NewPool(client, j.limiter, worker.Options{
		UserPoolID:             j.UserPoolID,
		ClientMetadata:         j.ClientMetadata,
		Concurrency:            j.Concurrency,
		MaxAttempts:            j.MaxAttempts,
		Timeout:                j.Timeout,
		StallTimeout:           j.StallTimeout,
		MaxConsecutiveFailures: j.MaxConsecutiveFailures,
	})
	return nil
}

// confirm takes the rows through the pool, and closes the recorder behind the
// last of them.
func (j *job) confirm(ctx context.Context, rows worker.Source, recorder *report.Recorder) error {
	var err error
	if j.pool != nil {
		stop := progress{j.console, recorder.Tally(), j.limiter.State, j.pool.Outage, j.pool.InFlight, j.limit}.show(ctx)
		err = j.pool.Run(ctx, rows, recorder)
		stop()
	}
	if closeErr := recorder.Close(); closeErr != nil {
		// It says what failed, where the pool can only say that it was stopped.
		return closeErr
	}
	return err
}

// limit says what keeps the run below the rate that it may have, and what to
// do about it.
func (j *job) limit() string {
	if inFlight := j.pool.InFlight(); inFlight >= j.Concurrency*9/10 {
		return fmt.Sprintf("limited by --concurrency %d: answers take long; raise it", j.Concurrency)
	}
	return "limited by the input: rows come more slowly than they could be sent"
}

// pacing fills in how the run was paced, and returns it in words.
func (j *job) pacing(s *report.Summary) string {
	pace := j.limiter.State()
	s.Pacing = report.Pacing{Rate: math.Round(pace.Rate*10) / 10, Ceiling: math.Round(pace.Ceiling*10) / 10, Reason: pace.Reason.String()}
	return paceWords(pace)
}

// cannotResume says why the input cannot be continued.
func cannotResume(err error) error {
	if _, ok := errors.AsType[*report.EditedError](err); ok {
		return usageError(err.Error(), "resume with the input as it was, or give the new one another --report")
	}
	return cannotUse(err, "")
}

// cannotUse is for an error of a signal, of the disk or of the command line.
func cannotUse(err error, hint string) error {
	if _, ok := errors.AsType[*interruption](err); ok {
		return err
	}
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return diskError(err)
	}
	return usageError(err.Error(), hint)
}

// diskError ends a run whose command line is right: the same one goes on later.
func diskError(err error) error {
	return &exitError{status: exitStopped, message: err.Error(), hint: "when that is mended, --resume goes on"}
}

// cannotRecord says why the report or the failed-rows file cannot be used.
func (j *job) cannotRecord(err error) error {
	if _, ok := errors.AsType[*report.ExistsError](err); ok {
		hint := "--resume continues it, --overwrite replaces it"
		if j.Resume {
			hint = "there is no report to go with it: move it away, or give --overwrite in place of --resume"
		}
		return usageError(err.Error(), hint)
	}
	if errors.Is(err, report.ErrLocked) {
		return &exitError{status: exitLocked, message: err.Error(), hint: "wait for it to end, or give another --report"}
	}
	if _, ok := errors.AsType[*report.UnusableError](err); ok {
		return usageError(err.Error(), "give the one that the earlier run wrote, or --overwrite to start again")
	}
	return cannotUse(err, "--report and --failed say where the files go")
}
