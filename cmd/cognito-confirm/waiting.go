package main

import (
	"context"
	"sync"
	"time"

	"cognito-confirm/internal/job"
	"cognito-confirm/internal/program"
	"cognito-confirm/internal/words"
)

// sayWaiting tells what is waited for when a signal has ended ctx, and calls in
// flight keep the run from ending, until stop is called.
func sayWaiting(ctx context.Context, c *console, snapshot func() job.Snapshot) (stop func()) {
	done := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		select {
		case <-done:
			return
		case <-ctx.Done():
		}
		if !is[*program.Interruption](context.Cause(ctx)) {
			return
		}
		patience := time.NewTimer(program.Patience)
		defer patience.Stop()
		select {
		case <-done:
		case <-patience.C:
			c.infof("waiting for %s in flight; another signal ends the run without the answers", words.Count(snapshot().Pool.InFlight, "call"))
		}
	})
	return func() {
		close(done)
		wait.Wait()
	}
}
