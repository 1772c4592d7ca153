package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"cognito-confirm/report"
)

// ending is how a run ended, for the person who reads it and for the program
// that started it.
type ending struct {
	summary report.Summary
	// hint says what to do about the reason, resume how to go on; both may be empty.
	hint, resume string
	// paceWords says how the run was paced, empty when nobody was called.
	paceWords string
}

// ending draws the conclusions from the pool's error and what was recorded.
func (j *job) ending(err error, recorder *report.Recorder) ending {
	e := ending{summary: report.Summary{Input: j.Input, Report: j.Report, Failed: recorder.FailedPath()}}
	s := &e.summary
	s.Count(recorder.Tally().Counts(), recorder.Earlier())
	interrupted, ok := errors.AsType[*interruption](err)
	switch {
	case err == nil && s.Rows == s.Confirmed+s.AlreadyConfirmed:
		s.Outcome, s.ExitStatus = report.Finished, exitDone
	case err == nil:
		s.Outcome, s.ExitStatus = report.Finished, exitUnsuccess
	case ok:
		s.Outcome, s.ExitStatus, s.Reason = report.Interrupted, interrupted.exitStatus(), interrupted.Error()
	default:
		s.Outcome, s.ExitStatus = report.Stopped, exitStopped
		s.Reason, e.hint = whyStopped(err, j.targetFlags)
	}
	if err == nil {
		return e
	}
	if _, gone := os.Stat(j.Report); gone == nil {
		e.resume = j.resumeCommand()
	} else {
		e.hint = "put the report back and go on with --resume, or start again with --overwrite"
	}
	return e
}

// print says how the run ended. Why it ended early, and what was lost, is said
// even when it is to be quiet.
func (e ending) print(c *console) {
	s := &e.summary
	switch s.Outcome {
	case report.Stopped:
		c.fail("stopped: "+s.Reason, e.hint)
	case report.Interrupted:
		c.fail(s.Reason, e.hint)
	}
	if s.Swallowed != nil {
		c.errorf("WARNING: lines %d to %d were read as ONE malformed record, because a quotation mark on line %d is not closed; no user in them was confirmed",
			s.Swallowed.First, s.Swallowed.Last, s.Swallowed.First)
	}
	if s.Lost > 0 {
		c.errorf("WARNING: %s answers could not be written to the report; --resume asks for these rows again", grouped(s.Lost))
	}
	took := time.Duration(s.Seconds * float64(time.Second)).Round(100 * time.Millisecond)
	c.infof("%s rows in %s: %s confirmed, %s already confirmed, %s trigger failed, %s failed, %s invalid", grouped(s.Rows), took,
		grouped(s.Confirmed), grouped(s.AlreadyConfirmed), grouped(s.TriggerFailed), grouped(s.FailedRows), grouped(s.Invalid))
	for _, code := range byCount(s.Codes) {
		c.infof("%9s %s", grouped(s.Codes[code]), code)
	}
	if s.EarlierRuns.Rows > 0 {
		c.infof("%s of these rows were done by earlier runs, %s by this one", grouped(s.EarlierRuns.Rows), grouped(s.ThisRun.Rows))
	}
	c.infof("%s attempts, %s throttled, %.1f/s on average", grouped(s.ThisRun.Attempts), grouped(s.ThisRun.Throttled), s.Rate)
	if e.paceWords != "" {
		c.infof("at the end: %s", e.paceWords)
	}
	c.infof("report: %s", s.Report)
	if s.Failed != "" {
		c.infof("failed rows: %s; to try them again, run it with that file as the input and the same flags", s.Failed)
	}
	if e.resume != "" {
		c.errorf("to finish: %s", e.resume)
	}
}

// byCount lists the codes, the most frequent first.
func byCount(codes map[string]int) []string {
	return slices.SortedFunc(maps.Keys(codes), func(a, b string) int {
		return cmp.Or(cmp.Compare(codes[b], codes[a]), cmp.Compare(a, b))
	})
}

// grouped writes a number with commas between the thousands.
func grouped(n int) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
