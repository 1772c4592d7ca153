package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
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

// brokenPipe is a standard output that nobody reads any more.
type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

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
		s.args(input, "--summary", "-"),
	} {
		var stderr safeBuffer
		status := run(t.Context(), started(args...), nil, strings.NewReader(""), brokenPipe{}, &stderr)
		got := outcome{status: status, stderr: stderr.String()}
		if got.status == 0 {
			t.Errorf("%v: exit status 0", args)
		}
		got.wantError(t, "broken pipe")
	}
}

// TestUnwritableStandardError: there is nobody to tell, and the run goes on.
func TestUnwritableStandardError(t *testing.T) {
	t.Parallel()
	s, dir := start(t), t.TempDir()
	var stdout safeBuffer
	status := run(t.Context(), started(s.args(put(t, dir, "users.csv", "username\nalice\n"))...), nil, strings.NewReader(""), &stdout, brokenPipe{})
	if status != 0 {
		t.Errorf("exit status %d", status)
	}
	if report := read(t, filepath.Join(dir, "users.report.csv")); !strings.Contains(report, ",alice,confirmed,") {
		t.Errorf("report: %s", report)
	}
}
