package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"cognito-confirm/ratelimit"
	"cognito-confirm/report"
)

// progressEvery is how often a line says how far a run has come: often enough
// to see that it lives, seldom enough for a log of a whole day.
const progressEvery = 10 * time.Second

// patience is how long somebody waits after Ctrl-C before wondering whether it
// was heard.
const patience = time.Second

// progress says now and then how far a run has come.
type progress struct {
	console *console
	tally   *report.Tally
	// pace is what the limiter knows, outage since when nothing gets through,
	// zero for not so, and what the last call ended with.
	pace   func() ratelimit.State
	outage func() (since time.Time, last string)
	// inFlight is how many calls are on the wire.
	inFlight func() int
	// limit says in words what keeps a run below its rate.
	limit func() string
}

// show writes a line every progressEvery until stop is called, and one when a
// signal has ended ctx and the calls on the wire keep the run from ending.
func (p progress) show(ctx context.Context) (stop func()) {
	started := time.Now()
	ending := ctx.Done()
	done := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		var before int64
		var waited <-chan time.Time
		for {
			select {
			case <-done:
				return
			case <-ending:
				ending = nil
				if _, isSignal := errors.AsType[*interruption](context.Cause(ctx)); isSignal {
					waited = time.After(patience)
				}
			case <-waited:
				p.console.infof("waiting for what is on the wire, calls: %d; another signal ends the run without their answers", p.inFlight())
			case now := <-tick.C:
				before = p.line(now, now.Sub(started), before)
			}
		}
	})
	return func() {
		close(done)
		wait.Wait()
	}
}

// line writes one line and returns the attempts answered up to now. These are
// the limiter's: those of rows that are not done count too.
func (p progress) line(now time.Time, ran time.Duration, before int64) (answered int64) {
	counts, pace := p.tally.Counts(), p.pace()
	words := p.paceWords(pace)
	if since, last := p.outage(); !since.IsZero() {
		p.console.infof("nothing gets through since %s, the last call ended with %s", now.Sub(since).Round(time.Second), last)
		words = "all rows wait while one at a time tries whether it is over"
	}
	p.console.infof("%s rows done in %s, %.1f answers/s, %s not successful, %s throttled; %s",
		grouped(counts.Rows), ran.Round(time.Second), float64(pace.Answered-before)/progressEvery.Seconds(),
		grouped(counts.Unsuccessful()), grouped(int(pace.Throttled)), words)
	return pace.Answered
}

func (p progress) paceWords(pace ratelimit.State) string {
	if pace.Reason == ratelimit.Limited {
		return p.limit()
	}
	return paceWords(pace)
}
