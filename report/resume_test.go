package report_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

const (
	resumeHeader = "line,username,status,code,message,attempts,throttled,request_id,started_at,duration_ms\n"
	resumeEvery  = -1 // rows: all that there are
)

// resumption is a run over an input with a pool that does one row after the
// other; what becomes of a row follows from its username.
type resumption struct {
	input     string
	noHeader  bool
	overwrite bool
}

// resumeFiles are the paths of a run in the directory.
func resumeFiles(dir string) report.Options {
	return report.Options{Report: filepath.Join(dir, "users.report.csv"), Failed: filepath.Join(dir, "users.failed.csv")}
}

// begin goes as far as a run goes before it changes anything.
func (n resumption) begin(t testing.TB, dir string) (*report.Recorder, worker.Source, error) {
	t.Helper()
	in, err := worker.NewReader(strings.NewReader(n.input), worker.ReaderOptions{NoHeader: n.noHeader})
	if err != nil {
		t.Fatalf("read input: %v", err)
	}
	o := resumeFiles(dir)
	o.Header, o.Resume, o.Overwrite = in.Header(), !n.overwrite, n.overwrite
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

// run does so many rows at the most and returns their lines. The recorder is closed.
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
		if err := r.Record(resumeResult(row)); err != nil {
			t.Fatalf("Record: %v", err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	return done, r, nil
}

// mustRun is run where nothing stands in the way.
func (n resumption) mustRun(t testing.TB, dir string, rows int) (done []int, r *report.Recorder) {
	t.Helper()
	done, r, err := n.run(t, dir, rows)
	if err != nil {
		t.Fatalf("resume: %v", err)
	}
	return done, r
}

// resumeResult is what becomes of a row.
func resumeResult(row worker.Row) worker.Result {
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

// resumeText returns what is in a file, and "(none)" for a file that is not there.
func resumeText(t testing.TB, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "(none)"
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func resumePut(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// resumeTree returns every file of a directory with its content.
func resumeTree(t testing.TB, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	tree := make(map[string]string)
	for _, entry := range entries {
		tree[entry.Name()] = resumeText(t, filepath.Join(dir, entry.Name()))
	}
	return tree
}

// resumeUntouched checks that a directory is, byte for byte, what it was.
func resumeUntouched(t testing.TB, dir string, before map[string]string) {
	t.Helper()
	if after := resumeTree(t, dir); !maps.Equal(after, before) {
		t.Errorf("the files are\n%q, want them as they were:\n%q", after, before)
	}
}

// resumeLines reads a report with a parser that is not ours and returns line,
// username and status of each row, sorted by the line.
func resumeLines(t testing.TB, dir string) []string {
	t.Helper()
	content := resumeText(t, resumeFiles(dir).Report)
	if !strings.HasPrefix(content, resumeHeader) || !strings.HasSuffix(content, "\n") {
		t.Fatalf("not a whole report: %q", content)
	}
	reader := csv.NewReader(strings.NewReader(content))
	reader.FieldsPerRecord = 10
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

// resumeSame holds the files of a run that was resumed against those of one
// that nothing disturbed.
func resumeSame(t testing.TB, n resumption, dir string) {
	t.Helper()
	whole := t.TempDir()
	n.mustRun(t, whole, resumeEvery)
	if got, want := resumeLines(t, dir), resumeLines(t, whole); !slices.Equal(got, want) {
		t.Errorf("the report says\n%q, want\n%q", got, want)
	}
	got, want := resumeText(t, resumeFiles(dir).Failed), resumeText(t, resumeFiles(whole).Failed)
	if got != want {
		t.Errorf("failed rows\n%q, want\n%q", got, want)
	}
}

func resumeRow(line int, username string) worker.Row {
	return worker.Row{Line: line, Username: username, Fields: []string{username}}
}
