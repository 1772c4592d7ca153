// Package metrics writes how a run is getting on in the forms that monitoring
// systems read: Prometheus' text format, and CloudWatch's embedded metric format.
//
// The one idea in it: both are the same sample in other words. Prometheus wants
// totals and works out what was added; CloudWatch adds up what it gets, and wants
// what was added since the sample before. No sample has a username in it.
package metrics

import "time"

// Sample is a run at one moment.
type Sample struct {
	// UserPoolID and Report tell one run from others.
	UserPoolID, Report string
	// Rows counts the rows in the report by their status, those of earlier runs
	// included.
	Rows Rows
	// Attempts counts the calls that were sent for these rows, Throttled those of
	// them that were answered with a throttle.
	Attempts, Throttled int
	// Rate is the attempts a second given now, Ceiling those that the service was
	// found to accept, 0 until it throttled.
	Rate, Ceiling float64
	// InFlight is how many calls are on the wire.
	InFlight int
	// StartedAt is when the run began, EndedAt when it ended, zero before that.
	StartedAt, EndedAt time.Time
	// ExitStatus is what it ended with.
	ExitStatus int
}

// Rows counts rows by their status in the report.
type Rows struct{ Confirmed, AlreadyConfirmed, TriggerFailed, Failed, Invalid int }
