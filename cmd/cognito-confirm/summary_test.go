package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/report"
)

// everyStatus is an input and a pool with a row of every status.
func everyStatus(t *testing.T, dir string) (s *standIn, input string) {
	t.Helper()
	s = startWith(t, fakecognito.Options{UserPoolID: testPool, LogCalls: true})
	for name, status := range map[string]fakecognito.Status{
		"alice": fakecognito.Unconfirmed, "bob": fakecognito.Unconfirmed, "carol": fakecognito.Confirmed,
		"dave": fakecognito.Unconfirmed, "erin": fakecognito.ForceChangePassword,
	} {
		s.AddUser(name, status)
	}
	s.SetFault("bob", fakecognito.Fault{Code: "TooManyRequestsException", Times: 2})
	s.SetFault("dave", fakecognito.Fault{Code: "UserLambdaValidationException"})
	return s, put(t, dir, "users.csv", "username,note\nalice,1\nbob,2\ncarol,3\ndave,4\nerin,5\nfrank,6\ngrace,7\nno one,8\n\"heidi,9\nivan,10\n")
}

// timesOfSummary are the values of a summary that differ between runs.
var timesOfSummary = regexp.MustCompile(`"(started_at|seconds|rate)": ("[^"]*"|[\d.e+-]+)`)

func TestSummary(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, input := everyStatus(t, dir)
	before := time.Now().Add(-time.Second)
	got := invoke(t, s.args(input, "--summary", "-")...)
	got.wantStatus(t, 3)
	golden(t, "summary.golden.txt", stable(got.stderr, dir))
	golden(t, "summary.golden.json", timesOfSummary.ReplaceAllString(stable(got.stdout, dir), `"$1": 0`))

	var summary report.Summary
	if err := json.Unmarshal([]byte(got.stdout), &summary); err != nil {
		t.Fatal(err)
	}
	if summary.StartedAt.Before(before) || summary.StartedAt.After(time.Now()) || summary.StartedAt.Location() != time.UTC {
		t.Errorf("started at %v", summary.StartedAt)
	}
	if summary.Seconds <= 0 || summary.Seconds > got.took.Seconds()+0.001 {
		t.Errorf("%v seconds, the command took %v", summary.Seconds, got.took)
	}
	if rate := float64(summary.Attempts) / summary.Seconds; summary.Rate < 0.8*rate || summary.Rate > 1.25*rate {
		t.Errorf("rate %v for %d attempts in %v s", summary.Rate, summary.Attempts, summary.Seconds)
	}
	if calls := s.Counts(); int64(summary.Attempts) != calls.Calls || int64(summary.Throttled) != calls.Throttled {
		t.Errorf("%d attempts, %d throttled; the service saw %d and %d", summary.Attempts, summary.Throttled, calls.Calls, calls.Throttled)
	}
}

// TestSummaryFile has the same in it, is its owner's, and nothing goes to
// standard output.
func TestSummaryFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, input := everyStatus(t, dir)
	path := put(t, dir, "summary.json", "{\"of\": \"an earlier run, and much longer than this one's\"}"+string(make([]byte, 9000)))
	got := invoke(t, s.args(input, "--summary", path, "--quiet")...)
	got.wantStatus(t, 3)
	if got.stdout != "" {
		t.Errorf("standard output: %q", got.stdout)
	}
	golden(t, "summary.golden.json", timesOfSummary.ReplaceAllString(stable(read(t, path), dir), `"$1": 0`))

	fresh := filepath.Join(dir, "fresh.json")
	invoke(t, s.args(input, "--overwrite", "--summary", fresh)...).wantStatus(t, 3)
	info, err := os.Stat(fresh)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("the summary: %v, %v", info.Mode(), err)
	}
}

// TestSummaryOfAStop: a run that ends early says so in every way.
func TestSummaryOfAStop(t *testing.T) {
	t.Parallel()
	dir, s := t.TempDir(), start(t)
	s.SetFault("alice", fakecognito.Fault{Code: "ExpiredTokenException"})
	got := invoke(t, s.args(put(t, dir, "users.csv", "username\nalice\n"), "--summary", "-", "--quiet")...)
	got.wantStatus(t, 1)
	var summary report.Summary
	if err := json.Unmarshal([]byte(got.stdout), &summary); err != nil {
		t.Fatal(err)
	}
	if summary.Outcome != report.Stopped || summary.ExitStatus != 1 || summary.Failed != "" ||
		summary.Reason != "ExpiredTokenException: The security token included in the request is expired" {
		t.Errorf("summary: %+v", summary)
	}
	got.wantError(t, "stopped: "+summary.Reason, "hint: ") // quiet is not silent
}

// TestQuiet says nothing of a run that finished, not even of failed rows.
func TestQuiet(t *testing.T) {
	t.Parallel()
	s, input := start(t), put(t, t.TempDir(), "users.csv", "username\nalice\nnot one\n")
	got := invoke(t, s.args(input, "--quiet")...)
	got.wantStatus(t, 3)
	if got.stdout != "" || got.stderr != "" {
		t.Errorf("standard output %q, standard error %q", got.stdout, got.stderr)
	}
	got = invoke(t, "check", "--quiet", input)
	got.wantStatus(t, 3)
	if got.stdout != "" || got.stderr != "" {
		t.Errorf("check: standard output %q, standard error %q", got.stdout, got.stderr)
	}
}
