package main

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/flags"
	"cognito-confirm/internal/job"
	"cognito-confirm/internal/live"
	"cognito-confirm/internal/progress"
	"cognito-confirm/internal/userpool"
)

// walkFlags set how fast to walk through the users of a pool. The walk has a quota
// of its own, 30 calls a second.
type walkFlags struct {
	ListRate float64 `default:"20" placeholder:"N" help:"Pages of 60 users a second at most. Default: ${default}."`
}

// maxListRate is far above any quota.
const maxListRate = 10_000

func (w walkFlags) check() error {
	if !(w.ListRate > 0 && w.ListRate <= maxListRate) { // NaN is neither
		return flags.Usage(fmt.Sprintf("--list-rate must be above 0 and at most %d", maxListRate), "the usual quota is 30")
	}
	return nil
}

// connect returns a client for calls one after the other, and the Region that they go
// to. Its error is a *job.OpenError.
func connect(ctx context.Context, target cognito.Target) (client cognito.Client, region string, err error) {
	var loaded aws.Config
	if err = target.Check(); err == nil {
		loaded, err = target.Load(ctx)
	}
	if err == nil {
		client, err = cognito.NewClient(loaded, 1)
	}
	if err != nil {
		return nil, "", &job.OpenError{Part: job.PartService, Err: err}
	}
	return client, loaded.Region, nil
}

// showWalk shows how far a walk has come until stop is called. total is how many
// users there are, 0 when that is not known.
func showWalk(c *console, what string, walk *userpool.Walk, total int) (stop func()) {
	began := time.Now()
	return c.show(readingDelay, func(now time.Time) live.Picture {
		state := walk.State()
		return progress.Listing{
			What: what, Now: now, Began: began, Users: state.Users, Pages: state.Pages, Total: total,
			Throttled: state.Throttled, Failures: state.Failures, LastCode: state.LastCode,
		}
	})
}
