package report_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// everyRow as a number of rows is all that there are.
const everyRow = -1

// resumption is a run over an input with a pool that does one row after the
// other; what becomes of a row follows from its username.
type resumption struct {
	input     string
	noHeader  bool
	overwrite bool
	retry     report.Retry
}

// begin goes as far as a run goes before it changes anything.
func (n resumption) begin(t testing.TB, dir string) (*report.Recorder, worker.Source, error) {
	t.Helper()
	o := optionsIn(dir)
	o.Resume, o.Overwrite, o.Retry = !n.overwrite, n.overwrite, n.retry
	return n.beginWith(t, o)
}

// beginWith does the same with other options.
func (n resumption) beginWith(t testing.TB, o report.Options) (*report.Recorder, worker.Source, error) {
	t.Helper()
	in := newSource(t, n.input, n.noHeader, ',')
	o.Header, o.Columns, o.Rows = in.header, in.names, rowsOf(n.noHeader)
	r, err := report.Open(t.Context(), o)
	if err != nil {
		return nil, nil, err
	}
	rows, err := r.Remaining(t.Context(), in)
	if err != nil {
		return nil, nil, errors.Join(err, r.Close())
	}
	return r, rows, nil
}

// run does that many rows at most and returns their lines. The recorder is closed.
func (n resumption) run(t testing.TB, dir string, rows int) (done []int, r *report.Recorder, err error) {
	t.Helper()
	r, source, err := n.begin(t, dir)
	if err != nil {
		return nil, nil, err
	}
	if err := r.Start(); err != nil {
		t.Fatalf("Start: %v", err)
	}
	for source != nil && len(done) != rows {
		row, err := source.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("Next: %v", err)
		}
		done = append(done, row.Line)
		if err := r.Record(resultOf(row)); err != nil {
			t.Fatalf("Record: %v", err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	return done, r, nil
}

// mustRun is run, and fails the test on an error.
func (n resumption) mustRun(t testing.TB, dir string, rows int) (done []int, r *report.Recorder) {
	t.Helper()
	done, r, err := n.run(t, dir, rows)
	if err != nil {
		t.Fatalf("resume: %v", err)
	}
	return done, r
}

// resultOf is what becomes of a row.
func resultOf(row worker.Row) worker.Result {
	r := worker.Result{Row: row, Status: worker.StatusConfirmed, Attempts: 2, Throttled: 1, RequestID: "r"}
	switch {
	case row.Invalid != nil:
		return worker.Result{Row: row, Status: worker.StatusInvalid, Code: row.Invalid.Code, Message: row.Invalid.Message}
	case strings.HasPrefix(row.Username, "bad"):
		r.Status, r.Code, r.Message = worker.StatusFailed, "UserNotFoundException", "User does not exist, \"they\" say."
	case strings.HasPrefix(row.Username, "hook"):
		r.Status, r.Code, r.Message = worker.StatusTriggerFailed, "UserLambdaValidationException", "no mail"
	case strings.HasPrefix(row.Username, "old"):
		r.Status = worker.StatusAlreadyConfirmed
	}
	return r
}

// linesByNumber reads a report with a parser that is not ours and returns line,
// username and status of each row, sorted by the line.
func linesByNumber(t testing.TB, dir string) []string {
	t.Helper()
	content := contents(t, optionsIn(dir).Report)
	if !strings.HasPrefix(content, header) || !strings.HasSuffix(content, "\n") {
		t.Fatalf("not a whole report: %q", content)
	}
	reader := csv.NewReader(strings.NewReader(content))
	reader.FieldsPerRecord = 12
	records, err := reader.ReadAll()
	if err != nil {
		t.Fatalf("the report is not CSV: %v", err)
	}
	records = records[1:]
	slices.SortStableFunc(records, func(a, b []string) int {
		first, _ := strconv.Atoi(a[0])
		second, _ := strconv.Atoi(b[0])
		return first - second
	})
	lines := make([]string, len(records))
	for i, record := range records {
		lines[i] = fmt.Sprintf("%s %q %s", record[0], record[1], record[2])
	}
	return lines
}

// undisturbed is a run that nothing disturbed.
type undisturbed struct {
	lines  []string
	failed string
}

func (n resumption) undisturbed(t testing.TB) undisturbed {
	t.Helper()
	dir := t.TempDir()
	n.mustRun(t, dir, everyRow)
	return undisturbed{linesByNumber(t, dir), contents(t, optionsIn(dir).Failed)}
}

// same compares the files of a run that was resumed with those of this one.
func (u undisturbed) same(t testing.TB, dir string) {
	t.Helper()
	if got := linesByNumber(t, dir); !slices.Equal(got, u.lines) {
		t.Errorf("the report is\n%q, want\n%q", got, u.lines)
	}
	if got := contents(t, optionsIn(dir).Failed); got != u.failed {
		t.Errorf("failed rows\n%q, want\n%q", got, u.failed)
	}
}
