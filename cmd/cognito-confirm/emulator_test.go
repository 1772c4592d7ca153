package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"cognito-confirm/internal/program"
)

// emulate starts the emulator and returns its address, and a function that ends
// it with a signal and returns how it ended.
func emulate(t *testing.T, args ...string) (url string, stop func() outcome) {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	emulator := begin(ctx, strings.NewReader(""), append([]string{"emulator", "--addr", "127.0.0.1:0"}, args...)...)
	address := regexp.MustCompile(`stand-in for Cognito at (http://127\.0\.0\.1:\d+),`)
	eventually(t, "the emulator prints where it is", func() bool {
		if found := address.FindStringSubmatch(emulator.stderr.String()); found != nil {
			url = found[1]
		}
		return url != ""
	})
	return url, func() outcome {
		cancel(&program.Interruption{Signal: syscall.SIGTERM})
		return emulator.end()
	}
}

// TestEmulator runs the main job against it: every username is a user.
func TestEmulator(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	url, stop := emulate(t)
	got := invoke(t, "run", "--user-pool-id", "us-east-1_Emulator0", "--endpoint-url", url, "--rate", "5000", put(t, dir, "users.csv", numbered(20)))
	got.wantStatus(t, 0)
	ended := stop()
	ended.wantStatus(t, 0)
	golden(t, "emulator.golden.txt", stable(ended.stderr, dir))
	if ended.stdout != "" {
		t.Errorf("standard output: %q", ended.stdout)
	}
	got = invoke(t, "run", "--user-pool-id", "us-east-1_Emulator0", "--endpoint-url", url, "--stall-timeout", "300ms", "--overwrite", filepath.Join(dir, "users.csv"))
	got.wantStatus(t, 1) // nobody is there any more
	got.wantError(t, "no call got through for 300ms; the last one: connection refused")
}

// TestEmulatorsFlags: users with a status, faults of several kinds, another pool.
func TestEmulatorsFlags(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	users := put(t, dir, "pool.csv", "username,status\nalice,\nbob,CONFIRMED\ncarol,reset_required\ndave,UNCONFIRMED\nerin=x,\n")
	url, stop := emulate(t, "--user-pool-id", testPool, "--users", users, "--quota", "1000", "--burst", "5", "--live", "1",
		"--latency", "1ms", "--jitter", "1ms", "--seed", "7",
		"--fault", "dave=UserLambdaValidationException", "--fault", "erin=x=InternalErrorException:2", "--fault", "alice=reset+confirmed:1")
	input := put(t, dir, "users.csv", "username\nalice\nbob\ncarol\ndave\nerin=x\nfrank\n")
	invoke(t, "run", "--user-pool-id", testPool, "--endpoint-url", url, input).wantStatus(t, 3)
	report := read(t, filepath.Join(dir, "users.report.csv"))
	for _, want := range []string{
		",alice,confirmed,,", ",bob,already_confirmed,NotAuthorizedException,", ",carol,failed,NotAuthorizedException,",
		",dave,trigger_failed,UserLambdaValidationException,", ",erin=x,confirmed,,", ",frank,failed,UserNotFoundException,",
	} {
		if !strings.Contains(report, want) {
			t.Errorf("the report has no %s:\n%s", want, report)
		}
	}
	ended := stop()
	ended.wantStatus(t, 0)
	ended.wantError(t, "pool "+testPool+", 5 users", "9 calls over ", " 3 confirmed, 0 throttled; live sign-ups: ")
}

// TestEmulatorRemembers: without users it knows whom it has confirmed.
func TestEmulatorRemembers(t *testing.T) {
	t.Parallel()
	url, stop := emulate(t)
	input := put(t, t.TempDir(), "users.csv", "username\nalice\n")
	for _, want := range []string{"1 confirmed, 0 already confirmed", "0 confirmed, 1 already confirmed"} {
		got := invoke(t, "run", "--user-pool-id", "us-east-1_Emulator0", "--endpoint-url", url, "--overwrite", input)
		got.wantStatus(t, 0)
		got.wantError(t, want)
	}
	stop().wantStatus(t, 0)
}

// TestEmulatorsQuota: the bucket is what it was given, and the surplus is refused
// in the way that was asked for.
func TestEmulatorsQuota(t *testing.T) {
	t.Parallel()
	url, stop := emulate(t, "--quota", "0.001", "--burst", "3", "--refusal", "reset")
	ctx, cancel := context.WithCancelCause(t.Context())
	path := filepath.Join(t.TempDir(), "r.csv")
	confirming := begin(ctx, strings.NewReader(numbered(10)),
		"run", "--user-pool-id", "us-east-1_Emulator0", "--endpoint-url", url, "--rate", "200", "--report", path, "-")
	eventually(t, "three rows are confirmed", func() bool {
		report, err := os.ReadFile(path)
		return err == nil && strings.Count(string(report), ",confirmed,") == 3
	})
	cancel(&program.Interruption{Signal: os.Interrupt})
	confirming.end().wantStatus(t, 130)
	stop().wantError(t, " 3 confirmed, 0 throttled")
}

func TestEmulatorRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	tests := map[string]struct {
		args []string
		says string
	}{
		"a rule that is none":         {[]string{"--fault", "nonsense"}, "--fault: "},
		"a kind that is none":         {[]string{"--fault", "0.1:NoSuchException"}, "--fault: "},
		"a refusal that is none":      {[]string{"--refusal", "404"}, "--refusal: "},
		"a share above one":           {[]string{"--fault", "1.5:reset"}, "--fault: "},
		"users that are not there":    {[]string{"--users", filepath.Join(dir, "none.csv")}, "open users " + filepath.Join(dir, "none.csv") + ": "},
		"users that are no CSV":       {[]string{"--users", put(t, dir, "bad.csv", "name\nalice\n")}, "read users: "},
		"a status that is none":       {[]string{"--users", put(t, dir, "status.csv", "username,status\nalice,LOST\n")}, "read users: "},
		"an address of the world":     {[]string{"--addr", "0.0.0.0:0"}, "loopback"},
		"an address that is none":     {[]string{"--addr", "nowhere"}, "cognito-confirm: listen: address nowhere: missing port"},
		"an address that is taken":    {[]string{"--addr", taken.Addr().String()}, "cognito-confirm: listen tcp "},
		"a latency without its unit":  {[]string{"--latency", "5"}, "--latency: "},
		"a name nobody signs in with": {[]string{"--username-attributes", "name"}, "--username-attributes must be one of"},
		"an alias that is none":       {[]string{"--alias-attributes", "email,custom:x"}, "--alias-attributes must be one of"},
		"both kinds of names":         {[]string{"--alias-attributes", "email", "--username-attributes", "email"}, "can't be used together"},
		"an argument":                 {[]string{"users.csv"}, "unexpected argument"},
	}
	for name, test := range tests {
		got := invoke(t, append([]string{"emulator"}, test.args...)...)
		if got.status != 2 {
			t.Errorf("%s: exit status %d", name, got.status)
		}
		got.wantError(t, test.says)
	}
}
