package main

import (
	"fmt"
	"time"

	"cognito-confirm/internal/job"
	"cognito-confirm/internal/progress"
	"cognito-confirm/internal/words"
	"cognito-confirm/report"
)

// printSummary prints what a run came to. A loss is reported even with --quiet.
// The options are those of the job.
func printSummary(c *console, s *report.Summary, o job.Options, last job.Snapshot) {
	if s.Swallowed != nil {
		c.warnf("lines %d to %d were read as ONE malformed record, because a quotation mark on line %d is not closed; no user in them was confirmed",
			s.Swallowed.First, s.Swallowed.Last, s.Swallowed.First)
	}
	if s.Lost > 0 {
		c.warnf("%s could not be written to the report; --resume asks for these rows again", words.Count(s.Lost, "answer"))
	}
	took := time.Duration(s.Seconds * float64(time.Second)).Round(100 * time.Millisecond)
	c.infof("%s in %s: %s", words.Count(s.Rows, "row"), took, statuses(s.Counts))
	printUnsuccessful(c, s)
	if s.EarlierRuns.Rows > 0 {
		c.infof("earlier runs did %s of these rows, this one %s", words.Group(s.EarlierRuns.Rows), words.Group(s.ThisRun.Rows))
	}
	average := ""
	if s.Seconds >= 1 { // in less, a few calls at once look as if they had broken --rate
		average = fmt.Sprintf(", %.1f/s on average", s.Rate)
	}
	c.infof("%s, %s throttled%s", words.Count(s.ThisRun.Attempts+s.Unfinished.Attempts, "attempt"), words.Group(s.ThisRun.Throttled+s.Unfinished.Throttled), average)
	switch {
	case last.NothingLeft:
	case !last.Pool.Outage.IsZero():
		c.infof("at the end: %s", progress.OutageInWords(time.Since(last.Pool.Outage), last.Pool.Last.Code))
	default:
		c.infof("at the end: %s", progress.PaceInWords(progress.View{Pace: last.Limiter, Marking: last.Marking, Bounds: boundsOf(o, last.Quota)}))
	}
	printFiles(c, s)
}

// printFiles tells where the rows are.
func printFiles(c *console, s *report.Summary) {
	c.infof("report: %s", s.Report)
	if s.Failed != "" {
		c.infof("failed rows: %s", s.Failed)
	}
	if s.Malformed != "" {
		c.infof("malformed records: %s", s.Malformed)
	}
}

// statuses tells how many rows have which status.
func statuses(counts report.Counts) string {
	text := fmt.Sprintf("%s confirmed, %s already confirmed, %s trigger failed, ",
		words.Group(counts.Confirmed), words.Group(counts.AlreadyConfirmed), words.Group(counts.TriggerFailed))
	if counts.NotVerified > 0 {
		text += words.Group(counts.NotVerified) + " not verified, "
	}
	return text + fmt.Sprintf("%s failed, %s invalid", words.Group(counts.FailedRows), words.Group(counts.Invalid))
}
