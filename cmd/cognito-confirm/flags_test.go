package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

// flagEffect is what a flag of run does, in a form that can be seen from outside.
type flagEffect struct {
	flag, value string
	// other is what the environment says when the flag is to win over it.
	other string
	input string
	setup func(s *standIn)
	check func(t *testing.T, got outcome, dir string, s *standIn)
}

func flagEffects() []flagEffect {
	confirms := func(usernames ...string) func(*testing.T, outcome, string, *standIn) {
		return func(t *testing.T, got outcome, _ string, s *standIn) {
			t.Helper()
			var called []string
			for _, call := range s.Calls() {
				called = append(called, call.Username)
			}
			slices.Sort(called)
			if got.status != 0 || !slices.Equal(called, usernames) {
				t.Errorf("exit status %d, calls for %q, want 0 and %q:\n%s", got.status, called, usernames, got.stderr)
			}
		}
	}
	writes := func(name string) func(*testing.T, outcome, string, *standIn) {
		return func(t *testing.T, got outcome, dir string, _ *standIn) {
			t.Helper()
			if !slices.Contains(strings.Fields(names(t, dir)), name) {
				t.Errorf("no %s, only %s; exit status %d:\n%s", name, names(t, dir), got.status, got.stderr)
			}
		}
	}
	signedFor := func(scope string) func(*testing.T, outcome, string, *standIn) {
		return func(t *testing.T, got outcome, _ string, s *standIn) {
			t.Helper()
			if signed := s.signed(); len(signed) == 0 || !strings.Contains(signed[0], scope) {
				t.Errorf("signed %q, want %q:\n%s", signed, scope, got.stderr)
			}
		}
	}
	var others strings.Builder
	for i := range 1500 {
		fmt.Fprintf(&others, "user%d\n", i)
	}
	return []flagEffect{
		{flag: "user-pool-id", value: testPool, other: "eu-west-1_Another00", check: confirms("alice")},
		{flag: "region", value: "sa-east-1", other: "us-east-2", check: signedFor("/sa-east-1/")},
		{flag: "profile", value: "tokyo", other: "nobody", check: signedFor("=TOKYO/")},
		{flag: "endpoint-url", value: "<url>", other: "http://127.0.0.1:1", check: confirms("alice")},
		{flag: "username-column", value: "login", other: "none", input: "username,login\nno,yes\n", check: confirms("yes")},
		{flag: "no-header", value: "true", other: "false", input: "username\nalice\n", check: confirms("alice", "username")},
		{flag: "delimiter", value: ";", other: "tab", input: "note;username\nx;alice\n", check: confirms("alice")},
		{flag: "delimiter", value: "tab", other: ";", input: "note\tusername\nx\talice\n", check: confirms("alice")},
		{flag: "report", value: "<dir>/elsewhere.csv", other: "<dir>/not.here.csv", check: writes("elsewhere.csv")},
		{flag: "failed", value: "<dir>/elsewhere.csv", other: "<dir>/not.here.csv", input: "username\n\"\"\n", check: writes("elsewhere.csv")},
		{flag: "overwrite", value: "true", other: "false", check: confirms("alice")},
		{flag: "summary", value: "<dir>/summary.json", other: "-", check: writes("summary.json")},
		{flag: "quiet", value: "true", other: "false", check: func(t *testing.T, got outcome, _ string, _ *standIn) {
			if got.status != 0 || got.stderr != "" || got.stdout != "" {
				t.Errorf("exit status %d and %q, %q", got.status, got.stdout, got.stderr)
			}
		}},
		{flag: "rate", value: "20", other: "5000", input: "username\na\nb\nc\nd\n",
			check: func(t *testing.T, got outcome, _ string, s *standIn) {
				if n := s.Counts().Calls; n != 4 || got.took < 150*time.Millisecond {
					t.Errorf("%d calls in %v", n, got.took)
				}
			}},
		{flag: "concurrency", value: "3", other: "50", input: "username" + strings.Repeat("\nx", 20),
			setup: func(s *standIn) {
				s.SetFaultShare(1, fakecognito.Fault{Kind: fakecognito.FaultSlow, Delay: 200 * time.Millisecond})
			},
			check: func(t *testing.T, _ outcome, _ string, s *standIn) {
				if got := s.Counts(); got.Calls != 20 || got.MaxInFlight != 3 {
					t.Errorf("%d calls, %d at a time; want 20, 3", got.Calls, got.MaxInFlight)
				}
			}},
		// The others show that it is alice's fault, and no outage.
		{flag: "max-attempts", value: "2", other: "1", input: "username\nalice\n" + others.String(),
			setup: func(s *standIn) { s.SetFault("alice", fakecognito.Fault{Code: "InternalErrorException"}) },
			check: func(t *testing.T, got outcome, dir string, s *standIn) {
				line := readReport(t, filepath.Join(dir, "users.report.csv"))["alice"]
				if s.Counts().Calls != 1502 || line["attempts"] != "2" || line["code"] != "InternalErrorException" || got.status != 3 {
					t.Errorf("%d calls, exit status %d, %v", s.Counts().Calls, got.status, line)
				}
			}},
		{flag: "timeout", value: "500ms", other: "1h",
			setup: func(s *standIn) {
				s.SetFault("alice", fakecognito.Fault{Kind: fakecognito.FaultHang, Confirms: true, Times: 1})
				s.AddUser("alice", fakecognito.Unconfirmed)
			},
			check: func(t *testing.T, got outcome, dir string, s *standIn) {
				line := readReport(t, filepath.Join(dir, "users.report.csv"))["alice"]
				if got.status != 0 || line["status"] != "confirmed" || line["attempts"] == "1" || line["code"] != "" || got.took > 20*time.Second {
					t.Errorf("exit status %d after %v, %v", got.status, got.took, line)
				}
			}},
		{flag: "max-consecutive-failures", value: "2", other: "0", input: "username\na\nb\nc\nd\ne\nf\ng\nh\ni\nj\n",
			setup: func(s *standIn) { s.SetFaultShare(1, fakecognito.Fault{Code: "UserNotFoundException"}) },
			check: func(t *testing.T, got outcome, _ string, _ *standIn) {
				if got.status != 1 || !strings.Contains(got.stderr, "2 rows in a row failed") {
					t.Errorf("exit status %d:\n%s", got.status, got.stderr)
				}
			}},
		{flag: "client-metadata", value: "k=v,with=anything", other: "k=w",
			check: func(t *testing.T, got outcome, _ string, s *standIn) {
				want := map[string]string{"k": "v,with=anything"}
				if calls := s.Calls(); len(calls) != 1 || !maps.Equal(calls[0].ClientMetadata, want) {
					t.Errorf("calls %v, want one with %v:\n%s", calls, want, got.stderr)
				}
			}},
	}
}

