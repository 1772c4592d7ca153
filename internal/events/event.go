// Package events keeps what the report of a run cannot tell: when runs began and
// ended, how fast they were allowed to be and why, and when the service was away.
//
// The one idea in it: an events file belongs to a report and outlives each of
// its runs. It is only ever appended to, one JSON object a line, so that a crash
// harms no more than the last line, and a reader passes over what it does not
// know. There are no usernames in it.
package events

import "time"

// Event is one of the events of this package: [Run], [Sample], [Outage],
// [OutageOver], [Signal] or [End].
type Event interface {
	// name is what the file calls the event.
	name() string
}

// Record is an event of a file.
type Record struct {
	// Time is when the event was written, in milliseconds.
	Time time.Time
	// Event is one of the types of this package, by value.
	Event Event
}

// Run means that a run begins. Its JSON, as that of every event, is an interface:
// fields are added, never renamed.
type Run struct {
	// Version is the program's.
	Version string `json:"version"`
	// Pool is the id of the user pool.
	Pool   string `json:"pool"`
	Region string `json:"region"`
	// Rate is the attempts a second that are never exceeded, 0 when the quota
	// is to be found. Pace is how much of it to take.
	Rate        float64 `json:"rate"`
	Pace        string  `json:"pace"`
	Concurrency int     `json:"concurrency"`
	// Resumed: the report is continued. RowsBefore is how many rows it has.
	Resumed    bool `json:"resumed"`
	RowsBefore int  `json:"rows_before"`
	// Quota is the account's in calls a second, 0 when it is not known.
	Quota float64 `json:"quota,omitempty"`
	// MarkVerified are the attributes that are marked as verified, with commas
	// between, empty for none.
	MarkVerified string `json:"mark_verified,omitempty"`
}

// Sample is how a run is getting on.
type Sample struct {
	// Rows counts what is in the report, rows of earlier runs included.
	Rows int `json:"rows"`
	// Answered and Throttled count the calls of this run.
	Answered  int64 `json:"answered"`
	Throttled int64 `json:"throttled"`
	// Rate is the attempts a second given now, Ceiling those that the service
	// was found to accept, 0 until it throttled.
	Rate    float64 `json:"rate"`
	Ceiling float64 `json:"ceiling"`
	// Reason is why the rate is what it is, in words.
	Reason   string `json:"reason"`
	InFlight int    `json:"in_flight"`
}

// Outage means that the service answers nobody.
type Outage struct {
	// BeganAt is when that began, somewhat before it was noticed; zero when it
	// is not known.
	BeganAt time.Time `json:"began_at,omitzero"`
	// Code is how the last call ended.
	Code string `json:"code"`
}

// OutageOver means that the service answers again.
type OutageOver struct {
	// Seconds is how long it did not.
	Seconds float64 `json:"seconds"`
}

// Signal means that somebody ends the run.
type Signal struct {
	// Signal is its name, as in SIGINT.
	Signal string `json:"signal"`
}

// End means that a run is over, and what it came to.
type End struct {
	// Outcome, Reason and ExitStatus are those of the summary.
	Outcome    string  `json:"outcome"`
	ExitStatus int     `json:"exit_status"`
	Reason     string  `json:"reason"`
	Numbers    Numbers `json:"numbers"`
}

// Numbers count the rows of the whole input, over all runs, and their calls.
type Numbers struct {
	Rows             int `json:"rows"`
	Confirmed        int `json:"confirmed"`
	AlreadyConfirmed int `json:"already_confirmed"`
	TriggerFailed    int `json:"trigger_failed"`
	FailedRows       int `json:"failed_rows"`
	Invalid          int `json:"invalid"`
	Attempts         int `json:"attempts"`
	Throttled        int `json:"throttled"`
	NotVerified      int `json:"not_verified"`
}

func (Run) name() string        { return "run" }
func (Sample) name() string     { return "sample" }
func (Outage) name() string     { return "outage" }
func (OutageOver) name() string { return "outage_over" }
func (Signal) name() string     { return "signal" }
func (End) name() string        { return "end" }
