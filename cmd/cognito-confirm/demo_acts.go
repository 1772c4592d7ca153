package main

import (
	"context"
	"errors"
	"os"
	"time"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/internal/job"
	"cognito-confirm/internal/program"
	"cognito-confirm/internal/words"
)

// demoPage is the name of the page that the demo ends with.
const demoPage = "users.report.html"

// play plays the three acts, and tells after each how live traffic fared.
func (d demo) play(ctx context.Context, c *console, server *fakecognito.Server, o job.Options) error {
	c.infof("act 1 of 3: find what live sign-ups leave of the quota, and stand back when they need it")
	running, end := context.WithCancelCause(ctx)
	defer end(nil)
	directed := make(chan struct{})
	go func() {
		defer close(directed)
		d.direct(running, c, server, func() { end(&program.Interruption{Signal: os.Interrupt}) })
	}()
	err := confirm(running, c, o, ending{})
	end(nil)
	<-directed
	tellLive(c, server)
	if ended, ok := errors.AsType[*alreadySaid](err); !ok || ended.status != program.Interrupted || ctx.Err() != nil {
		return err
	}
	c.infof("the same command with --resume does what is left")
	o.Resume = true
	err = confirm(ctx, c, o, ending{page: d.path(demoPage)})
	tellLive(c, server)
	return err
}

// direct makes the service go away and come back, and interrupts the run.
func (d demo) direct(ctx context.Context, c *console, server *fakecognito.Server, interrupt func()) {
	if !awaitConfirmed(ctx, server, d.outageAt) {
		return
	}
	tellLive(c, server)
	c.infof("act 2 of 3: the service goes away for %s, and no row fails for it", d.outage)
	server.SetOutage(&fakecognito.Fault{Kind: fakecognito.FaultReset})
	defer server.SetOutage(nil)
	select {
	case <-time.After(d.outage):
	case <-ctx.Done():
		return
	}
	server.SetOutage(nil)
	if !awaitConfirmed(ctx, server, d.interruptAt) {
		return
	}
	tellLive(c, server)
	c.infof("act 3 of 3: somebody presses Ctrl-C, and resumes the run")
	interrupt()
}

// awaitConfirmed waits until that number of users is confirmed. It returns false when ctx ended first.
func awaitConfirmed(ctx context.Context, server *fakecognito.Server, confirmed int64) bool {
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for server.Counts().Confirmed < confirmed {
		select {
		case <-look.C:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// tellLive tells what the stand-in has seen of live traffic.
func tellLive(c *console, server *fakecognito.Server) {
	counts := server.Counts()
	c.infof("the stand-in: %s of the demo, %s throttled; live sign-ups: %s, %s throttled",
		words.Count(counts.Calls, "call"), words.Group(counts.Throttled), words.Count(counts.LiveCalls, "call"), words.Group(counts.LiveThrottled))
}
