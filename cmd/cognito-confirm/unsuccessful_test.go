package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/job"
	"cognito-confirm/internal/rows"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// told returns the lines that a console is told, without their prefix.
func told(t *testing.T, tell func(*console)) []string {
	t.Helper()
	var stderr bytes.Buffer
	c := newConsole(started("users.csv"), nil, io.Discard, &stderr)
	tell(c)
	c.close()
	return strings.Split(strings.TrimSuffix(strings.ReplaceAll("\n"+stderr.String(), "\n"+linePrefix, "\n")[1:], "\n"), "\n")
}

// TestWaysToRetry: a command is printed where it can change something, and is
// about nothing else.
func TestWaysToRetry(t *testing.T) {
	const (
		again     = "to try them again: cognito-confirm users.csv --retry-failed"
		corrected = "when rows are corrected in the input: cognito-confirm users.csv --retry-failed"
		some      = "to try again what may pass now: cognito-confirm users.csv --retry-failed="
	)
	failed := func(code string) report.Kind { return report.Kind{Status: worker.StatusFailed, Code: code} }
	invalid := report.Kind{Status: worker.StatusInvalid, Code: "empty_username"}
	trigger := report.Kind{Status: worker.StatusTriggerFailed, Code: "UnexpectedLambdaException"}
	password := report.Kind{Status: worker.StatusFailed, Code: "NotAuthorizedException", UserStatus: "FORCE_CHANGE_PASSWORD"}
	for _, test := range []struct {
		kinds []report.Kind
		want  []string
	}{
		{nil, nil},
		{[]report.Kind{trigger, password, failed("NeverHeardOfException")}, nil},
		{[]report.Kind{{Status: worker.StatusInvalid, Code: "header_line"}}, nil},
		{[]report.Kind{failed("timeout"), failed("http_502"), trigger}, []string{again}},
		{[]report.Kind{failed("timeout"), failed("http_502"), password}, []string{some + "http_502,timeout"}},
		{[]report.Kind{failed("UserNotFoundException")}, []string{corrected}},
		{[]report.Kind{invalid, failed("LimitExceededException")}, []string{some + "LimitExceededException", corrected}},
	} {
		counts := report.Counts{Kinds: make(map[report.Kind]int)}
		for _, kind := range test.kinds {
			counts.Kinds[kind] = 1
		}
		s, file := &report.Summary{Counts: counts, Failed: "x.failed.csv"}, job.Options{Input: rows.Options{Path: "users.csv"}}
		got := told(t, func(c *console) { printWaysToRetry(c, s, file, c.args) })
		if want := append([]string{}, test.want...); !slices.Equal(slices.DeleteFunc(got, func(line string) bool { return line == "" }), want) {
			t.Errorf("%v: %q, want %q", test.kinds, got, want)
		}
		if got := told(t, func(c *console) { printWaysToRetry(c, s, file, nil) }); len(got) > 1 || got[0] != "" {
			t.Errorf("%v, without a command to repeat: %q", test.kinds, got)
		}
	}
}

// TestWaysToRetryStandardInput: the list may be another one the next time, so the rows
// are those of the file.
func TestWaysToRetryStandardInput(t *testing.T) {
	o := job.Options{Input: rows.Options{Path: "-"}, Target: cognito.Target{UserPoolID: testPool}}
	for _, test := range []struct{ code, failed, want string }{
		{"timeout", "piped.failed.csv", "to try them again: cognito-confirm run piped.failed.csv --user-pool-id " + testPool},
		{"UserNotFoundException", "my failed.csv", "when rows are corrected in it: cognito-confirm run 'my failed.csv' --user-pool-id " + testPool},
		{"NeverHeardOfException", "piped.failed.csv", ""},
		{"malformed_record", "", ""},
	} {
		s := &report.Summary{Failed: test.failed, Counts: report.Counts{Kinds: map[report.Kind]int{{Status: worker.StatusFailed, Code: test.code}: 1}}}
		if got := strings.Join(told(t, func(c *console) { printWaysToRetry(c, s, o, c.args) }), "\n"); got != test.want {
			t.Errorf("%s: %q, want %q", test.code, got, test.want)
		}
	}
}

// TestUnsuccessful: the most frequent kind comes first, and the list has an end.
func TestUnsuccessful(t *testing.T) {
	counts := report.Counts{Kinds: map[report.Kind]int{
		{Status: worker.StatusFailed, Code: "NotAuthorizedException", UserStatus: "EXTERNAL_PROVIDER"}: 1234,
		{Status: worker.StatusFailed}: 1200,
	}}
	for i := range mostKinds {
		counts.Kinds[report.Kind{Status: worker.StatusInvalid, Code: fmt.Sprintf("code_%02d", i)}] = 100 - i
	}
	got := told(t, func(c *console) { printUnsuccessful(c, &report.Summary{Counts: counts}) })
	want := []string{
		"    1,234 EXTERNAL_PROVIDER (failed): these users sign in through ", "          leave them out",
		"    1,200 no code (failed): ", "          look ",
		"      100 code_00 (invalid): never sent: ",
	}
	if len(got) != 2*mostKinds+1 || !slices.EqualFunc(got[:len(want)], want, strings.HasPrefix) {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
	if last, want := got[len(got)-1], "      179 of 2 more kinds, see the report"; last != want {
		t.Errorf("the last line is %q, want %q", last, want)
	}
}

// TestTellRetry is in the singular and the plural.
func TestTellRetry(t *testing.T) {
	some := report.Retry{Failed: true, Codes: []string{"timeout", "http_502"}}
	const logs = ": another call would not run it, so look at its logs and do its work for these users"
	for _, test := range []struct {
		retry report.Retry
		state report.State
		want  string
	}{
		{report.Retry{}, report.State{}, ""},
		{report.Retry{Failed: true}, report.State{Retried: 1}, "trying 1 row again"},
		{some, report.State{Retried: 1200}, "trying 1,200 rows with timeout or http_502 again"},
		{report.Retry{Failed: true}, report.State{}, "no row of the report failed or was invalid: none is tried again"},
		{some, report.State{TriggersKept: 1}, "no row of the report with timeout or http_502 failed or was invalid: none is tried again\nleaving 1 row whose trigger failed" + logs},
		{report.Retry{Failed: true}, report.State{Retried: 2, TriggersKept: 3}, "trying 2 rows again\nleaving 3 rows whose trigger failed" + logs},
	} {
		if got := strings.Join(told(t, func(c *console) { tellRetry(c, test.retry, test.state) }), "\n"); got != test.want {
			t.Errorf("%+v, %+v: %q, want %q", test.retry, test.state, got, test.want)
		}
	}
}
