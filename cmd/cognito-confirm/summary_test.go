package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/internal/job"
	"cognito-confirm/ratelimit"
	"cognito-confirm/report"
	"cognito-confirm/worker"
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

// ofTheMoment are the values of a summary that differ between runs.
var ofTheMoment = regexp.MustCompile(`"(started_at|seconds|rate|ceiling)": ("[^"]*"|[\d.e+-]+)`)

// paceReason is why the run was paced as it was: on a slow machine, another reason.
var paceReason = regexp.MustCompile(`("ceiling": 0,\s+"reason": )"[^"]*"`)

// stableSummary puts fixed values in the place of those that vary.
func stableSummary(text, dir string) string {
	text = ofTheMoment.ReplaceAllString(stable(text, dir), `"$1": 0`)
	return paceReason.ReplaceAllString(text, `$1"finding the quota"`)
}

// TestSummary: the words and the JSON of a run, to a stream and to a file.
func TestSummary(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, input := everyStatus(t, dir)
	got := invoke(t, s.args(input, "--summary", "-")...)
	got.wantStatus(t, 3)
	golden(t, "summary.golden.txt", stable(got.stderr, dir))
	golden(t, "summary.golden.json", stableSummary(got.stdout, dir))

	var summary report.Summary
	if err := json.Unmarshal([]byte(got.stdout), &summary); err != nil {
		t.Fatal(err)
	}
	if calls := s.Counts(); int64(summary.Attempts) != calls.Calls || int64(summary.Throttled) != calls.Throttled {
		t.Errorf("%d attempts, %d throttled; the service saw %d and %d", summary.Attempts, summary.Throttled, calls.Calls, calls.Throttled)
	}

	// A file has nothing left of an earlier run, and nothing goes to standard output.
	s, input = everyStatus(t, dir)
	path := put(t, dir, "summary.json", "{\"outcome\": \"stopped\", \"reason\": \"much longer than this one's\", \"exit_status\": 1}"+string(make([]byte, 9000)))
	got = invoke(t, s.args(input, "--overwrite", "--summary", path, "--quiet")...)
	got.wantStatus(t, 3)
	if got.stdout != "" {
		t.Errorf("standard output: %q", got.stdout)
	}
	golden(t, "summary.golden.json", stableSummary(read(t, path), dir))
}

// TestSummaryFileIsItsOwners, as it has paths and codes in it.
func TestSummaryFileIsItsOwners(t *testing.T) {
	t.Parallel()
	s, dir := start(t), t.TempDir()
	path := filepath.Join(dir, "summary.json")
	invoke(t, s.args(put(t, dir, "users.csv", "username\nalice\n"), "--summary", path)...).wantStatus(t, 0)
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("the summary: %v, %v", info.Mode(), err)
	}
}

// TestSummaryOfARunThatDoesNotBegin leaves the one of an earlier run alone.
func TestSummaryOfARunThatDoesNotBegin(t *testing.T) {
	t.Parallel()
	s, dir := start(t), t.TempDir()
	input := put(t, dir, "users.csv", "username\nalice\n")
	put(t, dir, "users.report.csv", "precious\n")
	summary := put(t, dir, "summary.json", "precious too\n")
	invoke(t, s.args(input, "--summary", summary)...).wantStatus(t, 2)
	if got := read(t, summary); got != "precious too\n" {
		t.Errorf("the summary is now %q", got)
	}
}

// TestSummariesAreTold from other files, which stay.
func TestSummariesAreTold(t *testing.T) {
	t.Parallel()
	s, dir := start(t), t.TempDir()
	input := put(t, dir, "users.csv", "username\nalice\n")
	path := filepath.Join(dir, "s.json")
	for _, args := range [][]string{s.args(input), {"check", input}, s.args(input, "--resume"), {"check", input}} {
		invoke(t, append(args, "--summary", path)...).wantStatus(t, 0)
	}
	for i, precious := range []string{
		`{"input": "x"}`, `{"outcome": "good"}`, `{"input": "x", "rows": 3}`, `{"outcome": "finished"}`, "{\n  \"outcome\": \"stopped\",\n  \"score\": 3\n}",
		`[]`, `{}`, " ", `{"x": 1, "outcome": "finished", "reason": "", "exit_status": 0}`, `x{"outcome": "finished", "reason": "", "exit_status": 0`,
	} {
		path := put(t, dir, fmt.Sprint(i, ".json"), precious)
		for _, args := range [][]string{s.args(input, "--resume"), {"check", input}} {
			invoke(t, append(args, "--summary", path)...).wantStatus(t, 2)
			if got := read(t, path); got != precious {
				t.Fatalf("%s is now %s", precious, got)
			}
		}
	}
}

// TestSummaryOfAnInstant: the first calls may come at once, which is no rate.
func TestSummaryOfAnInstant(t *testing.T) {
	for seconds, want := range map[float64]string{
		0.006: "2 attempts, 0 throttled",
		0.999: "2 attempts, 0 throttled",
		1:     "2 attempts, 0 throttled, 2.0/s on average",
	} {
		s := &report.Summary{Seconds: seconds, Rate: 2 / seconds, ThisRun: report.Counts{Attempts: 2}}
		lines := told(t, func(c *console) { printSummary(c, s, job.Options{}, job.Snapshot{NothingLeft: true}) })
		if !slices.Contains(lines, want) {
			t.Errorf("%q is not in %q", want, lines)
		}
	}
}

// TestSummaryInAnOutage: how a run stood at its end is about the outage where
// there is one, and about the rate elsewhere.
func TestSummaryInAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		last := job.Snapshot{Pool: worker.State{Outage: time.Now(), Last: worker.Answer{Code: "connection"}}}
		time.Sleep(12 * time.Second)
		for _, test := range []struct {
			last job.Snapshot
			want string
		}{
			{last, "at the end: nothing got through for 12 s: the last call ended with a connection error"},
			{job.Snapshot{Limiter: ratelimit.State{Rate: 40}}, "at the end: 40/s at --rate 40"},
		} {
			lines := told(t, func(c *console) { printSummary(c, &report.Summary{}, job.Options{Rate: 40}, test.last) })
			if !slices.Contains(lines, test.want) {
				t.Errorf("%q is not in %q", test.want, lines)
			}
		}
	})
}
