//go:build e2e

package e2e

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"cognito-confirm/internal/sampleusers"
)

// TestListCognitoLocal lists a pool of an emulator that shares no code with this
// program, more users than a page has, and confirms what it listed.
func TestListCognitoLocal(t *testing.T) {
	c := startCognitoLocal(t)
	const users = 70
	for i := range users {
		c.add(sampleusers.Username(i), types.UserStatusTypeUnconfirmed)
	}
	c.add("confirmed", types.UserStatusTypeConfirmed)
	c.add("invited", types.UserStatusTypeForceChangePassword)
	dir := t.TempDir()
	target := []string{"--endpoint-url", c.url, "--user-pool-id", *c.poolID}
	list := func(arguments ...string) outcome {
		return finish(t, newCommand(t, dir, credentials(), "cognito-confirm", append(append([]string{"list"}, target...), arguments...)...))
	}
	if got := list("-o", "users.csv"); got.status != 0 || !strings.Contains(got.stderr, "70 users listed: users.csv") {
		t.Fatalf("%+v", got)
	}
	got := finish(t, newCommand(t, dir, credentials(), "cognito-confirm", append(append([]string{"run"}, target...), "users.csv")...))
	if got.status != 0 || !strings.Contains(got.stderr, "70 confirmed, 0 already confirmed") {
		t.Errorf("%+v", got)
	}
	checked := finish(t, newCommand(t, dir, credentials(), "cognito-confirm", append(append([]string{"check"}, target...), "users.csv", "--report", "users.report.csv")...))
	if checked.status != 0 || !strings.Contains(checked.stderr, "the report calls 70 of 70 rows confirmed, and the pool calls none of them UNCONFIRMED") {
		t.Errorf("%+v", checked)
	}
	if got := list(); strings.Count(got.stdout, "\n") != 1 {
		t.Errorf("users are left: %+v", got)
	}
	if got := list("--status", "any"); strings.Count(got.stdout, "\n") != users+3 {
		t.Errorf("not all users: %+v", got)
	}
}

// TestListLikeTheAWSCLI: two programs see the same users, in pools of every kind
// and with pages that are short or empty.
func TestListLikeTheAWSCLI(t *testing.T) {
	t.Parallel()
	var users strings.Builder
	users.WriteString("username,status,enabled,created_at,email,email_verified\n")
	for i := range 130 {
		status := types.UserStatusTypeUnconfirmed
		if i%5 == 0 {
			status = types.UserStatusTypeConfirmed
		}
		users.WriteString(sampleusers.Username(i) + "," + string(status) + ",true,2026-01-02T03:04:05Z,,true\n")
	}
	e := startEmulator(t, users.String(), "--username-attributes", "email", "--list-scan", "7", "--list-quota", "100")
	theirs := e.aws(t, "list-users", "--user-pool-id", poolID, "--filter", `cognito:user_status = "UNCONFIRMED"`,
		"--query", "Users[].[Username,UserStatus,Attributes[?Name=='sub'].Value|[0],Attributes[?Name=='email'].Value|[0]]")
	ours := finish(t, newCommand(t, e.dir, credentials(), "cognito-confirm", "list", "--endpoint-url", e.url, "--user-pool-id", poolID, "--list-rate", "1000"))
	if theirs.status != 0 || ours.status != 0 {
		t.Fatalf("theirs %+v, ours %+v", theirs, ours)
	}
	var want []string
	for line := range strings.Lines(theirs.stdout) {
		if fields := strings.Fields(line); len(fields) == 4 {
			want = append(want, fields[0]+","+fields[1]+",true,2026-01-02T03:04:05Z,"+fields[2]+","+fields[3]+",")
		}
	}
	_, got, _ := strings.Cut(strings.TrimSpace(ours.stdout), "\n")
	if len(want) != 104 || got != strings.Join(want, "\n") {
		t.Errorf("%d users, ours:\n%s\ntheirs:\n%s", len(want), got, strings.Join(want, "\n"))
	}
}

// TestListInterrupted leaves no file when Ctrl-C ends it.
func TestListInterrupted(t *testing.T) {
	var users strings.Builder
	users.WriteString("username\n")
	for i := range 1000 {
		users.WriteString(sampleusers.Username(i) + "\n")
	}
	e := startEmulator(t, users.String(), "--list-scan", "1", "--latency", "20ms")
	dir := t.TempDir()
	command := newCommand(t, dir, credentials(), "cognito-confirm", "list", "--endpoint-url", e.url, "--user-pool-id", poolID, "-o", "list.csv", "--list-rate", "100")
	var stderr strings.Builder
	command.Stderr = &stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	for files := 0; files == 0; time.Sleep(10 * time.Millisecond) { // until it has begun to write beside
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		files = len(entries)
	}
	command.Process.Signal(os.Interrupt)
	command.Wait()
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) > 0 || command.ProcessState.ExitCode() != 130 {
		t.Errorf("exit status %d, left behind %v, %v:\n%s", command.ProcessState.ExitCode(), entries, err, &stderr)
	}
}
