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
	// Stopped: the run ended early by itself, and Reason says why.
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
	// Failed is the path of the failed-rows file, empty when there is none.
	Failed string `json:"failed"`

	Rows             int            `json:"rows"`
	Confirmed        int            `json:"confirmed"`
	AlreadyConfirmed int            `json:"already_confirmed"`
	TriggerFailed    int            `json:"trigger_failed"`
	FailedRows       int            `json:"failed_rows"`
	Invalid          int            `json:"invalid"`
	Codes            map[string]int `json:"codes"`

	Attempts  int `json:"attempts"`
	Throttled int `json:"throttled"`
	// Lost counts answers that could not be written to the report.
	Lost int `json:"lost"`
	// Swallowed is a range of lines that was read as one malformed record.
	Swallowed *Lines `json:"swallowed,omitempty"`

	StartedAt time.Time `json:"started_at"`
	// Seconds is how long the run took; Rate is attempts a second over it.
	Seconds float64 `json:"seconds"`
	Rate    float64 `json:"rate"`
}

// Count fills in the numbers.
func (s *Summary) Count(c Counts) {
	s.Rows = c.Rows
	s.Confirmed = c.Statuses[worker.StatusConfirmed]
	s.AlreadyConfirmed = c.Statuses[worker.StatusAlreadyConfirmed]
	s.TriggerFailed = c.Statuses[worker.StatusTriggerFailed]
	s.FailedRows = c.Statuses[worker.StatusFailed]
	s.Invalid = c.Statuses[worker.StatusInvalid]
	s.Codes = c.Codes
	s.Attempts, s.Throttled, s.Lost = c.Attempts, c.Throttled, c.Lost
	if c.Swallowed != (Lines{}) {
		s.Swallowed = &c.Swallowed
	}
}

// Time fills in when the run was and how fast.
func (s *Summary) Time(started time.Time, took time.Duration) {
	s.StartedAt = started.UTC().Truncate(time.Millisecond)
	s.Seconds = took.Round(time.Millisecond).Seconds()
	if took > 0 {
		s.Rate = float64(s.Attempts) / took.Seconds()
	}
}
