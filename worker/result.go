package worker

import (
	"slices"
	"time"
)

// Status is what became of a row, as the report spells it.
type Status string

// The statuses of the report.
const (
	// StatusConfirmed: this run confirmed the user.
	StatusConfirmed Status = "confirmed"
	// StatusAlreadyConfirmed: the user was confirmed before this run asked.
	StatusAlreadyConfirmed Status = "already_confirmed"
	// StatusTriggerFailed: a Lambda trigger of the pool failed. The user may
	// be confirmed all the same, and calling again would not run it again.
	StatusTriggerFailed Status = "trigger_failed"
	// StatusNotVerified: the user is confirmed, and the operation after that, which
	// marks attributes as verified, failed.
	StatusNotVerified Status = "not_verified"
	// StatusFailed: the service refused this user, or never answered.
	StatusFailed Status = "failed"
	// StatusInvalid: refused here; no call was made.
	StatusInvalid Status = "invalid"
)

// Statuses lists every status in the order in which people read them.
func Statuses() []Status {
	return []Status{StatusConfirmed, StatusAlreadyConfirmed, StatusTriggerFailed, StatusNotVerified, StatusFailed, StatusInvalid}
}

// Known reports whether the report has such a status.
func (s Status) Known() bool { return slices.Contains(Statuses(), s) }

// Succeeded reports whether everything that was to be done for such a row is done.
func (s Status) Succeeded() bool {
	return s == StatusConfirmed || s == StatusAlreadyConfirmed
}

// Result is what became of one row.
type Result struct {
	Row    Row
	Status Status
	// Code is the service's exception name or one of this program's own in
	// lower_snake; empty for a plain success. Exception is the service's own name
	// where a log must not show it.
	Code, Exception string
	// Message is the service's text or ours, in the form of oneline.Escape.
	Message string
	// UserStatus is the user's status in the service's words, empty when unknown.
	UserStatus string
	// Attempts counts the calls sent, Throttled those of them that were
	// answered with a throttle. Both are 0 for an invalid row.
	Attempts, Throttled int
	// RequestID is the service's name for the last answered call.
	RequestID string
	// StartedAt is when the first attempt was sent; zero for an invalid row.
	StartedAt time.Time
	// Duration is from the first attempt to the last answer.
	Duration time.Duration
}
