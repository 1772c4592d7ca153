package report_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// header is the first line of every report.
const header = "line,username,status,code,message,attempts,throttled,request_id,started_at,duration_ms,user_status,user_pool_id\n"

// oldHeader is that of the first version.
const oldHeader = "line,username,status,code,message,attempts,throttled,request_id,started_at,duration_ms\n"

// reasons are the columns of the failed-rows file that come after the input's.
const reasons = ",confirm_status,confirm_code,confirm_message"

// Why a row of resultOf and of result did not succeed, as the failed-rows file
// has it after the row.
const (
	notFound   = `,failed,UserNotFoundException,"User does not exist, ""they"" say."`
	noMail     = ",trigger_failed,UserLambdaValidationException,no mail"
	emptyName  = ",invalid,empty_username,the username is empty"
	notThere   = ",failed,UserNotFoundException,User does not exist."
	notAllowed = ",invalid,username_not_allowed,the username has characters that are not allowed"
)

// TestMain lets the test binary be started again as the other process that
// some tests need; see startHelper.
func TestMain(m *testing.M) {
	if role := os.Getenv(helperRole); role != "" {
		os.Exit(help(role))
	}
	os.Exit(m.Run())
}

// testTarget is whom the tests' reports are about.
var testTarget = report.Target{UserPoolID: "eu-west-1_Test00000"}

// in returns the options of a run whose files are in the directory.
func optionsIn(dir string) report.Options {
	return report.Options{
		Report:    filepath.Join(dir, "users.report.csv"),
		Failed:    filepath.Join(dir, "users.failed.csv"),
		Malformed: filepath.Join(dir, "users.malformed.csv"),
		Target:    testTarget,
		Header:    "username\n",
		Rows:      rowsOf(false),
	}
}

// rowsOf reads a file as newSource does.
func rowsOf(noHeader bool) func(io.Reader) (worker.Source, error) {
	return func(in io.Reader) (worker.Source, error) {
		text, err := io.ReadAll(in)
		if err != nil {
			return nil, err
		}
		return readSource(string(text), noHeader, ','), nil
	}
}

func open(t testing.TB, o report.Options) *report.Recorder {
	t.Helper()
	r, err := report.Open(context.Background(), o)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	if err := r.Start(); err != nil {
		t.Fatalf("Start: %v", err)
	}
	return r
}

func record(t testing.TB, r *report.Recorder, results ...worker.Result) {
	t.Helper()
	for _, result := range results {
		if err := r.Record(result); err != nil {
			t.Fatalf("Record: %v", err)
		}
	}
}

func closeRecorder(t testing.TB, r *report.Recorder) {
	t.Helper()
	if err := r.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
}

// write takes the results through a recorder from beginning to end.
func write(t testing.TB, o report.Options, results ...worker.Result) *report.Recorder {
	t.Helper()
	r := open(t, o)
	record(t, r, results...)
	closeRecorder(t, r)
	return r
}

// startedAt is when the attempts of the tests' results were sent, in another
// zone than the report's and with more digits.
var startedAt = time.Date(2026, 3, 1, 1, 30, 0, 123_456_789, time.FixedZone("", 2*60*60))

// result is what became of a row with one column.
func result(line int, username string, status worker.Status) worker.Result {
	r := worker.Result{
		Row:       worker.Row{Line: line, Username: username, Raw: raw(username)},
		Status:    status,
		Attempts:  1,
		RequestID: "11111111-2222-3333-4444-555555555555",
		StartedAt: startedAt,
		Duration:  25 * time.Millisecond,
	}
	switch status {
	case worker.StatusAlreadyConfirmed:
		r.Code, r.Message = "NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED"
	case worker.StatusTriggerFailed:
		r.Code, r.Message = "UserLambdaValidationException", "PostConfirmation failed with error Cannot send the welcome mail."
	case worker.StatusFailed:
		r.Code, r.Message = "UserNotFoundException", "User does not exist."
	case worker.StatusInvalid:
		r = worker.Result{Row: r.Row, Status: status, Code: "empty_username", Message: "the username is empty"}
	}
	return r
}

// raw returns the bytes of a record, as encoding/csv writes them.
func raw(fields ...string) string {
	var text strings.Builder
	w := csv.NewWriter(&text)
	w.Write(fields)
	w.Flush()
	if text.Len() == 1 {
		return "\"\"\n" // which readers do not take for a blank line
	}
	return text.String()
}

func read(t testing.TB, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func put(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// keepPrivate makes a file one that a run can have made.
func keepPrivate(t testing.TB, path string) {
	t.Helper()
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
}

func missing(t testing.TB, path string) {
	t.Helper()
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s: %v, want that it does not exist", filepath.Base(path), err)
	}
}

// parse reads a report with a parser that is not ours, without its header.
func parse(t testing.TB, content string) [][]string {
	t.Helper()
	reader := csv.NewReader(strings.NewReader(content))
	reader.FieldsPerRecord = 12
	records, err := reader.ReadAll()
	if err != nil {
		t.Fatalf("the report is not CSV: %v", err)
	}
	var first bytes.Buffer
	w := csv.NewWriter(&first)
	if len(records) == 0 || w.Write(records[0]) != nil {
		t.Fatal("the report has no header")
	}
	if w.Flush(); first.String() != header {
		t.Fatalf("header: %q, want %q", first.String(), header)
	}
	return records[1:]
}

// lines returns the line numbers in a report, in its order.
func lines(t testing.TB, content string) []string {
	t.Helper()
	var numbers []string
	for _, record := range parse(t, content) {
		numbers = append(numbers, record[0])
	}
	return numbers
}

// contents returns what is in a file, and "(none)" for a file that is not there.
func contents(t testing.TB, path string) string {
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

// unfinishedOf is the name of what is to take the place of a file.
func unfinishedOf(path, random string) string {
	return filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+random+".tmp")
}

// tree returns every file of a directory with its content.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	tree := make(map[string]string)
	for _, entry := range entries {
		tree[entry.Name()] = contents(t, filepath.Join(dir, entry.Name()))
	}
	return tree
}

// untouched checks that a directory is, byte for byte, what it was.
func untouched(t testing.TB, dir string, before map[string]string) {
	t.Helper()
	if after := tree(t, dir); !maps.Equal(after, before) {
		t.Errorf("the files are\n%q, want them as they were:\n%q", after, before)
	}
}
