//go:build e2e

package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// aws runs the AWS CLI against the emulator.
func (e *emulator) aws(t *testing.T, arguments ...string) outcome {
	t.Helper()
	arguments = append([]string{"cognito-idp", "--endpoint-url", e.url, "--output", "text"}, arguments...)
	got := finish(t, newCommand(t, e.dir, credentials(), "aws", arguments...))
	if got.status == 255 {
		got.status = 254 // as version 2 has it
	}
	// Some versions mention the retries that there were none of.
	got.stderr = strings.TrimSpace(strings.ReplaceAll(got.stderr, " (reached max retries: 0)", ""))
	return got
}

// refusal is what the AWS CLI does when it is answered with an exception.
func refusal(code, operation, message string) outcome {
	return outcome{254, "", fmt.Sprintf("An error occurred (%s) when calling the %s operation: %s", code, operation, message)}
}

func TestAWSCLI(t *testing.T) {
	e := startEmulator(t, "username,status\nalice,\nbob,CONFIRMED\ncarol,UNCONFIRMED\ndan,RESET_REQUIRED\n")
	ofPool := func(operation string, arguments ...string) []string {
		return append([]string{operation, "--user-pool-id", poolID}, arguments...)
	}
	status := func(username string) []string {
		return ofPool("admin-get-user", "--username", username, "--query", "[Username,UserStatus]")
	}
	unconfirmed := ofPool("list-users", "--filter", `cognito:user_status = "UNCONFIRMED"`, "--query", "Users[].Username")
	confirm := func(username string) []string { return ofPool("admin-confirm-sign-up", "--username", username) }
	signUp := []string{"sign-up", "--client-id", "1example23456789", "--username", "erin", "--password", "Correct-h0rse",
		"--query", "UserConfirmed"}

	// In this order: what one command does, the next ones see.
	for _, step := range []struct {
		arguments []string
		want      outcome
	}{
		{status("alice"), outcome{stdout: "alice\tUNCONFIRMED\n"}},
		{status("dan"), outcome{stdout: "dan\tRESET_REQUIRED\n"}},
		{status("zed"), refusal("UserNotFoundException", "AdminGetUser", "User does not exist.")},
		{unconfirmed, outcome{stdout: "alice\tcarol\n"}},
		{signUp, outcome{stdout: "False\n"}},
		{signUp, refusal("UsernameExistsException", "SignUp", "User already exists")},
		{unconfirmed, outcome{stdout: "alice\tcarol\terin\n"}},
		{confirm("alice"), outcome{}},
		{status("alice"), outcome{stdout: "alice\tCONFIRMED\n"}},
		{confirm("alice"), refusal("NotAuthorizedException", "AdminConfirmSignUp", "User cannot be confirmed. Current status is CONFIRMED")},
		{confirm("dan"), refusal("NotAuthorizedException", "AdminConfirmSignUp", "User cannot be confirmed. Current status is RESET_REQUIRED")},
		{confirm("zed"), refusal("UserNotFoundException", "AdminConfirmSignUp", "User does not exist.")},
		{confirm("erin"), outcome{}},
		{unconfirmed, outcome{stdout: "carol\n"}},
	} {
		if got := e.aws(t, step.arguments...); got != step.want {
			t.Errorf("aws %s:\n got %+v\nwant %+v", strings.Join(step.arguments, " "), got, step.want)
		}
	}
	// Each command is a process, with a connection of its own for its call.
	if got, want := e.end(t), (emulatorCounts{calls: 14, connections: 14, confirmed: 2}); got != want {
		t.Errorf("the emulator counted %+v, want %+v", got, want)
	}
}

func TestAWSCLIThrottled(t *testing.T) {
	e := startEmulator(t, "username\nalice\nbob\n", "--quota", "0.001", "--burst", "1")
	confirm := []string{"admin-confirm-sign-up", "--user-pool-id", poolID, "--username"}
	if got := e.aws(t, append(confirm, "alice")...); got != (outcome{}) {
		t.Errorf("the first call: %+v", got)
	}
	want := refusal("TooManyRequestsException", "AdminConfirmSignUp", "Rate exceeded")
	if got := e.aws(t, append(confirm, "bob")...); got != want {
		t.Errorf("the second call:\n got %+v\nwant %+v", got, want)
	}
	if got, want := e.end(t), (emulatorCounts{calls: 2, connections: 2, confirmed: 1, throttled: 1}); got != want {
		t.Errorf("the emulator counted %+v, want %+v", got, want)
	}
}

// TestPastedCommands runs what the emulator says one can run, as it stands there.
func TestPastedCommands(t *testing.T) {
	e := startEmulator(t, "username\nalice\nbob\n")
	export := e.says(t, "  ")
	run := e.says(t, "this program: ")
	aws := e.says(t, "the AWS CLI: ")
	shell := func(command string) outcome {
		return finish(t, newCommand(t, e.dir, nil, "bash", "-c", export+" && "+command))
	}

	if got := shell(run); got.status != 0 || got.stdout != "" {
		t.Errorf("%s: %+v", run, got)
	}
	checkReport(t, filepath.Join(e.dir, "users.report.csv"), map[int]reported{
		2: {"alice", "confirmed", "", 1}, 3: {"bob", "confirmed", "", 1},
	})
	if got := shell(aws); got.status != 0 || !strings.Contains(got.stdout, `"UserStatus": "CONFIRMED"`) {
		t.Errorf("%s: %+v", aws, got)
	}
}
