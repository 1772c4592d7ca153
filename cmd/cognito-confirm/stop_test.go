package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

// TestAnswersThatStopARun: one sentence says what is wrong, and another what to
// do about it. The row that met it is not in the report.
func TestAnswersThatStopARun(t *testing.T) {
	const arn = "User: arn:aws:iam::123456789012:user/bulk is not authorized to perform: cognito-idp:AdminConfirmSignUp on resource: " +
		"arn:aws:cognito-idp:eu-west-1:123456789012:userpool/" + testPool
	tests := []struct {
		code, message  string // of the answer; an empty message is the service's usual one
		says, hint     string
		calls          int64
		anotherPoolArg bool
	}{
		{code: "ResourceNotFoundException", anotherPoolArg: true, calls: 1,
			says: "User pool eu-west-1_Another00 does not exist.",
			hint: "there is no pool eu-west-1_Another00 in this account and region: look at --user-pool-id, --region, --profile"},
		{code: "AccessDeniedException", calls: 1, says: arn,
			hint: "allow the action cognito-idp:AdminConfirmSignUp on the user pool"},
		{code: "ExpiredTokenException", calls: 1, says: "The security token included in the request is expired",
			hint: "the session has expired: sign in again"},
		{code: "UnrecognizedClientException", calls: 1, says: "The security token included in the request is invalid.",
			hint: "the access key is not known to AWS: look at --profile and AWS_ACCESS_KEY_ID"},
		{code: "InvalidSignatureException", calls: 2, says: "The request signature we calculated does not match",
			hint: "look at the secret access key and at this machine's clock"},
		{code: "OperationNotEnabledException", calls: 1, says: "Operation is not enabled for this user pool.",
			hint: "this endpoint does not offer AdminConfirmSignUp for the pool"},
		{code: "InvalidParameterException", calls: 1,
			message: "1 validation error detected: Value at 'userPoolId' failed to satisfy constraint",
			says:    "Value at 'userPoolId' failed", hint: "look at --user-pool-id"},
	}
	for _, test := range tests {
		t.Run(test.code, func(t *testing.T) {
			t.Parallel()
			dir, s := t.TempDir(), start(t)
			args := s.args(put(t, dir, "users.csv", "username\nalice\n"))
			if test.anotherPoolArg {
				args = append(args, "--user-pool-id", "eu-west-1_Another00")
			} else {
				s.SetFault("alice", fakecognito.Fault{Code: test.code, Message: test.message})
			}
			got := invoke(t, args...)
			got.wantStatus(t, 1)
			got.wantError(t, "stopped: "+test.code+": ", test.says, "hint: "+test.hint)
			if calls := s.Counts().Calls; calls != test.calls {
				t.Errorf("%d calls, want %d", calls, test.calls)
			}
			wantReport(t, filepath.Join(dir, "users.report.csv"), nil)
			missing(t, filepath.Join(dir, "users.failed.csv"))
		})
	}
}

// TestSignatureErrorIsGivenASecondChance, for the SDK learns the time from the first.
func TestSignatureErrorIsGivenASecondChance(t *testing.T) {
	t.Parallel()
	dir, s := t.TempDir(), start(t)
	s.SetFault("alice", fakecognito.Fault{Code: "InvalidSignatureException", Times: 1})
	invoke(t, s.args(put(t, dir, "users.csv", "username\nalice\n"))...).wantStatus(t, 0)
	wantReport(t, filepath.Join(dir, "users.report.csv"), map[string]string{"alice": "confirmed"})
}

