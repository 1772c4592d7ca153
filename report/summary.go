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

	// Numbers are those of the whole input, over all runs.
	Numbers
	ThisRun     Numbers `json:"this_run"`
	EarlierRuns Numbers `json:"earlier_runs"`

	// Lost counts answers that could not be written to the report.
	Lost int `json:"lost"`
	// Swallowed is the longest range of lines that was read as one malformed record.
	Swallowed *Lines `json:"swallowed,omitempty"`

	Pacing Pacing `json:"pacing"`

	StartedAt time.Time `json:"started_at"`
	// Seconds is how long this run took; Rate is its attempts a second.
	Seconds float64 `json:"seconds"`
	Rate    float64 `json:"rate"`
}

// Pacing is what the limiter knew at the end of this run.
type Pacing struct {
	// Rate is the attempts a second that it gave, Ceiling those that the
	// service was found to accept, 0 when it never said no.
	Rate    float64 `json:"rate"`
	Ceiling float64 `json:"ceiling"`
	// Reason is why the rate was what it was, in words.
	Reason string `json:"reason"`
}

// Numbers are what can be added up over runs.
type Numbers struct {
	Rows             int            `json:"rows"`
	Confirmed        int            `json:"confirmed"`
	AlreadyConfirmed int            `json:"already_confirmed"`
	TriggerFailed    int            `json:"trigger_failed"`
	FailedRows       int            `json:"failed_rows"`
	Invalid          int            `json:"invalid"`
	Codes            map[string]int `json:"codes"`
	Attempts         int            `json:"attempts"`
	Throttled        int            `json:"throttled"`
}

func numbers(c Counts) Numbers {
	return Numbers{
		Rows:             c.Rows,
		Confirmed:        c.Statuses[worker.StatusConfirmed],
		AlreadyConfirmed: c.Statuses[worker.StatusAlreadyConfirmed],
		TriggerFailed:    c.Statuses[worker.StatusTriggerFailed],
		FailedRows:       c.Statuses[worker.StatusFailed],
		Invalid:          c.Statuses[worker.StatusInvalid],
		Codes:            c.Codes,
		Attempts:         c.Attempts,
		Throttled:        c.Throttled,
	}
}

// Count fills in the numbers.
func (s *Summary) Count(thisRun, earlier Counts) {
	whole := earlier.Plus(thisRun)
	s.Numbers, s.ThisRun, s.EarlierRuns = numbers(whole), numbers(thisRun), numbers(earlier)
	s.Lost = whole.Lost
	if whole.Swallowed != (Lines{}) {
		s.Swallowed = &whole.Swallowed
	}
}

// Time fills in when the run was and how fast.
func (s *Summary) Time(started time.Time, took time.Duration) {
	s.StartedAt = started.UTC().Truncate(time.Millisecond)
	s.Seconds = took.Round(time.Millisecond).Seconds()
	if took > 0 {
		s.Rate = float64(s.ThisRun.Attempts) / took.Seconds()
	}
}
