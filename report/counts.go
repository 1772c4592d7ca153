package report

import (
	"cmp"
	"maps"

	"cognito-confirm/internal/codes"
	"cognito-confirm/worker"
)

// Kind is what rows that did not succeed have in common.
type Kind struct {
	Status worker.Status
	// Code and UserStatus are as in [Line] where they may be shown: another code is
	// "unknown_code", another status empty.
	Code, UserStatus string
}

// KindOf returns the kind of a line. Reports of other versions, and edited ones,
// have any text in the place of a code.
func KindOf(l Line) Kind {
	return Kind{l.Status, codes.Shown(l.Code), codes.ShownStatus(l.UserStatus)}
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
	// Codes counts the rows that did not succeed by their code, as it is in [Kind].
	Codes map[string]int `json:"codes"`
	// UserStatuses counts the rows that did not succeed by the user's status,
	// where the service named it.
	UserStatuses map[string]int `json:"user_statuses"`
	// Causes counts each row that did not succeed once, as a person should
	// read it: by the user's status where the service named it, and else by the
	// code.
	Causes map[string]int `json:"-"`
	// Kinds counts each row that did not succeed once, by all that is known of
	// the reason.
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
		kind := KindOf(l)
		count(&c.Codes, kind.Code)
		count(&c.UserStatuses, kind.UserStatus)
		count(&c.Causes, cmp.Or(kind.UserStatus, kind.Code))
		count(&c.Kinds, kind)
	}
	c.Attempts += l.Attempts
	c.Throttled += l.Throttled
}

// count counts a row. A row with nothing of the kind is not counted.
func count[K comparable](counts *map[K]int, by K) {
	var nothing K
	if by == nothing {
		return
	}
	if *counts == nil {
		*counts = make(map[K]int)
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
