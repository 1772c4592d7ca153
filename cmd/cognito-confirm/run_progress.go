package main

import (
	"cmp"
	"context"
	"sync"
	"sync/atomic"
	"time"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/job"
	"cognito-confirm/internal/live"
	"cognito-confirm/internal/program"
	"cognito-confirm/internal/progress"
)

// runProgress makes pictures of a job that runs. It is looked at, and polls the
// job then: nothing on the way of a row knows of it.
type runProgress struct {
	console  *console
	snapshot func() job.Snapshot
	options  job.Options
	// isEnding reports whether a signal has ended the run.
	isEnding func() bool

	// total is how many rows the input or its shard has, or how many were counted so far;
	// isCounting tells which.
	total      atomic.Int64
	isCounting atomic.Bool

	track  progress.Track
	before progress.View // the last one
}

// showRun tells what the job is about to do, and then how far it is, until stop is
// called or ctx ends.
func showRun(ctx context.Context, c *console, j *job.Job, o job.Options) (stop func()) {
	r := &runProgress{
		console: c, snapshot: j.Snapshot, options: o,
		isEnding: func() bool { return is[*program.Interruption](context.Cause(ctx)) },
	}
	if c.quiet.Load() || j.Snapshot().NothingLeft {
		return func() {}
	}
	about := j.About()
	counting, stopCounting := context.WithCancel(ctx)
	var wait sync.WaitGroup
	if about.Size <= countedAtOnce {
		r.count(counting, j)
	} else {
		r.isCounting.Store(true)
		wait.Go(func() { r.count(counting, j) })
	}
	if about.QuotaUnread != "" {
		c.infof("the quota was not read: %s; going on without it", about.QuotaUnread)
	}
	for _, line := range r.intro(about, time.Now()).Lines(c.width()) {
		c.infof("%s", line)
	}
	stopShowing := c.show(0, r.look)
	stopWaiting := sayWaiting(ctx, c, j.Snapshot)
	return func() {
		stopCounting()
		wait.Wait()
		stopWaiting()
		stopShowing()
	}
}

// countedAtOnce is how many bytes an input may have for its rows to be counted
// before the first line of output, which takes some hundredths of a second. The
// rows of a pipe cannot be counted.
const countedAtOnce = 1 << 20

// count counts the rows. Where that fails, the total stays unknown: the run itself
// reports why the input cannot be read.
func (r *runProgress) count(ctx context.Context, j *job.Job) {
	rows, err := j.Count(ctx, func(rows int) { r.total.Store(int64(rows)) })
	if err != nil {
		rows = 0
	}
	r.total.Store(int64(rows))
	r.isCounting.Store(false)
}

// intro is what is known before the first call.
func (r *runProgress) intro(about job.About, now time.Time) progress.Intro {
	done := r.snapshot().Report.Earlier.Rows
	return progress.Intro{
		Rows: max(0, int(r.total.Load())-done), Done: done, Counting: r.isCounting.Load(),
		Input: r.input(about), Report: about.Report,
		UserPoolID: about.UserPoolID, Region: about.Region, Credentials: about.Signing.Source,
		Bounds: boundsOf(r.options, about.Quota), QuotaName: cognito.QuotaName, MarkVerified: r.options.MarkVerified,
		Limit: r.options.Limit, Until: r.options.Until, Now: now, Expires: about.Signing.Expires,
	}
}

// boundsOf returns what a job cannot go faster than.
func boundsOf(o job.Options, quota float64) progress.Bounds {
	return progress.Bounds{Cap: o.Rate, VerifyCap: o.VerifyRate, Shards: o.Shard.Count, Quota: quota}
}

// input names the input, or the shard of it that is done.
func (r *runProgress) input(about job.About) string {
	input := about.Input
	if input == "-" {
		input = "standard input"
	}
	if r.options.Shard.IsWhole() {
		return input
	}
	return "shard " + r.options.Shard.String() + " of " + input
}

// look returns the job as it is now, and tells what has happened since the last
// time.
func (r *runProgress) look(now time.Time) live.Picture {
	v := r.view(now, r.snapshot())
	for _, line := range progress.News(r.before, v) {
		r.console.infof("%s", line)
	}
	r.before = v
	return v
}

func (r *runProgress) view(now time.Time, s job.Snapshot) progress.View {
	counts := s.Report.Earlier.Plus(s.Report.ThisRun)
	if !r.before.Outage.IsZero() && s.Pool.Outage.IsZero() {
		r.track.Restart() // the minute of an outage tells nothing about the next
	}
	r.track.Look(now, counts.Rows, s.Limiter.Answered)
	total := int(r.total.Load())
	if limit := r.options.Limit; limit > 0 {
		total = min(total, s.Report.Earlier.Rows+s.Report.ThisRun.Invalid+limit)
	}
	s.Limiter.Answered += s.Marking.Answered
	s.Limiter.Throttled += s.Marking.Throttled
	return progress.View{
		Now: now, Done: counts.Rows, Total: total, Counting: r.isCounting.Load(),
		Unsuccessful: counts.Unsuccessful(), Causes: counts.Causes,
		Speed: r.track.Speed(), IsNew: r.track.IsNew(), History: r.track.History(), Left: r.track.Left(max(0, total-counts.Rows)),
		Pace: s.Limiter, Marking: s.Marking, Bounds: boundsOf(r.options, s.Quota),
		InFlight: s.Pool.InFlight, Concurrency: cmp.Or(s.Pool.Concurrency, s.Concurrency),
		Failures: s.Pool.Failures, Outage: s.Pool.Outage, LastCode: s.Pool.Last.Code, StallTimeout: r.options.Pool.StallTimeout,
		Ending: r.isEnding(),
	}
}
