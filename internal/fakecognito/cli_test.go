package fakecognito_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"cognito-confirm/internal/fakecognito"
)

// awsCLI returns a function that runs the AWS CLI against an endpoint; without
// a CLI in PATH it skips the test.
func awsCLI(t *testing.T, endpoint string) func(t *testing.T, arguments ...string) (stdout, stderr string, ok bool) {
	t.Helper()
	if testing.Short() {
		t.Skip("starting the AWS CLI takes half a second a call")
	}
	path, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("no AWS CLI in PATH")
	}
	var environment []string
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "AWS_") {
			environment = append(environment, variable)
		}
	}
	environment = append(environment,
		"AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null",
		"AWS_MAX_ATTEMPTS=1", "AWS_RETRY_MODE=standard", "AWS_PAGER=")
	return func(t *testing.T, arguments ...string) (string, string, bool) {
		arguments = append([]string{"cognito-idp", "--endpoint-url", endpoint, "--region", "us-east-1", "--output", "text"}, arguments...)
		command := exec.CommandContext(t.Context(), path, arguments...)
		command.Env = environment
		var stdout, stderr strings.Builder
		command.Stdout, command.Stderr = &stdout, &stderr
		err := command.Run()
		if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
			t.Fatal(err)
		}
		// Some versions mention the retries that there were none of.
		plain := strings.ReplaceAll(stderr.String(), " (reached max retries: 0)", "")
		return strings.TrimSpace(stdout.String()), plain, err == nil
	}
}

func TestAWSCLI(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{UserPoolID: poolID, LogCalls: true})
	aws := awsCLI(t, start(t, s))
	confirm := func(username string, more ...string) []string {
		return append([]string{"admin-confirm-sign-up", "--user-pool-id", poolID, "--username", username}, more...)
	}
	anError := func(code, operation, message string) string {
		return fmt.Sprintf("An error occurred (%s) when calling the %s operation: %s", code, operation, message)
	}
	type result struct {
		arguments []string
		stdout    string // whole, of a success
		stderr    string // part, of a failure
		username  string // whose status is looked at afterwards; empty for nobody's
		status    fakecognito.Status
	}
	tests := map[string]result{
		"confirm": {
			arguments: confirm("ann", "--client-metadata", "run=7"), username: "ann", status: fakecognito.Confirmed,
		},
		"confirmed before": {
			arguments: confirm("bob"),
			stderr:    anError("NotAuthorizedException", "AdminConfirmSignUp", "User cannot be confirmed. Current status is CONFIRMED"),
		},
		"no such user": {
			arguments: confirm("nobody"),
			stderr:    anError("UserNotFoundException", "AdminConfirmSignUp", "User does not exist."),
		},
		"no such pool": {
			arguments: []string{"admin-confirm-sign-up", "--user-pool-id", "us-east-1_Other", "--username", "ann"},
			stderr:    anError("ResourceNotFoundException", "AdminConfirmSignUp", "User pool us-east-1_Other does not exist."),
		},
		"space in the username": {
			arguments: confirm("an n"),
			stderr: anError("InvalidParameterException", "AdminConfirmSignUp", "1 validation error detected: Value at 'username' "+
				`failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+`),
		},
		"not signed": {
			arguments: confirm("ann", "--no-sign-request"),
			stderr:    anError("MissingAuthenticationTokenException", "AdminConfirmSignUp", "Missing Authentication Token"),
		},
		"unknown operation": {
			arguments: []string{"admin-delete-user", "--user-pool-id", poolID, "--username", "ann"},
			stderr:    "An error occurred (UnknownOperationException) when calling the AdminDeleteUser operation",
		},
		"get user": {
			arguments: []string{"admin-get-user", "--user-pool-id", poolID, "--username", "bob", "--query", "[Username,UserStatus,Enabled]"},
			stdout:    "bob\tCONFIRMED\tTrue",
		},
		"get no such user": {
			arguments: []string{"admin-get-user", "--user-pool-id", poolID, "--username", "nobody"},
			stderr:    anError("UserNotFoundException", "AdminGetUser", "User does not exist."),
		},
		"list users": { // the CLI pages by itself
			arguments: []string{"list-users", "--user-pool-id", poolID, "--filter", `cognito:user_status = "RESET_REQUIRED"`,
				"--output", "json", "--query", "length(Users)"},
			stdout: "130",
		},
		"list users with a bad filter": {
			arguments: []string{"list-users", "--user-pool-id", poolID, "--filter", "username"},
			stderr:    anError("InvalidParameterException", "ListUsers", "Error while parsing filter."),
		},
		"sign up": {
			arguments: []string{"sign-up", "--client-id", "1example23456789", "--username", "new", "--password", "correct horse", "--query", "UserConfirmed"},
			stdout:    "False",
			username:  "new",
		},
		"sign up again": {
			arguments: []string{"sign-up", "--client-id", "1example23456789", "--username", "bob", "--password", "correct horse"},
			stderr:    anError("UsernameExistsException", "SignUp", "User already exists"),
		},
	}
	faulty := func(f fakecognito.Fault, name, stderr string, status fakecognito.Status) {
		username := "user-" + strings.ReplaceAll(name, " ", "-")
		s.AddUser(username, fakecognito.Unconfirmed)
		s.SetFault(username, f)
		tests[name] = result{arguments: confirm(username, "--cli-read-timeout", "2"), stderr: stderr, username: username, status: status}
	}
	for _, f := range exceptions() {
		status := fakecognito.Unconfirmed
		if f.confirmed {
			status = fakecognito.Confirmed
		}
		faulty(f.fault, f.fault.Code, anError(f.fault.Code, "AdminConfirmSignUp", f.message), status)
	}
	faulty(fakecognito.Fault{Kind: fakecognito.FaultHTTP, Code: "503"}, "a page with 503",
		"An error occurred (503) when calling the AdminConfirmSignUp operation", fakecognito.Unconfirmed)
	faulty(fakecognito.Fault{Kind: fakecognito.FaultHTTP, Code: "429"}, "a page with 429",
		"An error occurred (429) when calling the AdminConfirmSignUp operation", fakecognito.Unconfirmed)
	faulty(fakecognito.Fault{Kind: fakecognito.FaultReset}, "reset", "Connection was closed before we received a valid response", fakecognito.Unconfirmed)
	faulty(fakecognito.Fault{Kind: fakecognito.FaultReset, Confirms: true}, "reset after",
		"Connection was closed before we received a valid response", fakecognito.Confirmed)
	faulty(fakecognito.Fault{Kind: fakecognito.FaultHang}, "hang", "Read timeout on endpoint URL", fakecognito.Unconfirmed)

	s.AddUser("ann", fakecognito.Unconfirmed)
	s.AddUser("bob", fakecognito.Confirmed)
	for i := range 130 {
		s.AddUser(fmt.Sprintf("imported-%d", i), fakecognito.ResetRequired)
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stdout, stderr, ok := aws(t, test.arguments...)
			if ok != (test.stderr == "") || !strings.Contains(stderr, test.stderr) || stdout != test.stdout {
				t.Errorf("success %v\nstdout %q\nstderr %q\nwant stdout %q, in stderr %q", ok, stdout, stderr, test.stdout, test.stderr)
			}
			if test.username != "" {
				wantStatus(t, s, test.username, test.status)
			}
		})
	}
	t.Cleanup(func() { // after the parallel cases
		for _, c := range s.Calls() {
			if c.Username == "ann" && c.Confirmed && c.ClientMetadata["run"] != "7" {
				t.Errorf("client metadata %v in the log", c.ClientMetadata)
			}
		}
	})
}
