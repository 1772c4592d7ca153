package report

import (
	"cmp"
	"maps"

	"cognito-confirm/worker"
)

// maxCodes bounds how many different codes, or statuses of users, are counted
// apart, because they come from outside. The service has about twenty.
const maxCodes = 100

// otherCodes is what those beyond maxCodes are counted as.
const otherCodes = "other"

// Kind is what rows that did not succeed have in common.
type Kind struct {
	Status worker.Status
	// Code and UserStatus are as in [Line]; what was not counted apart any more
	// has the code "other".
	Code, UserStatus string
}

// Counts are what can be added up over the lines of a report. Their JSON is an
// interface: fields are added, never renamed. The zero value counts nothing.
type Counts struct {
	Rows             int `json:"rows"`
	Confirmed        int `json:"confirmed"`
	AlreadyConfirmed int `json:"already_confirmed"`
	TriggerFailed    int `json:"trigger_failed"`
	FailedRows       int `json:"failed_rows"`
	Invalid          int `json:"invalid"`
	// Codes counts the rows that did not succeed by their code. What comes
	// after the first hundred codes is counted as "other".
	Codes map[string]int `json:"codes"`
	// UserStatuses counts the rows that did not succeed by the user's status,
	// where the service named it. Bounded like Codes.
	UserStatuses map[string]int `json:"user_statuses"`
	// Causes counts each row that did not succeed once, as a person should
	// read it: by the user's status where the service named it, and else by the
	// code. Bounded like Codes.
	Causes map[string]int `json:"-"`
	// Kinds counts each row that did not succeed once, by all that is known of
	// the reason. Bounded like Codes.
	Kinds map[Kind]int `json:"-"`
	// Attempts counts the calls that were sent for these rows, Throttled
	// those of them that were answered with a throttle.
	Attempts  int `json:"attempts"`
	Throttled int `json:"throttled"`
	// NotVerified counts the rows whose user is confirmed and not marked as verified.
	NotVerified int `json:"not_verified"`
}

// add counts one line.
func (c *Counts) add(l Line) {
	c.Rows++
	switch l.Status {
	case worker.StatusConfirmed:
		c.Confirmed++
	case worker.StatusAlreadyConfirmed:
		c.AlreadyConfirmed++
	case worker.StatusTriggerFailed:
		c.TriggerFailed++
	case worker.StatusNotVerified:
		c.NotVerified++
	case worker.StatusInvalid:
		c.Invalid++
	default:
		c.FailedRows++
	}
	if !l.Status.Succeeded() {
		count(&c.Codes, l.Code, otherCodes)
		count(&c.UserStatuses, l.UserStatus, otherCodes)
		count(&c.Causes, cmp.Or(l.UserStatus, l.Code), otherCodes)
		count(&c.Kinds, Kind{l.Status, l.Code, l.UserStatus}, Kind{Status: l.Status, Code: otherCodes})
	}
	c.Attempts += l.Attempts
	c.Throttled += l.Throttled
}

// count counts a row by what comes from outside, or as the other when that is
// too much. A row with nothing of the kind is not counted.
func count[K comparable](counts *map[K]int, by, other K) {
	var nothing K
	if by == nothing {
		return
	}
	if *counts == nil {
		*counts = make(map[K]int)
	}
	if _, known := (*counts)[by]; !known && len(*counts) >= maxCodes {
		by = other
	}
	(*counts)[by]++
}

// clone returns a copy whose maps are the caller's own, and never nil.
func (c Counts) clone() Counts { return c.Plus(Counts{}) }

// Plus returns the sum of both. Its maps are the caller's own, and never nil.
func (c Counts) Plus(other Counts) Counts {
	c.Rows += other.Rows
	c.Confirmed += other.Confirmed
	c.AlreadyConfirmed += other.AlreadyConfirmed
	c.TriggerFailed += other.TriggerFailed
	c.NotVerified += other.NotVerified
	c.FailedRows += other.FailedRows
	c.Invalid += other.Invalid
	c.Attempts += other.Attempts
	c.Throttled += other.Throttled
	c.Codes, c.UserStatuses = sum(c.Codes, other.Codes), sum(c.UserStatuses, other.UserStatuses)
	c.Causes, c.Kinds = sum(c.Causes, other.Causes), sum(c.Kinds, other.Kinds)
	return c
}

func sum[K comparable](a, b map[K]int) map[K]int {
	sum := make(map[K]int, len(a))
	maps.Copy(sum, a)
	for key, rows := range b {
		sum[key] += rows
	}
	return sum
}

// Unsuccessful counts the rows for which not everything was done.
func (c Counts) Unsuccessful() int {
	return c.TriggerFailed + c.NotVerified + c.FailedRows + c.Invalid
}
