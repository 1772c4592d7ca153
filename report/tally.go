package report

import (
	"maps"
	"sync"

	"cognito-confirm/worker"
)

// maxCodes bounds how many different codes are counted apart, because codes
// come from outside. The service has about twenty.
const maxCodes = 100

// otherCodes is what the codes beyond maxCodes are counted as.
const otherCodes = "other"

// Counts are the numbers of a run at one moment.
type Counts struct {
	// Rows is how many rows are in the report.
	Rows int
	// Statuses counts the rows by status.
	Statuses map[worker.Status]int
	// Codes counts the rows by code; rows without a code are not in it.
	Codes map[string]int
	// Attempts counts the calls that were sent for these rows, Throttled
	// those of them that were answered with a throttle.
	Attempts, Throttled int
	// Lost counts results that could not be written.
	Lost int
	// Swallowed is the longest run of lines that was read as one malformed
	// record, zero when there was none.
	Swallowed Lines
}

// Lines is a range of lines of the input, both ends in it.
type Lines struct {
	First int `json:"first"`
	Last  int `json:"last"`
}

func (l Lines) len() int { return l.Last - l.First }

// Plus returns the numbers of both.
func (c Counts) Plus(other Counts) Counts {
	sum := Counts{
		Rows:      c.Rows + other.Rows,
		Statuses:  maps.Clone(c.Statuses),
		Codes:     maps.Clone(c.Codes),
		Attempts:  c.Attempts + other.Attempts,
		Throttled: c.Throttled + other.Throttled,
		Lost:      c.Lost + other.Lost,
		Swallowed: c.Swallowed,
	}
	for status, rows := range other.Statuses {
		sum.Statuses[status] += rows
	}
	for code, rows := range other.Codes {
		sum.Codes[code] += rows
	}
	if other.Swallowed.len() > sum.Swallowed.len() {
		sum.Swallowed = other.Swallowed
	}
	return sum
}

// Tally counts results. It is safe for concurrent use.
type Tally struct {
	mu     sync.Mutex
	counts Counts
}

func newTally() *Tally { return &Tally{counts: newCounts()} }

func newCounts() Counts {
	return Counts{Statuses: make(map[worker.Status]int), Codes: make(map[string]int)}
}

// Counts returns the numbers as they are now. The maps are the caller's own.
func (t *Tally) Counts() Counts {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.counts
	c.Statuses, c.Codes = maps.Clone(c.Statuses), maps.Clone(c.Codes)
	return c
}

func (t *Tally) add(r worker.Result) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts.add(r)
}

func (c *Counts) add(r worker.Result) {
	c.Rows++
	c.Statuses[r.Status]++
	c.Attempts += r.Attempts
	c.Throttled += r.Throttled
	if r.Code != "" {
		code := r.Code
		if _, known := c.Codes[code]; !known && len(c.Codes) >= maxCodes {
			code = otherCodes
		}
		c.Codes[code]++
	}
	c.swallow(r.Row)
}

// swallow notes a malformed record that took more than its own line with it.
func (c *Counts) swallow(row worker.Row) {
	if lines := (Lines{row.Line, row.LastLine}); lines.Last > 0 && lines.len() >= c.Swallowed.len() {
		c.Swallowed = lines
	}
}

func (t *Tally) addLost(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.counts.Lost += n
}

// Unsuccessful counts the rows whose user is not known to be confirmed.
func (c Counts) Unsuccessful() int {
	n := 0
	for status, rows := range c.Statuses {
		if !status.Succeeded() {
			n += rows
		}
	}
	return n
}