// invokeFlag runs with one flag given in a way, and every other one that a run needs.
func (e flagEffect) invoke(t *testing.T, flag, env string) {
	t.Helper()
	t.Parallel()
	dir, s := t.TempDir(), start(t)
	if e.setup != nil {
		e.setup(s)
	}
	input := e.input
	if input == "" {
		input = "username\nalice\n"
	}
	if e.flag == "overwrite" {
		put(t, dir, "users.report.csv", "from before\n")
	}
	given := map[string]string{"user-pool-id": testPool, "endpoint-url": s.url, "rate": "5000"}
	delete(given, e.flag)
	if flag != "" {
		given[e.flag] = flag
	}
	args := []string{"run", put(t, dir, "users.csv", input)}
	for name, value := range given {
		args = append(args, "--"+name+"="+strings.ReplaceAll(value, "<url>", s.url))
	}
	var environment []string
	if env != "" {
		name := "COGNITO_CONFIRM_" + strings.ToUpper(strings.ReplaceAll(e.flag, "-", "_"))
		environment = inDirectory(dir, name+"="+strings.ReplaceAll(env, "<url>", s.url))
	}
	got := invokeWith(t, t.Context(), environment, "", inDirectory(dir, args...)...)
	e.check(t, got, dir, s)
	if e.flag == "report" || e.flag == "failed" {
		missing(t, filepath.Join(dir, "not.here.csv"))
	}
}

func TestFlags(t *testing.T) {
	for _, effect := range flagEffects() {
		t.Run("flag/"+effect.flag, func(t *testing.T) { effect.invoke(t, effect.value, "") })
		t.Run("environment/"+effect.flag, func(t *testing.T) { effect.invoke(t, "", effect.value) })
		t.Run("flag wins/"+effect.flag, func(t *testing.T) { effect.invoke(t, effect.value, effect.other) })
	}
}
