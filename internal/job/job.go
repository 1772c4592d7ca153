// Package job runs a whole confirmation: it opens everything that can fail
// before the first call, takes the rows through the pool, tells how far it has
// come, and tells what it came to.
//
// The one idea in it: whoever drives a job (a command, a page, a worker of a
// workflow engine) sets Options, reads Snapshots and looks at typed errors.
// Signals, flags, exit statuses and words for terminals are the driver's.
//
// Open, Run, Summary, Close is the life of a job. Snapshot may be called at
// any time in it.
package job

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/events"
	"cognito-confirm/internal/rows"
	"cognito-confirm/internal/store"
	"cognito-confirm/ratelimit"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// Job is one run over one input. Make one with Open.
type Job struct {
	options  Options
	target   cognito.Target // as the AWS configuration completes it
	signing  cognito.Signing
	input    *rows.Input
	recorder *report.Recorder
	events   *events.Writer // nil for none
	remote   *remote

	// quota is the account's in calls a second, 0 when it is not known, and
	// quotaUnread tells why it is not.
	quota       float64
	quotaUnread string

	// These three are nil when there is nothing left to do.
	remaining worker.Source
	limiter   *ratelimit.Limiter
	marking   *ratelimit.Limiter // also nil when nothing is marked as verified
	pool      *worker.Pool

	mangled atomic.Int64 // usernames that were sent and look so

	// stop ends the run when the report cannot be written. Run sets it before
	// the recorder starts.
	stop context.CancelCauseFunc

	mu          sync.Mutex // guards what follows
	started     time.Time  // zero before Run
	took        time.Duration
	err         error // of Run
	interrupted bool  // Run's context ended it
	eventsError string
}

// errRunTwice: the rows of a second run would be gone.
var errRunTwice = errors.New("a job runs once")

// Run takes the rows through the pool and closes the report. It returns nil
// when every row of the input is in the report. A *StartError means that it did
// not begin and that nothing was changed. The error is the cause of ctx when that
// ended the run, one of the pool's (*worker.FatalError, *worker.StreakError,
// *worker.StallError), an *EnoughError, ErrInputChanged, a *report.ChangedError, or tells what
// could not be read or written. The job can be resumed after it, unless it is a
// *rows.UnusableError: then the input itself is broken. Calls in flight are
// waited for and recorded in any case.
func (j *Job) Run(ctx context.Context) error {
	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if j.stop != nil {
		return &StartError{errRunTwice}
	}
	j.stop = stop
	if err := j.recorder.Start(); err != nil {
		return &StartError{err}
	}
	if err := j.remote.begin(ctx, j.options); err != nil {
		return &StartError{err}
	}
	j.begin()
	stopEvents := j.keepEvents()
	err := j.confirm(running)
	stopEvents()
	j.end(err, ctx.Err() != nil && errors.Is(err, context.Cause(ctx)))
	return err
}

// confirm takes the rows through the pool, and closes the recorder after the last.
func (j *Job) confirm(ctx context.Context) error {
	var err error
	if j.remaining != nil {
		stopAt(ctx, j.options.Until, j.stop)
		err = j.pool.Run(ctx, j.remaining, j.recorder)
	}
	if closeErr := j.recorder.Close(); closeErr != nil {
		// This error tells what failed; the pool only knows that it was stopped.
		return closeErr
	}
	if err == nil && j.input.Changed() || errors.Is(err, store.ErrChanged) {
		err = ErrInputChanged
	}
	return j.finishRemote(ctx, j.remote.lockError(err))
}

// finishRemote brings the files to their store after a run that ended with err.
func (j *Job) finishRemote(ctx context.Context, err error) error {
	finishErr := j.remote.finish(ctx, err == nil)
	if err == nil {
		return finishErr
	}
	if finishErr != nil {
		j.remote.warn("the last of the rows are on this machine only, in %s: %v", j.remote.scratch.path(""), finishErr)
	}
	return err
}

func (j *Job) begin() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.started = time.Now()
}

func (j *Job) end(err error, interrupted bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.took, j.err, j.interrupted = time.Since(j.started), err, interrupted
}

// Warnings are what the files of the run and this machine lack without stopping
// it, one line each. There may be more of them after Run.
func (j *Job) Warnings() []string {
	warnings := slices.Concat(j.recorder.Warnings(), j.remote.warnings(), j.quotaWarnings())
	if j.pool != nil {
		if pool := j.pool.State(); pool.Shortage != "" {
			warnings = append(warnings, fmt.Sprintf("only %d of %d calls could be in flight: %s",
				pool.Concurrency, j.options.Pool.Concurrency, cognito.Advice(pool.Shortage, j.target)))
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.eventsError != "" {
		warnings = append(warnings, j.eventsError)
	}
	return warnings
}

// Layout is what was understood of the input. It may be called from any goroutine.
func (j *Job) Layout() rows.Layout { return j.input.Layout() }

// Close closes the files. Without Run it leaves everything as Open found it.
// Closing again does nothing.
func (j *Job) Close() error {
	return errors.Join(j.recorder.Close(), j.events.Close(), j.remote.close(context.Background()), j.input.Close())
}
