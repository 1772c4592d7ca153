package report

import (
	"time"

	"cognito-confirm/worker"
)

// Outcome is how a run ended.
type Outcome string

// The outcomes of a run.
const (
	// Finished: every row of the input is in the report.
	Finished Outcome = "finished"
	// Stopped: the run ended early by itself, and Reason tells why.
	Stopped Outcome = "stopped"
	// Interrupted: somebody ended it with a signal.
	Interrupted Outcome = "interrupted"
)

// Summary is what a run came to. Its JSON is an interface: fields are added,
// never renamed.
type Summary struct {
	Outcome Outcome `json:"outcome"`
	// Reason is one sentence, empty when the run finished.
	Reason     string `json:"reason"`
	ExitStatus int    `json:"exit_status"`

	// Input is the path of the input, "-" for standard input.
	Input  string `json:"input"`
	Report string `json:"report"`
	// Failed is the path of the failed-rows file, Malformed that of the
	// malformed records; each is empty when there is none.
	Failed    string `json:"failed"`
	Malformed string `json:"malformed"`

	// Version is the program's. The pool, the Region and the endpoint, which is
	// empty for AWS, tell whose users they are.
	Version    string `json:"version"`
	UserPoolID string `json:"user_pool_id"`
	Region     string `json:"region"`
	Endpoint   string `json:"endpoint"`

	// Shard is the part of the input that the run was about, nil for all of it.
	Shard *worker.Shard `json:"shard,omitempty"`

	// Counts are those of the whole input or shard, over all runs.
	Counts
	ThisRun     Counts `json:"this_run"`
	EarlierRuns Counts `json:"earlier_runs"`

	// Lost counts answers that could not be written to the report.
	Lost int `json:"lost"`
	// Swallowed is the longest range of lines that was read as one malformed record.
	Swallowed *Lines `json:"swallowed,omitempty"`
	// SpanningRecords counts the records of the input that take more than a
	// line, as far as it was read; LongestRecord is the longest of them.
	SpanningRecords int    `json:"spanning_records"`
	LongestRecord   *Lines `json:"longest_record,omitempty"`
	// Unfinished are the calls that were made for rows that have no line.
	Unfinished Calls `json:"unfinished"`

	Pacing Pacing `json:"pacing"`
	// Verifying is the pacing of marking attributes as verified, nil when none are.
	Verifying *Pacing `json:"verifying,omitempty"`

	StartedAt time.Time `json:"started_at"`
	// Seconds is how long this run took; Rate is its attempts a second.
	Seconds float64 `json:"seconds"`
	Rate    float64 `json:"rate"`
}

// Calls are calls to the service.
type Calls struct {
	Attempts  int `json:"attempts"`
	Throttled int `json:"throttled"`
}

// Pacing is what the limiter knew at the end of this run.
type Pacing struct {
	// Rate is the attempts a second that it gave, Ceiling those that the
	// service was found to accept, 0 when it never refused any.
	Rate    float64 `json:"rate"`
	Ceiling float64 `json:"ceiling"`
	// Reason is why the rate was what it was, in words.
	Reason string `json:"reason"`
	// Quota is the calls a second that the account may make, others included; 0
	// when it is not known.
	Quota float64 `json:"quota"`
}

// Count fills in the counts.
func (s *Summary) Count(state State) {
	s.ThisRun, s.EarlierRuns = state.ThisRun.clone(), state.Earlier.clone()
	s.Counts = state.Earlier.Plus(state.ThisRun)
	s.Lost = state.Lost
	if state.Swallowed != (Lines{}) {
		s.Swallowed = &state.Swallowed
	}
}

// Time fills in when the run was and how fast, once the calls are counted.
func (s *Summary) Time(started time.Time, took time.Duration) {
	s.StartedAt = started.UTC().Truncate(time.Millisecond)
	s.Seconds = took.Round(time.Millisecond).Seconds()
	if took > 0 {
		s.Rate = float64(s.ThisRun.Attempts+s.Unfinished.Attempts) / took.Seconds()
	}
}
