package report

import (
	"slices"
	"strings"

	"cognito-confirm/internal/codes"
	"cognito-confirm/worker"
)

// Retry chooses rows of a report that are to be done again. Their lines go when
// the run starts: the report is written to a new file without them, which takes
// its place. A crash before that leaves the report as it was. After it these
// rows are like any others that are not in the report. The zero value chooses none.
type Retry struct {
	// Failed chooses the rows that failed, were not verified or were invalid. Those
	// whose trigger failed stay: another call would not run it.
	Failed bool
	// Codes leaves only the rows that have one of these codes or user statuses,
	// in capitals or not, as the report has them or as they are shown. Empty: all.
	Codes []string
}

// chooses reports whether the row of a line is to be done again, and whether only
// its failed trigger keeps it from that.
func (r Retry) chooses(l Line) (again, kept bool) {
	isNamed := func(code string) bool {
		return strings.EqualFold(code, l.Code) || strings.EqualFold(code, l.UserStatus) || strings.EqualFold(code, codes.Shown(l.Code))
	}
	if !r.Failed || len(r.Codes) > 0 && !slices.ContainsFunc(r.Codes, isNamed) {
		return false, false
	}
	return !l.Status.Succeeded() && l.Status != worker.StatusTriggerFailed, l.Status == worker.StatusTriggerFailed
}
