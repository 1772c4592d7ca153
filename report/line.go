package report

import (
	"cmp"
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"github.com/gocarina/gocsv"

	"cognito-confirm/internal/oneline"
	"cognito-confirm/worker"
)

// Line is one line of a report: what became of one row of the input. Its csv
// tags are the schema of the report, and the only statement of it. New columns
// go to the end, and no column is ever renamed.
type Line struct {
	// Line is the physical line of the input on which the record starts.
	Line int `csv:"line"`
	// Username is in the form of oneline.Escape.
	Username string        `csv:"username"`
	Status   worker.Status `csv:"status"`
	// Code is the service's exception name or one of this program's own in
	// lower_snake, empty for a plain success.
	Code    string `csv:"code"`
	Message string `csv:"message"`
	// Attempts counts the calls sent, Throttled those of them that were
	// answered with a throttle.
	Attempts  int    `csv:"attempts"`
	Throttled int    `csv:"throttled"`
	RequestID string `csv:"request_id"`
	// StartedAt is when the first attempt was sent, zero without one.
	StartedAt Time `csv:"started_at"`
	// Duration is from the first attempt to the last answer.
	Duration Milliseconds `csv:"duration_ms"`
	// UserStatus is the user's status, as in FORCE_CHANGE_PASSWORD; empty where
	// the service did not name it.
	UserStatus string `csv:"user_status"`
	// UserPoolID is the user pool of the run. It is empty in lines of versions
	// that did not write it.
	UserPoolID string `csv:"user_pool_id"`
}

// firstColumns is how many columns the reports of the first version have.
const firstColumns = 10

// newLine returns the line that reports a result. One row is one line, whatever
// an invalid username has in it.
func newLine(r worker.Result, userPoolID string) Line {
	return Line{
		Line:       r.Row.Line,
		Username:   oneline.Escape(r.Row.Username),
		Status:     r.Status,
		Code:       cmp.Or(r.Exception, r.Code),
		Message:    r.Message,
		Attempts:   r.Attempts,
		Throttled:  r.Throttled,
		RequestID:  r.RequestID,
		StartedAt:  Time{r.StartedAt},
		Duration:   Milliseconds(r.Duration),
		UserStatus: r.UserStatus,
		UserPoolID: userPoolID,
	}
}

// headerLine returns the first line of every report.
func headerLine() string {
	var text strings.Builder
	if err := gocsv.MarshalCSV([]Line{}, csv.NewWriter(&text)); err != nil {
		panic(err) // Line has a column of a type that gocsv does not know
	}
	return text.String()
}

// timeFormat is RFC 3339 in UTC with milliseconds, always of the same width.
const timeFormat = "2006-01-02T15:04:05.000Z"

// Time is a moment in a report: RFC 3339 in UTC with milliseconds, empty for
// the zero value.
type Time struct{ time.Time }

// MarshalCSV implements [gocsv.TypeMarshaller].
func (t Time) MarshalCSV() (string, error) {
	if t.IsZero() {
		return "", nil
	}
	return t.UTC().Format(timeFormat), nil
}

// UnmarshalCSV implements [gocsv.TypeUnmarshaller]. A text in another format is
// read as the zero value: spreadsheets rewrite dates, and that is no reason to
// refuse a report.
func (t *Time) UnmarshalCSV(text string) error {
	t.Time, _ = time.Parse(time.RFC3339, text)
	return nil
}

// Milliseconds is a duration in a report, rounded to whole milliseconds there.
type Milliseconds time.Duration

// MarshalCSV implements [gocsv.TypeMarshaller].
func (m Milliseconds) MarshalCSV() (string, error) {
	return strconv.FormatInt(time.Duration(m).Round(time.Millisecond).Milliseconds(), 10), nil
}

// UnmarshalCSV implements [gocsv.TypeUnmarshaller]. As for [Time], a text that
// is not a number is read as zero.
func (m *Milliseconds) UnmarshalCSV(text string) error {
	n, _ := strconv.ParseInt(text, 10, 64)
	*m = Milliseconds(time.Duration(n) * time.Millisecond)
	return nil
}
