//go:build e2e

package e2e

import (
	"fmt"
	"os"
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
		got.status = 254 // what version 2 ends with
	}
	// Some versions mention retries even where there were none.
	got.stderr = strings.TrimSpace(strings.ReplaceAll(got.stderr, " (reached max retries: 0)", ""))
	return got
}

// refusal is what the AWS CLI does when it is answered with an exception.
func refusal(code, operation, message string) outcome {
	return outcome{254, "", fmt.Sprintf("An error occurred (%s) when calling the %s operation: %s", code, operation, message)}
}

func TestAWSCLI(t *testing.T) {
	t.Parallel()
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

	// In this order: each command sees what the ones before have done.
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

// TestAWSCLIUsers lists users who sign in by e-mail, with the CLI's own paging.
func TestAWSCLIUsers(t *testing.T) {
	t.Parallel()
	const sub = "b3c4d5e6-0001-4a00-8000-00000000000a"
	e := startEmulator(t, "username,status,enabled,created_at,sub,email,email_verified,custom:team\n"+
		sub+",CONFIRMED,true,2026-01-02T03:04:05Z,"+sub+",ann@example.com,true,red\n"+
		"bob@example.com,,false,2026-01-03,,,,\n"+
		"cem@example.com,,,,,,,\n", "--username-attributes", "email", "--list-scan", "1")
	list := func(arguments ...string) []string {
		return append([]string{"list-users", "--user-pool-id", poolID}, arguments...)
	}
	unconfirmed := list("--filter", `cognito:user_status = "UNCONFIRMED"`, "--query", "Users[].[Enabled,Attributes[?Name=='email'].Value|[0]]")
	for _, step := range []struct {
		arguments []string
		want      outcome
	}{
		{list("--filter", `sub = "`+sub+`"`, "--query", "Users[].[Username,Enabled,UserStatus,Attributes[?Name=='custom:team'].Value|[0]]"), outcome{stdout: sub + "\tTrue\tCONFIRMED\tred\n"}},
		{unconfirmed, outcome{stdout: "False\tbob@example.com\nTrue\tcem@example.com\n"}},
		{list("--filter", `status = "Disabled"`, "--query", "Users[].Enabled"), outcome{stdout: "False\n"}},
		{list("--filter", `email ^= "ann@"`, "--query", "Users[].Username"), outcome{stdout: sub + "\n"}},
		{list("--filter", `status = "Disabled"`, "--attributes-to-get", "custom:team", "--query", "Users[].Username"), refusal("InvalidParameterException", "ListUsers", "One or more requested attributes do not exist.")},
		{[]string{"admin-confirm-sign-up", "--user-pool-id", poolID, "--username", "bob@example.com"}, outcome{}},
		{unconfirmed, outcome{stdout: "True\tcem@example.com\n"}},
	} {
		if got := e.aws(t, step.arguments...); got != step.want {
			t.Errorf("aws %s:\n got %+v\nwant %+v", strings.Join(step.arguments, " "), got, step.want)
		}
	}
}

// TestAWSCLIAlias: an alias that is not verified finds nobody.
func TestAWSCLIAlias(t *testing.T) {
	t.Parallel()
	e := startEmulator(t, "username,email,email_verified\nann,ann@example.com,\nbob,bob@example.com,true\n", "--alias-attributes", "email", "--list-quota", "0.001")
	confirm := func(name string) outcome {
		return e.aws(t, "admin-confirm-sign-up", "--user-pool-id", poolID, "--username", name)
	}
	if got, want := confirm("ann@example.com"), refusal("UserNotFoundException", "AdminConfirmSignUp", "User does not exist."); got != want {
		t.Errorf("not verified: %+v, want %+v", got, want)
	}
	if got := confirm("bob@example.com"); got != (outcome{}) {
		t.Errorf("verified: %+v", got)
	}
	describe := []string{"describe-user-pool", "--user-pool-id", poolID, "--query", "UserPool.[Id,AliasAttributes[0],UsernameConfiguration.CaseSensitive,EstimatedNumberOfUsers]"}
	if got, want := e.aws(t, describe...), (outcome{stdout: poolID + "\temail\tTrue\t2\n"}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	list := []string{"list-users", "--user-pool-id", poolID, "--query", "Users[].Username"}
	if got, want := e.aws(t, list...), (outcome{stdout: "ann\tbob\n"}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got, want := e.aws(t, list...), refusal("TooManyRequestsException", "ListUsers", "Rate exceeded"); got != want {
		t.Errorf("over the quota of lists: %+v, want %+v", got, want)
	}
}

// TestAWSCLIUpdate marks an address as verified, which takes it from whoever has it,
// and meets the faults and the quota of that operation.
func TestAWSCLIUpdate(t *testing.T) {
	t.Parallel()
	e := startEmulator(t, "username,email,email_verified\nann,same@example.com,true\nimpostor,same@example.com,\n",
		"--alias-attributes", "email", "--update-quota", "0.001")
	mark := func(name string) []string {
		return []string{"admin-update-user-attributes", "--user-pool-id", poolID, "--username", name, "--user-attributes", "Name=email_verified,Value=true"}
	}
	verified := func(name string) []string {
		return []string{"admin-get-user", "--user-pool-id", poolID, "--username", name, "--query", "UserAttributes[?Name=='email_verified'].Value"}
	}
	for _, step := range []struct {
		arguments []string
		want      outcome
	}{
		{verified("ann"), outcome{stdout: "true\n"}},
		{mark("impostor"), outcome{}},
		{verified("impostor"), outcome{stdout: "true\n"}},
		{verified("ann"), outcome{stdout: "false\n"}},
		{[]string{"admin-get-user", "--user-pool-id", poolID, "--username", "same@example.com", "--query", "Username"}, outcome{stdout: "impostor\n"}},
		{mark("ann"), refusal("TooManyRequestsException", "AdminUpdateUserAttributes", "Rate exceeded")},
	} {
		if got := e.aws(t, step.arguments...); got != step.want {
			t.Errorf("aws %s:\n got %+v\nwant %+v", strings.Join(step.arguments, " "), got, step.want)
		}
	}
}

// TestAWSCLIMarkVerified: what a run has marked, the AWS CLI finds marked, also in
// an emulator that knew nobody before.
func TestAWSCLIMarkVerified(t *testing.T) {
	t.Parallel()
	e := startEmulator(t, "")
	if got := e.aws(t, "admin-get-user", "--user-pool-id", poolID, "--username", "ann", "--query", "UserStatus"); got.stdout != "UNCONFIRMED\n" {
		t.Errorf("%+v", got)
	}
	if err := os.WriteFile(filepath.Join(e.dir, "input.csv"), []byte("username\nann\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := finish(t, newCommand(t, e.dir, credentials(), "cognito-confirm", "run", "input.csv", "--user-pool-id", poolID, "--endpoint-url", e.url, "--mark-verified", "email"))
	if run.status != 0 {
		t.Fatalf("%+v", run)
	}
	user := []string{"admin-get-user", "--user-pool-id", poolID, "--username", "ann", "--query", "[UserStatus,UserAttributes[?Name=='email_verified'].Value|[0]]"}
	if got, want := e.aws(t, user...), (outcome{stdout: "CONFIRMED\ttrue\n"}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestAWSCLIFailures has the emulator answer in every way that its flag --fault
// has, and looks at what the AWS CLI makes of it.
func TestAWSCLIFailures(t *testing.T) {
	t.Parallel()
	confirm := func(username string) []string {
		return []string{"admin-confirm-sign-up", "--user-pool-id", poolID, "--username", username, "--cli-read-timeout", "2"}
	}
	type step struct {
		arguments []string
		want      string // a part of standard error
	}
	steps := map[string]step{
		"no such pool": {[]string{"admin-confirm-sign-up", "--user-pool-id", "us-east-1_Other", "--username", "ann"},
			refusal("ResourceNotFoundException", "AdminConfirmSignUp", "User pool us-east-1_Other does not exist.").stderr},
		"space in the username": {confirm("an n"), refusal("InvalidParameterException", "AdminConfirmSignUp", notAUsername).stderr},
		"not signed": {append(confirm("ann"), "--no-sign-request"),
			refusal("MissingAuthenticationTokenException", "AdminConfirmSignUp", "Missing Authentication Token").stderr},
		"unknown operation": {[]string{"admin-delete-user", "--user-pool-id", poolID, "--username", "ann"},
			"An error occurred (UnknownOperationException) when calling the AdminDeleteUser operation"},
		"bad filter": {[]string{"list-users", "--user-pool-id", poolID, "--filter", "username"},
			refusal("InvalidParameterException", "ListUsers", "Error while parsing filter.").stderr},
	}
	var flags []string
	users, after := "username,status\nann,\nbob,\n", map[string]string{"ann": "UNCONFIRMED", "bob": "UNCONFIRMED"}
	faulty := func(kind, want, status string) {
		username := "user-" + kind
		flags = append(flags, "--fault", username+"="+kind)
		users += username + ",\n"
		after[username] = status
		steps[kind] = step{confirm(username), want}
	}
	for code, message := range exceptions {
		status := "UNCONFIRMED"
		if strings.Contains(code, "Lambda") {
			status = "CONFIRMED" // the trigger runs after the confirmation
		}
		faulty(code, refusal(code, "AdminConfirmSignUp", message).stderr, status)
	}
	faulty("503", "An error occurred (503) when calling the AdminConfirmSignUp operation", "UNCONFIRMED")
	faulty("429", "An error occurred (429) when calling the AdminConfirmSignUp operation", "UNCONFIRMED")
	faulty("reset", "Connection was closed before we received a valid response", "UNCONFIRMED")
	faulty("reset+confirmed", "Connection was closed before we received a valid response", "CONFIRMED")
	faulty("hang", "Read timeout on endpoint URL", "UNCONFIRMED")
	for i := range 130 { // more than a page
		users += fmt.Sprintf("imported%03d,RESET_REQUIRED\n", i)
	}
	e := startEmulator(t, users, flags...)

	t.Run("commands", func(t *testing.T) {
		for name, step := range steps {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				got := e.aws(t, step.arguments...)
				if got.status != 254 || got.stdout != "" || !strings.Contains(got.stderr, step.want) {
					t.Errorf("%+v\nwant status 254 and %q", got, step.want)
				}
			})
		}
		t.Run("client metadata", func(t *testing.T) {
			t.Parallel()
			if got := e.aws(t, append(confirm("bob"), "--client-metadata", "run=7")...); got != (outcome{}) {
				t.Errorf("%+v", got)
			}
			after["bob"] = "CONFIRMED"
		})
	})
	all := e.aws(t, "list-users", "--user-pool-id", poolID, "--query", "Users[].[Username,UserStatus]")
	imported := 0
	for line := range strings.Lines(all.stdout) {
		username, status, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if strings.HasPrefix(username, "imported") {
			imported++
			continue
		}
		if want := after[username]; status != want {
			t.Errorf("%s is %s, want %s", username, status, want)
		}
		delete(after, username)
	}
	if imported != 130 || len(after) > 0 {
		t.Errorf("%d of 130 users, without %v:\n%s", imported, after, all.stderr)
	}
}

const notAUsername = "1 validation error detected: Value at 'username' failed to satisfy constraint: " +
	`Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+`

// exceptions are those of the operation, with the texts of the service.
var exceptions = map[string]string{
	"InternalErrorException":         "Something went wrong",
	"InvalidLambdaResponseException": "Unrecognizable lambda output",
	"InvalidParameterException":      notAUsername,
	"LimitExceededException":         "Attempt limit exceeded, please try after some time.",
	"NotAuthorizedException":         "User cannot confirm because user status is not UNCONFIRMED.",
	"OperationNotEnabledException":   "Operation is not enabled for this user pool.",
	"ResourceNotFoundException":      "User pool " + poolID + " does not exist.",
	"TooManyFailedAttemptsException": "Too many failed attempts.",
	"TooManyRequestsException":       "Rate exceeded",
	"UnexpectedLambdaException":      "PostConfirmation invocation failed due to error Socket timeout while invoking Lambda function.",
	"UserLambdaValidationException":  "PostConfirmation failed with error Cannot send the welcome mail.",
	"UserNotFoundException":          "User does not exist.",
	"AccessDeniedException": "User: arn:aws:iam::123456789012:user/bulk is not authorized to perform: " +
		"cognito-idp:AdminConfirmSignUp on resource: arn:aws:cognito-idp:us-east-1:123456789012:userpool/" + poolID +
		" because no identity-based policy allows the cognito-idp:AdminConfirmSignUp action",
	"ExpiredTokenException": "The security token included in the request is expired",
	"InvalidSignatureException": "The request signature we calculated does not match the signature you provided. " +
		"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
	"ThrottlingException":         "Rate exceeded",
	"UnrecognizedClientException": "The security token included in the request is invalid.",
}

func TestAWSCLIThrottled(t *testing.T) {
	t.Parallel()
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

// TestPastedCommands runs the commands that the emulator prints, as they are.
func TestPastedCommands(t *testing.T) {
	t.Parallel()
	e := startEmulator(t, "username\nalice\nbob\n")
	export := e.printed(t, "  ")
	run := e.printed(t, "this program: ")
	aws := e.printed(t, "the AWS CLI: ")
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
