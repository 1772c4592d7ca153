package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"cognito-confirm/internal/job"
	"cognito-confirm/ratelimit"
)

// progressEvery is how often a line says how far a run has come: often enough
// to see that it lives, seldom enough for the log of a whole day.
const progressEvery = 10 * time.Second

// signalPatience is how long somebody waits after Ctrl-C before wondering
// whether it was heard.
const signalPatience = time.Second

// showProgress writes a line every progressEvery until stop is called, and one
// when a signal has ended ctx and calls in flight keep the run from ending.
func showProgress(ctx context.Context, c *console, snapshot func() job.Snapshot) (stop func()) {
	started := time.Now()
	ending := ctx.Done()
	done := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		var answered int64 // by the last line
		var waited <-chan time.Time
		for {
			select {
			case <-done:
				return
			case <-ending:
				ending = nil
				if is[*interruption](context.Cause(ctx)) {
					waited = time.After(signalPatience)
				}
			case <-waited:
				c.infof("waiting for %s in flight; another signal ends the run without the answers", counted(snapshot().Pool.InFlight, "call"))
			case now := <-tick.C:
				s := snapshot()
				printProgress(c, s, now, now.Sub(started), answered)
				answered = s.Limiter.Answered
			}
		}
	})
	return func() {
		close(done)
		wait.Wait()
	}
}

// printProgress says how far a run has come. The answers are the limiter's:
// attempts of rows that are not done count too.
func printProgress(c *console, s job.Snapshot, now time.Time, ran time.Duration, answeredBefore int64) {
	pace := describePace(s.Limiter)
	if s.Limiter.Reason == ratelimit.Limited {
		pace = whatLimits(s)
	}
	if began := s.Pool.Outage; !began.IsZero() {
		c.infof("nothing gets through, for %s now; the last call ended with %s", now.Sub(began).Round(time.Second), s.Pool.Last.Code)
		pace = "all rows wait, and one at a time tries whether it is over"
	}
	c.infof("%s done in %s, %.1f answers/s, %s not successful, %s throttled; %s",
		counted(s.Report.ThisRun.Rows, "row"), ran.Round(time.Second), float64(s.Limiter.Answered-answeredBefore)/progressEvery.Seconds(),
		grouped(s.Report.ThisRun.Unsuccessful()), grouped(s.Limiter.Throttled), pace)
}

// whatLimits says what keeps a run below the rate that it may have.
func whatLimits(s job.Snapshot) string {
	if s.Pool.InFlight >= s.Concurrency*9/10 {
		return fmt.Sprintf("limited by --concurrency %d: answers take long; raise it", s.Concurrency)
	}
	return "limited by the input: rows come more slowly than they could be sent"
}

// describePace says how fast a run may go and why.
func describePace(pace ratelimit.State) string {
	if pace.Ceiling == 0 {
		return fmt.Sprintf("rate %.1f/s, %s", pace.Rate, pace.Reason)
	}
	return fmt.Sprintf("rate %.1f/s of %.1f/s found, %s", pace.Rate, pace.Ceiling, pace.Reason)
}
