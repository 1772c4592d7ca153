package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"cognito-confirm/internal/program"
)

// TestNamesThatAreNotUTF8: a path is bytes.
func TestNamesThatAreNotUTF8(t *testing.T) {
	t.Parallel()
	s, dir := start(t), t.TempDir()
	input := filepath.Join(dir, "M\xfcller.csv")
	if err := os.WriteFile(input, []byte("username\nalice\n"), 0o600); err != nil {
		t.Skip(err) // not every file system agrees
	}
	invoke(t, s.args(input, "--summary", filepath.Join(dir, "\xe9t\xe9.json"))...).wantStatus(t, 0)
	if got, want := names(t, dir), "M\xfcller.csv M\xfcller.events.jsonl M\xfcller.report.csv M\xfcller.report.csv.endpoint \xe9t\xe9.json"; got != want {
		t.Errorf("in the directory: %q, want %q", got, want)
	}
}

// unwritable is a stream that refuses everything with an error.
type unwritable struct{ err error }

func (u unwritable) Write([]byte) (int, error) { return 0, u.err }

// brokenPipe is a stream that nobody reads any more.
var brokenPipe = unwritable{errors.New("broken pipe")}

// TestUnwritableStandardOutput is no mistake on the command line. A signal while nobody
// reads comes as an error too.
func TestUnwritableStandardOutput(t *testing.T) {
	t.Parallel()
	s := start(t)
	input := put(t, t.TempDir(), "users.csv", "username\nalice\n")
	for _, args := range [][]string{
		{"--help"},
		{"run", "--help"},
		{},
		{"help", "run"},
		{"completion", "bash"},
		{"version"},
		{"--version"},
		{"check", "--summary", "-", input},
		s.args(input, "--summary", "-", "--overwrite"),
	} {
		for want, stdout := range map[int]unwritable{1: brokenPipe, 143: {&program.Interruption{Signal: syscall.SIGTERM}}} {
			var stderr safeBuffer
			status := run(t.Context(), started(args...), nil, strings.NewReader(""), stdout, &stderr)
			if status != want {
				t.Errorf("%v: exit status %d, want %d", args, status, want)
			}
			outcome{stderr: stderr.String()}.wantError(t, stdout.err.Error())
		}
	}
}

// TestUnwritableStandardError: there is nobody to tell, and the run goes on.
func TestUnwritableStandardError(t *testing.T) {
	t.Parallel()
	s, dir := start(t), t.TempDir()
	var stdout safeBuffer
	status := run(t.Context(), started(s.args(put(t, dir, "users.csv", "username\nalice\n"))...), nil, strings.NewReader(""), &stdout, brokenPipe)
	if status != 0 {
		t.Errorf("exit status %d", status)
	}
	if report := read(t, filepath.Join(dir, "users.report.csv")); !strings.Contains(report, ",alice,confirmed,") {
		t.Errorf("report: %s", report)
	}
}
