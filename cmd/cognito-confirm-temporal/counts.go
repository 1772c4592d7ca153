package main

import (
	"maps"

	"cognito-confirm/report"
)

// Counts are those of a report without what would make a history long.
type Counts struct {
	Rows             int `json:"rows"`
	Confirmed        int `json:"confirmed"`
	AlreadyConfirmed int `json:"already_confirmed"`
	TriggerFailed    int `json:"trigger_failed"`
	FailedRows       int `json:"failed_rows"`
	Invalid          int `json:"invalid"`
	// Codes counts the rows that did not succeed by their code.
	Codes     map[string]int `json:"codes,omitempty"`
	Attempts  int            `json:"attempts"`
	Throttled int            `json:"throttled"`
}

func countsOf(c report.Counts) Counts {
	return Counts{
		Rows: c.Rows, Confirmed: c.Confirmed, AlreadyConfirmed: c.AlreadyConfirmed,
		TriggerFailed: c.TriggerFailed, FailedRows: c.FailedRows, Invalid: c.Invalid,
		Codes: maps.Clone(c.Codes), Attempts: c.Attempts, Throttled: c.Throttled,
	}
}

// plus returns the sum of both.
func (c Counts) plus(other Counts) Counts {
	c.Rows += other.Rows
	c.Confirmed += other.Confirmed
	c.AlreadyConfirmed += other.AlreadyConfirmed
	c.TriggerFailed += other.TriggerFailed
	c.FailedRows += other.FailedRows
	c.Invalid += other.Invalid
	c.Attempts += other.Attempts
	c.Throttled += other.Throttled
	c.Codes = maps.Clone(c.Codes)
	for code, rows := range other.Codes {
		if c.Codes == nil {
			c.Codes = make(map[string]int)
		}
		c.Codes[code] += rows
	}
	return c
}

// unsuccessful counts the rows whose user is not known to be confirmed.
func (c Counts) unsuccessful() int { return c.TriggerFailed + c.FailedRows + c.Invalid }
