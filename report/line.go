package report

import (
	"strconv"
	"strings"
	"time"

	"cognito-confirm/worker"
)

// header returns the names of the report's columns.
func header() []string {
	return []string{"line", "username", "status", "code", "message", "attempts", "throttled", "request_id", "started_at", "duration_ms"}
}

// headerLine returns the first line of every report.
func headerLine() string { return strings.Join(header(), ",") + "\n" }

// timeFormat is RFC 3339 in UTC with milliseconds, always of the same width.
const timeFormat = "2006-01-02T15:04:05.000Z"

// appendFields appends the fields of a result's line, as many as the header has.
// Not through gocsv, which looks every field up by reflection: it costs as much
// as the rest of the way to the file.
func appendFields(fields []string, r worker.Result) []string {
	startedAt := ""
	if !r.StartedAt.IsZero() {
		startedAt = r.StartedAt.UTC().Format(timeFormat)
	}
	return append(fields,
		strconv.Itoa(r.Row.Line),
		// One row is one line, whatever an invalid username has in it.
		worker.OneLine(r.Row.Username),
		string(r.Status),
		r.Code,
		r.Message,
		strconv.Itoa(r.Attempts),
		strconv.Itoa(r.Throttled),
		r.RequestID,
		startedAt,
		strconv.FormatInt(r.Duration.Round(time.Millisecond).Milliseconds(), 10),
	)
}
