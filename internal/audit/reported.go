package audit

import (
	"cmp"
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
	// Due is how many rows of the input it is to have, Missing those of them that it
	// does not have.
	Due     int
	Missing Lines
	// Others are the lines of rows that did not succeed, and that have another
	// username in the input, or are not in it.
	Others Lines
}

// ErrOtherPool means that a report is about another user pool.
var ErrOtherPool = errors.New("the report is about another user pool")

// OtherInputError means that a report is about another input: a row that it calls
// confirmed is another one there, or there is none.
type OtherInputError struct{ Line int }

func (e *OtherInputError) Error() string {
	return fmt.Sprintf("the report has another user for line %d than the input", e.Line)
}

// Report takes in which rows a report has, and which it calls confirmed. It has to be
// called before anything else is asked of the rows. shown is how many lines are kept
// of each kind. Its error is one of lines, [ErrOtherPool] or an [*OtherInputError].
func (r *Rows) Report(lines iter.Seq2[report.Line, error], userPoolID string, shown int) (Reported, error) {
	said := Reported{Missing: Lines{Lines: []int{}}, Others: Lines{Lines: []int{}}}
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
		row := cmp.Or(onLine(r.rows, line.Line), onLine(r.refused, line.Line))
		isSame := row != nil && row.hash == r.hash(line.Username)
		switch line.Status {
		case worker.StatusConfirmed, worker.StatusAlreadyConfirmed, worker.StatusNotVerified:
			if !isSame {
				return said, &OtherInputError{line.Line}
			}
			said.Confirmed++
			row.state |= stateReported
		}
		if !isSame { // it may have been corrected, to be tried again
			said.Others.Add(line.Line, shown)
			continue
		}
		row.state |= stateListed
	}
	r.addMissing(&said, shown)
	return said, nil
}

// onLine returns the row of a line, or nil.
func onLine(rows []row, line int) *row {
	at, found := slices.BinarySearchFunc(rows, line, func(row row, line int) int { return int(row.line) - line })
	if !found {
		return nil
	}
	return &rows[at]
}

// addMissing finds the rows that the report does not have.
func (r *Rows) addMissing(said *Reported, shown int) {
	for _, rows := range [...][]row{r.rows, r.refused} {
		kept := Lines{}
		for _, row := range rows {
			if row.state&stateElsewhere != 0 {
				continue
			}
			said.Due++
			if row.state&stateListed == 0 {
				kept.Add(int(row.line), shown)
			}
		}
		said.Missing.Rows += kept.Rows
		said.Missing.Lines = append(said.Missing.Lines, kept.Lines...)
	}
	slices.Sort(said.Missing.Lines)
	said.Missing.Lines = said.Missing.Lines[:min(len(said.Missing.Lines), shown)]
}