// TestStopWaitsForTheCallsInFlight: their users are confirmed, and the report says so.
func TestStopWaitsForTheCallsInFlight(t *testing.T) {
	t.Parallel()
	dir, s := t.TempDir(), start(t)
	want := make(map[string]string)
	users := "username\n"
	for i := range 5 {
		name := fmt.Sprint("slow", i)
		s.SetFault(name, fakecognito.Fault{Kind: fakecognito.FaultSlow, Delay: 1500 * time.Millisecond})
		want[name] = "confirmed"
		users += name + "\n"
	}
	s.SetFault("last", fakecognito.Fault{Code: "AccessDeniedException", Delay: 300 * time.Millisecond})
	for i := range 50 {
		users += fmt.Sprintf("more%d\n", i)
	}
	// Six at a time: the one that is refused and those in front of it.
	users = strings.Replace(users, "more0\n", "last\nmore0\n", 1)
	got := invoke(t, s.args(put(t, dir, "users.csv", users), "--concurrency", "6")...)
	got.wantStatus(t, 1)
	wantReport(t, filepath.Join(dir, "users.report.csv"), want)
	if calls := s.Counts().Calls; calls != 6 {
		t.Errorf("%d calls, want 6", calls)
	}
}

// numbered is an input of so many users.
func numbered(n int) string {
	var b strings.Builder
	b.WriteString("username\n")
	for i := range n {
		fmt.Fprintf(&b, "user%04d\n", i)
	}
	return b.String()
}

func TestFailuresInARow(t *testing.T) {
	notFound := fakecognito.Fault{Code: "UserNotFoundException"}
	trigger := fakecognito.Fault{Code: "UserLambdaValidationException"}
	tests := []struct {
		name  string
		rows  int
		args  []string
		setup func(s *standIn)
		want  int // exit status
		lines int // in the report
		says  []string
	}{
		{
			name: "so many as are given", rows: 30, args: []string{"--max-consecutive-failures", "7"},
			setup: func(s *standIn) { s.SetFaultShare(1, notFound) },
			want:  1, lines: 7,
			says: []string{"stopped: 7 rows in a row failed, the last with UserNotFoundException", "hint: look whether this is the right pool"},
		},
		{
			name: "a hundred by default", rows: 130,
			setup: func(s *standIn) { s.SetFaultShare(1, notFound) },
			want:  1, lines: 100, says: []string{"stopped: 100 rows in a row failed"},
		},
		{
			name: "never", rows: 130, args: []string{"--max-consecutive-failures", "0"},
			setup: func(s *standIn) { s.SetFaultShare(1, notFound) },
			want:  3, lines: 130, says: []string{"130 rows in"},
		},
		{
			name: "a success in between", rows: 20, args: []string{"--max-consecutive-failures", "6"},
			setup: func(s *standIn) {
				s.SetFaultShare(1, notFound)
				for i := 5; i < 20; i += 6 {
					// One answer of the user's own comes before those by share.
					s.SetFault(fmt.Sprintf("user%04d", i), fakecognito.Fault{Kind: fakecognito.FaultSlow})
				}
			},
			want: 3, lines: 20,
		},
		{
			name: "ten triggers, whatever is given", rows: 30, args: []string{"--max-consecutive-failures", "0"},
			setup: func(s *standIn) { s.SetFaultShare(1, trigger) },
			want:  1, lines: 10,
			says: []string{
				"stopped: the trigger failed for 10 rows in a row, the last with UserLambdaValidationException",
				"hint: look at the logs of the pool's Lambda triggers",
			},
		},
		{
			name: "nine triggers and another failure, twice", rows: 20, args: []string{"--max-consecutive-failures", "0"},
			setup: func(s *standIn) {
				s.SetFaultShare(1, trigger)
				s.SetFault("user0009", notFound)
				s.SetFault("user0019", notFound)
			},
			want: 3, lines: 20,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir, s := t.TempDir(), start(t)
			test.setup(s)
			got := invoke(t, s.args(put(t, dir, "users.csv", numbered(test.rows)), append(test.args, "--concurrency", "1")...)...)
			got.wantStatus(t, test.want)
			got.wantError(t, test.says...)
			if lines := len(readReport(t, filepath.Join(dir, "users.report.csv"))); lines != test.lines {
				t.Errorf("%d lines in the report, want %d", lines, test.lines)
			}
			if calls := s.Counts().Calls; calls != int64(test.lines) {
				t.Errorf("%d calls, want %d", calls, test.lines)
			}
		})
	}
}
