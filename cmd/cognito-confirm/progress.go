package main

import (
	"sync"
	"time"

	"cognito-confirm/report"
)

// progressEvery is how often a line says how far a run has come: often enough
// to see that it lives, seldom enough for a log of a whole day.
const progressEvery = 10 * time.Second

// showProgress writes a line now and then until the returned function is called.
func showProgress(c *console, tally *report.Tally, started time.Time) (stop func()) {
	done := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		var before report.Counts
		for {
			select {
			case <-done:
				return
			case now := <-tick.C:
				counts := tally.Counts()
				attempts := float64(counts.Attempts-before.Attempts) / progressEvery.Seconds()
				c.infof("%s rows done in %s, %.1f attempts/s, %s not successful, %s throttled",
					grouped(counts.Rows), now.Sub(started).Round(time.Second), attempts,
					grouped(counts.Unsuccessful()), grouped(counts.Throttled))
				before = counts
			}
		}
	})
	return func() {
		close(done)
		wait.Wait()
	}
}
