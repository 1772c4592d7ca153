package job

import (
	"math"
	"strings"

	"cognito-confirm/internal/oneline"
	"cognito-confirm/ratelimit"
	"cognito-confirm/report"
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
		Failed:  j.remote.places.address(j.recorder.FailedPath()),

		Malformed:  j.remote.places.address(j.recorder.MalformedPath()),
		Version:    j.options.Version,
		UserPoolID: j.target.UserPoolID,
		Region:     j.target.Region,
		Endpoint:   j.target.EndpointURL,
	}
	if shard := j.options.Shard; !shard.IsWhole() {
		s.Shard = &shard
	}
	s.Count(j.recorder.State())
	layout := j.input.Layout()
	s.SpanningRecords = layout.SpanningRecords
	if layout.SpanningRecords > 0 {
		s.LongestRecord = &report.Lines{First: layout.LongestFirst, Last: layout.LongestLast}
	}
	switch {
	case interrupted:
		s.Outcome, s.Reason = report.Interrupted, reason(err)
	case err != nil:
		s.Outcome, s.Reason = report.Stopped, reason(err)
	}
	if j.limiter != nil {
		pace := j.limiter.State()
		s.Pacing = pacingOf(pace, j.quota)
		marking := j.markingState()
		if j.marks() {
			verifying := pacingOf(marking, 0)
			s.Verifying = &verifying
		}
		s.Unfinished = report.Calls{
			Attempts:  max(0, int(j.pool.State().Attempts)-s.ThisRun.Attempts),
			Throttled: max(0, int(pace.Throttled+marking.Throttled)-s.ThisRun.Throttled),
		}
	}
	s.Time(started, took)
	return s
}

func pacingOf(pace ratelimit.State, quota float64) report.Pacing {
	return report.Pacing{Rate: tenths(pace.Rate), Ceiling: tenths(pace.Ceiling), Reason: pace.Reason.String(), Quota: quota}
}

func tenths(rate float64) float64 { return math.Round(rate*10) / 10 }

// reason tells in one sentence why a run ended early.
func reason(err error) string {
	// Several errors are a line each.
	return oneline.Escape(strings.ReplaceAll(err.Error(), "\n", "; "))
}
