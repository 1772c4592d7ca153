package main

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestHelp: the texts are read more often than the README.
func TestHelp(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"help.golden.txt":          {"--help"},
		"help-run.golden.txt":      {"run", "--help"},
		"help-check.golden.txt":    {"check", "--help"},
		"help-demo.golden.txt":     {"demo", "--help"},
		"help-emulator.golden.txt": {"emulator", "--help"},
	}
	for name, args := range tests {
		got := invoke(t, args...)
		got.wantStatus(t, 0)
		if got.stderr != "" {
			t.Errorf("%v: standard error: %q", args, got.stderr)
		}
		golden(t, name, got.stdout)
	}
	if short := invoke(t, "-h"); short.stdout != invoke(t, "--help").stdout {
		t.Errorf("-h says\n%s", short.stdout)
	}
}

// TestHelpHasTheExitStatuses: with every command, as they are an interface.
func TestHelpHasTheExitStatuses(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"", "run", "check", "demo", "emulator"} {
		help := invoke(t, append(strings.Fields(command), "--help")...).stdout
		for _, status := range []string{"0", "1", "2", "3", "4", "130", "143"} {
			if !regexp.MustCompile(`(?m)^  ` + status + ` +\S`).MatchString(help) {
				t.Errorf("the help of %q does not explain exit status %s", command, status)
			}
		}
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	got := invoke(t, "--version")
	got.wantStatus(t, 0)
	if got.stdout == "" || strings.Count(got.stdout, "\n") != 1 || got.stderr != "" {
		t.Errorf("standard output %q, standard error %q", got.stdout, got.stderr)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	run := []string{"run", "--user-pool-id", testPool}
	with := func(args ...string) []string { return append(run[:len(run):len(run)], args...) }
	tests := []struct {
		args []string
		says string
	}{
		{nil, "missing flags: --user-pool-id=ID"},
		{[]string{"users.csv"}, "missing flags: --user-pool-id=ID"},
		{[]string{"frobnicate"}, "missing flags: --user-pool-id=ID"}, // an input, for run is the default
		{run, `expected "<input>"`},
		{[]string{"check"}, `expected "<input>"`},
		{with("a.csv", "b.csv"), "unexpected argument b.csv"},
		{with("--frobnicate", "a.csv"), "unknown flag --frobnicate"},
		{with("--rate", "fast", "a.csv"), "--rate: "},
		{with("--rate", "0", "a.csv"), "--rate: must be a number above 0, or auto"},
		{with("--rate=-1", "a.csv"), "--rate: must be a number above 0, or auto"},
		{with("--rate", "NaN", "a.csv"), "--rate: must be a number above 0, or auto"},
		{with("--rate", "Inf", "a.csv"), "--rate: must be a number above 0, or auto"},
		{[]string{"check", "--rate", "Inf", "a.csv"}, "--rate: must be a number above 0, or auto"},
		{[]string{"check", "--rate", "0", "a.csv"}, "--rate: must be a number above 0, or auto"},
		{with("--concurrency", "0", "a.csv"), "--concurrency must be from 1 to 10000"},
		{with("--concurrency", "10001", "a.csv"), "--concurrency must be from 1 to 10000"},
		{with("--max-attempts", "0", "a.csv"), "--max-attempts must be at least 1"},
		{with("--timeout", "0s", "a.csv"), "--timeout must be above 0"},
		{with("--timeout", "30", "a.csv"), "--timeout: "},
		{with("--max-consecutive-failures=-1", "a.csv"), "--max-consecutive-failures must be at least 0"},
		{with("--delimiter", "", "a.csv"), "--delimiter: "},
		{with("--delimiter", ",,", "a.csv"), "--delimiter: "},
		{with("--delimiter", `"`, "a.csv"), "--delimiter: "},
		{with("--delimiter", "\n", "a.csv"), "--delimiter: "},
		{with("--delimiter", "\xff", "a.csv"), "--delimiter: "},
	}
	for _, test := range tests {
		got := invoke(t, test.args...)
		if got.status != 2 || got.stdout != "" {
			t.Errorf("%q: exit status %d, standard output %q", test.args, got.status, got.stdout)
		}
		got.wantError(t, test.says)
	}
}

// TestNamesThatAreNotUTF8: a path is bytes.
func TestNamesThatAreNotUTF8(t *testing.T) {
	t.Parallel()
	s, dir := start(t), t.TempDir()
	input := filepath.Join(dir, "M\xfcller.csv")
	if err := os.WriteFile(input, []byte("username\nalice\n"), 0o600); err != nil {
		t.Skip(err) // not every file system agrees
	}
	invoke(t, s.args(input, "--summary", filepath.Join(dir, "\xe9t\xe9.json"))...).wantStatus(t, 0)
	if got, want := names(t, dir), "M\xfcller.csv M\xfcller.report.csv \xe9t\xe9.json"; got != want {
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
		{"--version"},
		{"check", "--summary", "-", input},
		s.args(input, "--summary", "-"),
	} {
		var stderr safeBuffer
		status := run(t.Context(), args, nil, strings.NewReader(""), brokenPipe{}, &stderr)
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
	status := run(t.Context(), s.args(put(t, dir, "users.csv", "username\nalice\n")), nil, strings.NewReader(""), &stdout, brokenPipe{})
	if status != 0 {
		t.Errorf("exit status %d", status)
	}
	wantReport(t, filepath.Join(dir, "users.report.csv"), map[string]string{"alice": "confirmed"})
}
