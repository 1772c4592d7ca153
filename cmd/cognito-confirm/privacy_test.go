package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
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

// TestUndocumentedException: only the report has its name.
func TestUndocumentedException(t *testing.T) {
	url := serveHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(http.StatusBadRequest)
		io.WriteString(w, `{"__type":"BrandNewException","message":"no"}`)
	}))
	dir := t.TempDir()
	got := invoke(t, "run", "--user-pool-id", testPool, "--endpoint-url", url, "--summary", "-", put(t, dir, "users.csv", "username\nalice\n"))
	got.wantStatus(t, 3)
	if shown := got.stdout + got.stderr; strings.Contains(shown, "BrandNew") || !strings.Contains(got.stdout, `"unknown_code": 1`) {
		t.Errorf("it shows\n%s", shown)
	}
	for name, want := range map[string]string{"users.report.csv": "2,alice,failed,BrandNewException,no,1,", "users.failed.csv": "alice,failed,BrandNewException,no\n"} {
		if text := read(t, filepath.Join(dir, name)); !strings.Contains(text, want) {
			t.Errorf("%s is\n%s", name, text)
		}
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

// TestHostileNames has a service answer every call with the name of another row, or
// with a cell of metadata, in the place of a code and of a status, and a report that
// has them there already. The streams and the page have none of them.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	for i, name := range []string{"maryjones7", "maryjones", "bWFyeWpvbmVzNw==", "7senojyram", "Plum Street 12"} { // the others in internal/cognito
		t.Run(fmt.Sprint(i), func(t *testing.T) { // the name of the test is in its paths
			t.Parallel()
			url, dir := serveHandler(t, answersWith(name)), t.TempDir()
			input := put(t, dir, "users.csv", "username,client_metadata.city\nmaryjones7,Plum Street 12\nann,\nbob,\n")
			old := put(t, dir, "old.csv", "line,username,status,code,message,attempts,throttled,request_id,started_at,duration_ms,user_status,user_pool_id\n"+
				"3,ann,failed,"+name+",no,1,0,"+name+",,1,"+strings.ToUpper(name)+","+testPool+"\n")
			for _, args := range [][]string{
				{"run", input, "--rate", "auto", "--html", "-", "--report", filepath.Join(dir, "1.csv"), "--failed", filepath.Join(dir, "1f.csv"), "--concurrency", "1"},
				{"run", input, "--summary", "-", "--report", filepath.Join(dir, "2.csv"), "--failed", filepath.Join(dir, "2f.csv"), "--max-consecutive-failures", "1"},
				{"run", input, "--mark-verified", "email", "--report", filepath.Join(dir, "3.csv"), "--failed", filepath.Join(dir, "3f.csv")},
				{"run", input, "--summary", "-", "--resume", "--report", old, "--failed", filepath.Join(dir, "4f.csv")},
				{"html", old, "--out", "-"},
				{"list", "-o", filepath.Join(dir, "list.csv")},
				{"check", input, "--summary", "-"},
			} {
				if args[0] != "html" {
					args = append(args, "--user-pool-id", testPool, "--endpoint-url", url)
				}
				got := invoke(t, args...)
				text := strings.ToLower(got.stdout + got.stderr)
				if at := strings.Index(text, strings.ToLower(name)); at >= 0 {
					t.Errorf("%q shows %s: %q", args, name, text[max(0, at-100):min(at+100, len(text))])
				}
				if got.status == 0 && args[0] != "html" || got.status == 2 && args[0] != "run" {
					t.Errorf("%q: exit status %d\n%s", args, got.status, got.stderr)
				}
			}
		})
	}
}

// answersWith answers with exceptions that have the text as their code, and as the
// status of a user, by turns.
func answersWith(text string) http.Handler {
	var calls atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		var asked struct{ PaginationToken string }
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			panic(err)
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.Header().Set("X-Amzn-Requestid", text)
		answer := map[string]any{"__type": text, "message": text}
		switch n := calls.Add(1); {
		case operation == "ListUsers" && asked.PaginationToken == "":
			user := map[string]any{"Username": "maryjones7", "UserStatus": strings.ToUpper(text)}
			answer = map[string]any{"Users": []any{user}, "PaginationToken": "next"}
		case operation == "AdminConfirmSignUp" && n%2 == 0:
			answer = map[string]any{"__type": "NotAuthorizedException", "message": "User cannot be confirmed. Current status is " + strings.ToUpper(text)}
			fallthrough
		default:
			w.WriteHeader(http.StatusBadRequest)
		}
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			panic(err)
		}
	})
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
