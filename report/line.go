package report

import (
	"fmt"
	"strconv"
	"time"

	"github.com/gocarina/gocsv"

	"cognito-confirm/worker"
)

// line is a line of the report. Its fields are texts because gocsv formats
// numbers through fmt, at several times the cost.
type line struct {
	Line       string `csv:"line"`
	Username   string `csv:"username"`
	Status     string `csv:"status"`
	Code       string `csv:"code"`
	Message    string `csv:"message"`
	Attempts   string `csv:"attempts"`
	Throttled  string `csv:"throttled"`
	RequestID  string `csv:"request_id"`
	StartedAt  string `csv:"started_at"`
	DurationMS string `csv:"duration_ms"`
}

// headerLine returns the first line of every report.
func headerLine() (string, error) {
	header, err := gocsv.MarshalString([]line{})
	if err != nil {
		return "", fmt.Errorf("write report: %w", err)
	}
	return header, nil
}

// timeFormat is RFC 3339 in UTC with milliseconds, always of the same width.
const timeFormat = "2006-01-02T15:04:05.000Z"

func newLine(r worker.Result) line {
	l := line{
		Line: strconv.Itoa(r.Row.Line),
		// One row is one line, whatever an invalid username has in it.
		Username:   worker.OneLine(r.Row.Username),
		Status:     string(r.Status),
		Code:       r.Code,
		Message:    r.Message,
		Attempts:   strconv.Itoa(r.Attempts),
		Throttled:  strconv.Itoa(r.Throttled),
		RequestID:  r.RequestID,
		DurationMS: strconv.FormatInt(r.Duration.Round(time.Millisecond).Milliseconds(), 10),
	}
	if !r.StartedAt.IsZero() {
		l.StartedAt = r.StartedAt.UTC().Format(timeFormat)
	}
	return l
}
