package main

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/internal/program"
)

// TestCheckTakesEveryFlagOfRun, so that one word can be changed for the other.
func TestCheckTakesEveryFlagOfRun(t *testing.T) {
	t.Parallel()
	own := flagsOf(grammar().Node, "check")
	for name, flag := range flagsOf(grammar().Node, "run") {
		taken := own[name]
		if taken == nil {
			t.Errorf("check does not take --%s: put it into runFlags", name)
		} else if taken.Default != flag.Default || taken.IsBool() != flag.IsBool() {
			t.Errorf("check takes --%s, but not as run does", name)
		}
	}
}

// checked is a part of the findings.
type checked struct {
	Pool struct {
		Users        int
		SettingsRead bool `json:"settings_read"`
		Statuses     map[string]int
		NotFound     struct{ Rows int } `json:"not_found"`
		Unreachable  struct {
			Rows  int
			Lines []int
		}
		Unlisted int `json:"unlisted_unconfirmed"`
	}
}

// TestCheckAddresses: whether an e-mail address finds a user depends on the pool,
// and a run agrees with what a check tells of it.
func TestCheckAddresses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		options     fakecognito.Options
		unreachable []int
	}{
		"to sign in with": {fakecognito.Options{UsernameAttributes: []string{"email"}}, nil},
		"as an alias":     {fakecognito.Options{AliasAttributes: []string{"email"}}, []int{3}},
		"as no name":      {fakecognito.Options{}, []int{2, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.options.UserPoolID = testPool
			s, dir := startWith(t, test.options), t.TempDir()
			if _, err := s.LoadUsers(strings.NewReader("username,email,email_verified\nuser1,hunter1@example.com,true\nuser2,hunter2@example.com,false\n")); err != nil {
				t.Fatal(err)
			}
			input := put(t, dir, "users.csv", "username\nhunter1@example.com\nhunter2@example.com\n")
			want := 0
			if len(test.unreachable) > 0 {
				want = 3
			}
			got := invoke(t, "check", input, "--user-pool-id", testPool, "--endpoint-url", s.url, "--summary", "-")
			got.wantStatus(t, want)
			var findings checked
			if err := json.Unmarshal([]byte(got.stdout), &findings); err != nil {
				t.Fatal(err)
			}
			lines := findings.Pool.Unreachable.Lines
			if !findings.Pool.SettingsRead || len(lines) != len(test.unreachable) || len(lines) > 0 && lines[0] != test.unreachable[0] {
				t.Errorf("%+v, want the lines %v", findings, test.unreachable)
			}
			if strings.Contains(got.stdout+got.stderr, "hunter") {
				t.Errorf("the streams name a user:\n%s%s", got.stdout, got.stderr)
			}
			ran := invoke(t, s.args(input)...)
			ran.wantStatus(t, want)
			if failed := strings.Count(read(t, filepath.Join(dir, "users.report.csv")), ",failed,UserNotFoundException"); failed != len(test.unreachable) {
				t.Errorf("the run failed for %d rows, the check for %d", failed, len(test.unreachable))
			}
		})
	}
}

// refusing refuses some operations and hands the others on.
func refusing(pool http.Handler, operations ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for _, operation := range operations {
			if strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+operation) {
				w.Header().Set("Content-Type", "application/x-amz-json-1.1")
				w.WriteHeader(http.StatusBadRequest)
				w.Write([]byte(`{"__type":"AccessDeniedException","message":"User: arn:aws:iam::1:user/hunter is not authorized"}`))
				return
			}
		}
		pool.ServeHTTP(w, r)
	}
}

// TestCheckWithoutPermissions: only the list is indispensable.
func TestCheckWithoutPermissions(t *testing.T) {
	t.Parallel()
	s := emailPool(t)
	input := put(t, t.TempDir(), "users.csv", "username\nann@example.com\nANN@example.com\nzoe@example.com\n")
	url := serveHandler(t, refusing(s, "DescribeUserPool", "GetProvisionedLimit"))
	got := invoke(t, "check", input, "--user-pool-id", testPool, "--endpoint-url", url)
	got.wantStatus(t, 3)
	got.wantError(t, "the pool's settings were not read: AccessDeniedException; going on by what the users tell",
		"the quota was not read: AccessDeniedException; going on without it", "asking for the users of the pool; this takes at least 13m53s at 20 pages a second if they are a million",
		"the pool has 5 users; the rows by status: 2 UNCONFIRMED, 1 not found", "line 4: nobody in the pool has this name", "3 users of the pool are UNCONFIRMED and in no row")
	denied := serveHandler(t, refusing(s, "ListUsers"))
	got = invoke(t, "check", input, "--user-pool-id", testPool, "--endpoint-url", denied, "--summary", filepath.Join(t.TempDir(), "s.json"))
	got.wantStatus(t, 1)
	got.wantError(t, "list users: AccessDeniedException", "hint: allow the action cognito-idp:ListUsers on the user pool")
	if strings.Contains(got.stderr, "hunter") {
		t.Errorf("standard error has the service's text:\n%s", got.stderr)
	}
}

// TestCheckIsInterrupted leaves nothing behind.
func TestCheckIsInterrupted(t *testing.T) {
	t.Parallel()
	s, dir := emailPool(t), t.TempDir()
	ctx, cancel := context.WithCancelCause(t.Context())
	var pages atomic.Int64
	url := serveHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".ListUsers") && pages.Add(1) == 2 {
			cancel(&program.Interruption{Signal: os.Interrupt})
			panic(http.ErrAbortHandler)
		}
		s.ServeHTTP(w, r)
	}))
	input := put(t, dir, "users.csv", "username\nann@example.com\n")
	got := invokeWith(ctx, strings.NewReader(""), "check", input, "--user-pool-id", testPool, "--endpoint-url", url,
		"--details", filepath.Join(dir, "d.csv"), "--summary", filepath.Join(dir, "s.json"), "--scratch", dir)
	got.wantStatus(t, 130)
	if left := names(t, dir); left != "users.csv" {
		t.Errorf("left behind: %s", left)
	}
}

// TestCheckQuota: a run can be no faster than the account allows.
func TestCheckQuota(t *testing.T) {
	t.Parallel()
	s := startWith(t, fakecognito.Options{UserPoolID: testPool, Quota: fakecognito.Quota{Rate: 20}})
	s.AddUser("user0", fakecognito.Unconfirmed)
	got := invoke(t, "check", put(t, t.TempDir(), "users.csv", "username\nuser0\n"), "--user-pool-id", testPool, "--endpoint-url", s.url)
	got.wantStatus(t, 0)
	got.wantError(t, "quota of UserCreation in eu-west-1: 20 calls a second", "at 20 attempts a second")
}
