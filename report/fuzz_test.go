package report_test

import (
	"errors"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"cognito-confirm/worker"
)

// readRows reads every row of the input that has fields; rows is nil when the
// input is refused.
func readRows(t testing.TB, input string, noHeader bool, delimiter rune) (header []string, rows [][]string) {
	t.Helper()
	reader, err := worker.NewReader(strings.NewReader(input), worker.ReaderOptions{NoHeader: noHeader, Delimiter: delimiter})
	if err != nil {
		return nil, nil
	}
	for {
		row, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return reader.Header(), rows
		}
		if err != nil {
			t.Fatalf("read %q: %v", input, err)
		}
		if row.Fields != nil {
			rows = append(rows, row.Fields)
		}
	}
}

// rowsAgain takes rows through a failed-rows file and reads that.
func rowsAgain(t testing.TB, dir string, header []string, rows [][]string, noHeader bool, delimiter rune) ([]string, [][]string) {
	t.Helper()
	o := in(dir)
	o.Overwrite, o.Header, o.Delimiter = true, header, delimiter
	r := open(t, o)
	for i, fields := range rows {
		record(t, r, row(i+1, worker.StatusFailed, fields...))
	}
	closeRecorder(t, r)
	written := read(t, o.Failed)
	againHeader, again := readRows(t, written, noHeader, delimiter)
	if again == nil {
		t.Logf("failed rows: %q", written)
	}
	return againHeader, again
}

// FuzzFailedRows: whatever the reader makes of an input, it makes the same of
// the failed-rows file that comes from it.
func FuzzFailedRows(f *testing.F) {
	for _, seed := range roundTrips() {
		f.Add(seed.input, seed.noHeader, ',')
	}
	f.Add("username;note\nalice;\"a;b\"\n", false, ';')
	f.Add("username\tnote\nalice\t\"a\tb\"\n", false, '\t')
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, input string, noHeader bool, delimiter rune) {
		if delimiter != '\t' && !unicode.IsPrint(delimiter) || delimiter == '"' || delimiter == utf8.RuneError {
			return
		}
		header, rows := readRows(t, input, noHeader, delimiter)
		if noHeader && !startsAsText(rows) {
			// The reader takes such a start for a file that is no text. In the
			// middle of the input it was a row that is not valid.
			return
		}
		if len(rows) == 0 {
			return
		}
		againHeader, again := rowsAgain(t, dir, header, rows, noHeader, delimiter)
		if !slices.Equal(againHeader, header) {
			t.Errorf("header %q, want %q", againHeader, header)
		}
		if !slices.EqualFunc(again, rows, slices.Equal) {
			t.Errorf("rows\n%q, want\n%q", again, rows)
		}
	})
}

// startsAsText looks at no fewer rows than the four bytes can hold by which a
// reader tells what a file is.
func startsAsText(rows [][]string) bool {
	start := strings.Join(slices.Concat(rows[:min(4, len(rows))]...), " ")
	return utf8.ValidString(start) && !strings.ContainsFunc(start, unicode.IsControl)
}

// FuzzReport: whatever is recorded, encoding/csv finds it in the report.
func FuzzReport(f *testing.F) {
	for _, r := range everyKind() {
		f.Add(r.Row.Line, r.Row.Username, string(r.Status), r.Code, r.Message, r.Attempts, r.Throttled, r.RequestID, r.StartedAt.UnixMilli(), int64(r.Duration))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, line int, username, status, code, message string, attempts, throttled int, requestID string, started, took int64) {
		if took < 0 || started < 0 || started > 200e12 {
			return // no clock says so: years have four digits here
		}
		r := worker.Result{
			Row:    worker.Row{Line: line, Username: username},
			Status: worker.Status(worker.OneLine(status)), Code: worker.OneLine(code), Message: worker.OneLine(message),
			Attempts: attempts, Throttled: throttled, RequestID: worker.OneLine(requestID),
			StartedAt: time.UnixMilli(started), Duration: time.Duration(took),
		}
		o := in(dir)
		o.Overwrite = true
		write(t, o, r, result(2, "alice", worker.StatusConfirmed))
		content := read(t, o.Report)
		got := parse(t, content)
		want := [][]string{wantFields(r), wantFields(result(2, "alice", worker.StatusConfirmed))}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("the report says\n%q, want\n%q", got, want)
		}
		if n := strings.Count(content, "\n"); n != 3 {
			t.Errorf("%d lines for two rows and the header", n)
		}
		if _, err := os.Stat(o.Failed); err == nil {
			os.Remove(o.Failed)
		}
	})
}
