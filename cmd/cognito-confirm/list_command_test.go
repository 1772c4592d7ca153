package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/internal/program"
)

// emailPool is a pool that calls its users by a UUID, with pages that are short.
func emailPool(t *testing.T) *standIn {
	t.Helper()
	s := startWith(t, fakecognito.Options{UserPoolID: testPool, UsernameAttributes: []string{"email"}, ListScan: 2, LogCalls: true})
	for _, name := range []string{"ann@example.com", "bob@example.com", "cem@example.com", "dan@example.com", "eve@example.com"} {
		s.AddUser(name, fakecognito.Unconfirmed)
	}
	s.AddUser("cem@example.com", fakecognito.Confirmed)
	return s
}

// TestListFeedsRun: the pool's own names for users find them again.
func TestListFeedsRun(t *testing.T) {
	t.Parallel()
	s, dir := emailPool(t), t.TempDir()
	list := filepath.Join(dir, "users.csv")
	got := invoke(t, "list", "--user-pool-id", testPool, "--endpoint-url", s.url, "-o", list)
	got.wantStatus(t, 0)
	got.wantError(t, "4 users listed: ")
	if strings.Contains(got.stderr, "example.com") {
		t.Errorf("standard error names a user:\n%s", got.stderr)
	}
	if info, err := os.Stat(list); err != nil || info.Mode() != 0o600 {
		t.Errorf("the list: %v, %v", info.Mode(), err)
	}
	got = invoke(t, s.args(list)...)
	got.wantStatus(t, 0)
	got.wantError(t, "4 confirmed, 0 already confirmed")
	if left := names(t, dir); strings.Contains(left, "failed") || strings.Contains(left, "malformed") {
		t.Errorf("left behind: %s", left)
	}
}

// TestListBrokenOff leaves no file, and an existing one as it was.
func TestListBrokenOff(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cause  error // of the context's end; nil for a service that refuses
		status int
		says   string
	}{
		"interrupted":   {&program.Interruption{Signal: os.Interrupt}, 130, "interrupted by SIGINT: "},
		"not permitted": {nil, 1, "list users: AccessDeniedException: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool, dir := emailPool(t), t.TempDir()
			var calls atomic.Int64
			var interrupt atomic.Pointer[context.CancelCauseFunc]
			url := serveHandler(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if calls.Add(1) < 3 {
					pool.ServeHTTP(w, r)
					return
				}
				if test.cause != nil {
					(*interrupt.Load())(test.cause)
					panic(http.ErrAbortHandler)
				}
				w.Header().Set("Content-Type", "application/x-amz-json-1.1")
				w.WriteHeader(http.StatusBadRequest)
				w.Write([]byte(`{"__type":"AccessDeniedException","message":"User: arn:aws:iam::1:user/hunter is not authorized"}`))
			}))
			existing := put(t, dir, "existing.csv", "username\nzoe\n")
			for _, args := range [][]string{{"-o", filepath.Join(dir, "new.csv")}, {"-o", existing, "--overwrite"}} {
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				calls.Store(0)
				interrupt.Store(&cancel)
				got := invokeWith(ctx, strings.NewReader(""), append([]string{"list", "--user-pool-id", testPool, "--endpoint-url", url}, args...)...)
				got.wantStatus(t, test.status)
				got.wantError(t, test.says, " was not written")
				if test.cause == nil {
					got.wantError(t, "hint: allow the action cognito-idp:ListUsers on the user pool")
				}
				if strings.Contains(got.stderr, "hunter") {
					t.Errorf("standard error has the service's text:\n%s", got.stderr)
				}
			}
			if left := names(t, dir); left != "existing.csv" || read(t, existing) != "username\nzoe\n" {
				t.Errorf("left behind: %s", left)
			}
		})
	}
}

// TestListOfADeadService ends when it has waited for long enough.
func TestListOfADeadService(t *testing.T) {
	t.Parallel()
	dead := serveHandler(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
	got := invoke(t, "list", "--user-pool-id", testPool, "--endpoint-url", dead, "--stall-timeout", (50 * time.Millisecond).String())
	got.wantStatus(t, 1)
	got.wantError(t, "no call got through for 50ms; the last one: HTTP 502: the list is not complete")
}
