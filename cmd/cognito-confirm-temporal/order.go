package main

import (
	"time"

	"cognito-confirm/ratelimit"
	"cognito-confirm/report"
)

// What is in this file is in the engine's history: numbers, codes, the pool's id and
// where the store is. Whatever may name a person is in the store.

// Order tells what a run is about. It is what a workflow is started with.
type Order struct {
	// Store is a directory or s3://bucket/prefix. Run is the name of the run in it.
	Store string `json:"store"`
	Run   string `json:"run"`
	// Source is the input that a scheduled run begins with; empty: Run has one.
	Source string `json:"source,omitempty"`
	// UserPoolID is for people.
	UserPoolID string `json:"user_pool_id"`
	// ChunkRows is how many rows a chunk has. Zero: those of five minutes.
	ChunkRows int `json:"chunk_rows,omitempty"`
	// Rate is the attempts a second that are never exceeded, 0 finds the quota.
	Rate float64 `json:"rate"`
	// ContinueAfter is after how many chunks the workflow continues as a new one, for
	// tests. Zero: when the engine suggests it.
	ContinueAfter int `json:"continue_after,omitempty"`
	// Progress is where a workflow goes on that continues another one.
	Progress *Progress `json:"progress,omitempty"`
}

// Planned is what the input was found to be.
type Planned struct {
	Rows   int `json:"rows"`
	Chunks int `json:"chunks"`
	// Finished has the counts of a run that was done before.
	Finished *report.Counts `json:"finished,omitempty"`
}

// Progress is how far a run has come.
type Progress struct {
	Planned Planned `json:"planned"`
	// Next is the chunk that comes next, or is at work; Done what the chunks before
	// it came to, and Part what had been done of it when it was ended last.
	Next   int           `json:"next"`
	Done   report.Counts `json:"done"`
	Part   report.Counts `json:"part"`
	Pace   Pace          `json:"pace"`
	Rate   float64       `json:"rate"`
	Paused bool          `json:"paused"`
}

// Chunk is the order for one chunk.
type Chunk struct {
	Order Order   `json:"order"`
	Index int     `json:"index"`
	Rate  float64 `json:"rate"`
	// Part is what had been done of it when it was ended last, Pace what was known
	// then or by the chunk before it.
	Part report.Counts `json:"part"`
	Pace Pace          `json:"pace"`
}

// Done is what a chunk came to, or has come to so far.
type Done struct {
	Counts report.Counts `json:"counts"`
	Pace   Pace          `json:"pace"`
}

// Pace is what a limiter knows, for the next one to go on from.
type Pace struct {
	Rate    float64       `json:"rate"`
	Ceiling float64       `json:"ceiling"`
	Cruised time.Duration `json:"cruised"`
	// At is when that was known.
	At time.Time `json:"at"`
}

// paceLasts is how long a pace is worth anything.
const paceLasts = 10 * time.Minute

func paceOf(s ratelimit.State, now time.Time) Pace {
	return Pace{Rate: s.Rate, Ceiling: s.Ceiling, Cruised: s.Cruised, At: now}
}

// state returns the pace for a limiter, the zero value when it is too old.
func (p Pace) state(now time.Time) ratelimit.State {
	if p.Rate == 0 || now.Sub(p.At) > paceLasts {
		return ratelimit.State{}
	}
	return ratelimit.State{Rate: p.Rate, Ceiling: p.Ceiling, Cruised: p.Cruised}
}

// Beat is what a chunk tells while it is at work.
type Beat struct {
	// Index is that of the chunk.
	Index int `json:"index"`
	Done
	// Reason is why the rate is what it is, in words. Outage is the code of what the
	// service answers while it is away, else empty.
	Reason   string `json:"reason"`
	InFlight int    `json:"in_flight"`
	Outage   string `json:"outage,omitempty"`
}
