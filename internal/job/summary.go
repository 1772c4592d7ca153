package job

import (
	"errors"
	"math"
	"strings"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// Summary returns what the run came to, without an exit status. Call it after Run.
func (j *Job) Summary() report.Summary {
	j.mu.Lock()
	started, took, err, interrupted := j.started, j.took, j.err, j.interrupted
	j.mu.Unlock()
	s := report.Summary{
		Outcome: report.Finished,
		Input:   j.options.Input.Path,
		Report:  j.options.Report,
		Failed:  j.recorder.FailedPath(),
	}
	s.Count(j.recorder.State())
	s.Time(started, took)
	switch {
	case interrupted:
		s.Outcome, s.Reason = report.Interrupted, reason(err)
	case err != nil:
		s.Outcome, s.Reason = report.Stopped, reason(err)
	}
	if j.limiter != nil {
		pace := j.limiter.State()
		s.Pacing = report.Pacing{Rate: tenths(pace.Rate), Ceiling: tenths(pace.Ceiling), Reason: pace.Reason.String()}
	}
	return s
}

func tenths(rate float64) float64 { return math.Round(rate*10) / 10 }

// reason says in one sentence why a run ended early.
func reason(err error) string {
	if streak, ok := errors.AsType[*worker.StreakError](err); ok {
		// The message may name the user, and this goes into logs. The report has it.
		return strings.TrimSuffix(streak.Error(), ": "+streak.Message)
	}
	// Several errors are a line each.
	return strings.ReplaceAll(err.Error(), "\n", "; ")
}
