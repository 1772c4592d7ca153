package audit

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// Reported is what a report has about the rows.
type Reported struct {
	// Rows are how many it has, Confirmed how many of them it calls confirmed, by
	// whatever run.
	Rows, Confirmed int
	// Last is when the last of them got its answer, zero without any.
	Last time.Time
}

// ErrOtherPool means that a report is about another user pool.
var ErrOtherPool = errors.New("the report is about another user pool")

// OtherInputError means that a report is about another input: the row on a line is
// another one, or there is none.
type OtherInputError struct{ Line int }

func (e *OtherInputError) Error() string {
	return fmt.Sprintf("the report has another user for line %d than the input", e.Line)
}

// Report takes in which rows a report calls confirmed. It has to be called before
// anything else is asked of the rows. Its error is one of lines, [ErrOtherPool] or an
// [*OtherInputError].
func (r *Rows) Report(lines iter.Seq2[report.Line, error], userPoolID string) (Reported, error) {
	var said Reported
	for line, err := range lines {
		if err != nil {
			return said, err
		}
		if line.UserPoolID != "" && line.UserPoolID != userPoolID {
			return said, ErrOtherPool
		}
		said.Rows++
		if at := line.StartedAt.Add(time.Duration(line.Duration)); !line.StartedAt.IsZero() && at.After(said.Last) {
			said.Last = at
		}
		switch line.Status {
		case worker.StatusConfirmed, worker.StatusAlreadyConfirmed, worker.StatusNotVerified:
		default:
			continue
		}
		said.Confirmed++
		at, found := slices.BinarySearchFunc(r.rows, line.Line, func(row row, line int) int { return int(row.line) - line })
		if !found || r.rows[at].hash != r.hash(line.Username) {
			return said, &OtherInputError{line.Line}
		}
		r.rows[at].state |= stateReported
	}
	return said, nil
}
