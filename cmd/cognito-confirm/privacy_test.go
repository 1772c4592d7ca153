package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"cognito-confirm/internal/fakecognito"
)

// TestNoUsernameInTheStreams: logs travel further than reports.
func TestNoUsernameInTheStreams(t *testing.T) {
	const secret = "hunter"
	tests := []struct {
		name  string
		users string
		setup func(s *standIn)
		args  []string
		want  int
	}{
		{name: "every kind of row", want: 3,
			users: "username,client_metadata.k\nhunter1,\nhunter2,hunter\nhunter 3,\nhunter4,ragged,\nhunter2,\n" + strings.Repeat("hunter", 50) + ",\n\"hunter5,\n",
			setup: func(s *standIn) {
				s.SetFault("hunter1", fakecognito.Fault{Code: "UserNotFoundException", Message: "User hunter1 does not exist."})
			}},
		{name: "failures in a row", want: 1, users: numbered(10) + "hunter\n", args: []string{"--max-consecutive-failures", "1"},
			setup: func(s *standIn) {
				s.SetFaultShare(1, fakecognito.Fault{Code: "UserNotFoundException", Message: "User hunter does not exist."})
			}},
		{name: "triggers in a row", want: 1, users: numbered(20),
			setup: func(s *standIn) {
				s.SetFaultShare(1, fakecognito.Fault{
					Code: "UserLambdaValidationException", Message: "PostConfirmation failed with error Cannot send a mail to hunter@example.com.",
				})
			}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, dir := start(t), t.TempDir()
			if test.setup != nil {
				test.setup(s)
			}
			input := put(t, dir, "users.csv", test.users)
			got := invoke(t, s.args(input, append(test.args, "--summary", "-")...)...)
			got.wantStatus(t, test.want)
			checked := invoke(t, "check", input, "--summary", "-")
			for stream, text := range map[string]string{
				"standard output": got.stdout, "standard error": got.stderr,
				"standard output of check": checked.stdout, "standard error of check": checked.stderr,
			} {
				if strings.Contains(text, secret) {
					t.Errorf("%s has a username in it:\n%s", stream, text)
				}
			}
			if !strings.Contains(read(t, filepath.Join(dir, "users.report.csv")), secret) {
				t.Error("nor has the report: the test tests nothing")
			}
		})
	}
}

// TestHostileServer answers with what a terminal would obey, in every place
// that ends up before somebody's eyes.
func TestHostileServer(t *testing.T) {
	const (
		escape  = "\x1b]0;owned\a\x1b[2J\u202e\u009b31m\r\n"
		shown   = `\x1b]0;owned\a\x1b[2J\u202e\u009b31m\r\n`
		fatal   = "AccessDeniedException"
		hostile = "Evil\x1b[31mException"
	)
	tests := []struct {
		name, code, message string
		args                []string
		want                int
		says                string
	}{
		{"fatal message", fatal, "no " + escape, nil, 1, "stopped: AccessDeniedException, the answer for the row on line 2\n"},
		{"unknown code", hostile, "x", nil, 3, "1 unknown_code"},
		{"unknown code in a row", hostile, "x", []string{"--max-consecutive-failures", "1"}, 1, "unknown_code"},
		{"failing trigger", "UserLambdaValidationException", escape, nil, 3, "1 UserLambdaValidationException"},
		{"status of a user", "NotAuthorizedException", "Current status is " + escape, nil, 3, "1 NotAuthorizedException"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			url := serveHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, err := json.Marshal(map[string]string{"__type": test.code, "message": test.message})
				if err != nil {
					panic(err)
				}
				w.Header().Set("Content-Type", "application/x-amz-json-1.1")
				w.Header().Set("X-Amzn-Requestid", "id \u202e")
				w.WriteHeader(http.StatusBadRequest)
				w.Write(body)
			}))
			dir := t.TempDir()
			args := []string{"run", "--user-pool-id", testPool, "--endpoint-url", url, "--summary", "-", put(t, dir, "users.csv", "username\nalice\n")}
			got := invoke(t, append(args, test.args...)...)
			got.wantStatus(t, test.want)
			got.wantError(t, test.says)
			for name, text := range map[string]string{
				"standard error": got.stderr, "standard output": got.stdout, "the report": read(t, filepath.Join(dir, "users.report.csv")),
			} {
				for _, r := range text {
					if r != '\n' && (r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u202e') {
						t.Errorf("%s has %q in it: %q", name, r, text)
						break
					}
				}
			}
		})
	}
}

// TestHostileHeader: the names of columns are shown, and come from a file of
// somebody else's.
func TestHostileHeader(t *testing.T) {
	t.Parallel()
	for i, header := range []string{"\u202ename,note", "username,client_metadata.\u202ek", "\"user\nname\",x"} {
		got := invoke(t, "check", put(t, t.TempDir(), fmt.Sprint(i, ".csv"), header+"\nalice,1\n"))
		got.wantError(t)
		if strings.Contains(got.stderr, "\u202e") {
			t.Errorf("standard error: %q", got.stderr)
		}
	}
}
