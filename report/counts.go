package report

import (
	"maps"

	"cognito-confirm/worker"
)

// maxCodes bounds how many different codes are counted apart, because codes
// come from outside. The service has about twenty.
const maxCodes = 100

// otherCodes is what the codes beyond maxCodes are counted as.
const otherCodes = "other"

// Counts are what can be added up over the lines of a report. Their JSON is an
// interface: fields are added, never renamed. The zero value counts nothing.
type Counts struct {
	Rows             int `json:"rows"`
	Confirmed        int `json:"confirmed"`
	AlreadyConfirmed int `json:"already_confirmed"`
	TriggerFailed    int `json:"trigger_failed"`
	FailedRows       int `json:"failed_rows"`
	Invalid          int `json:"invalid"`
	// Codes counts the rows by code; rows without a code are not in it. What
	// comes after the first hundred codes is counted as "other".
	Codes map[string]int `json:"codes"`
	// Attempts counts the calls that were sent for these rows, Throttled
	// those of them that were answered with a throttle.
	Attempts  int `json:"attempts"`
	Throttled int `json:"throttled"`
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
	case worker.StatusInvalid:
		c.Invalid++
	default:
		c.FailedRows++
	}
	if l.Code != "" {
		c.addCode(l.Code, 1)
	}
	c.Attempts += l.Attempts
	c.Throttled += l.Throttled
}

func (c *Counts) addCode(code string, rows int) {
	if c.Codes == nil {
		c.Codes = make(map[string]int)
	}
	if _, known := c.Codes[code]; !known && len(c.Codes) >= maxCodes {
		code = otherCodes
	}
	c.Codes[code] += rows
}

// clone returns a copy whose map is the caller's own, and never nil.
func (c Counts) clone() Counts {
	codes := make(map[string]int, len(c.Codes))
	maps.Copy(codes, c.Codes)
	c.Codes = codes
	return c
}

// Plus returns the sum of both. Its map is the caller's own.
func (c Counts) Plus(other Counts) Counts {
	sum := c.clone()
	sum.Rows += other.Rows
	sum.Confirmed += other.Confirmed
	sum.AlreadyConfirmed += other.AlreadyConfirmed
	sum.TriggerFailed += other.TriggerFailed
	sum.FailedRows += other.FailedRows
	sum.Invalid += other.Invalid
	sum.Attempts += other.Attempts
	sum.Throttled += other.Throttled
	for code, rows := range other.Codes {
		sum.Codes[code] += rows
	}
	return sum
}

// Unsuccessful counts the rows whose user is not known to be confirmed.
func (c Counts) Unsuccessful() int { return c.TriggerFailed + c.FailedRows + c.Invalid }
