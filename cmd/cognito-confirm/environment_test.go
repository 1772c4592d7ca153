package main

import (
	"strings"
	"testing"
)

// TestBooleansFromTheEnvironment: what switches on, what off, and what is refused.
func TestBooleansFromTheEnvironment(t *testing.T) {
	quiet := map[string]bool{
		"true": true, "1": true, "yes": true, "TRUE": true,
		"false": false, "0": false, "no": false, "": false,
	}
	for value, want := range quiet {
		t.Run("quiet="+value, func(t *testing.T) {
			t.Parallel()
			input := put(t, t.TempDir(), "users.csv", "username\nalice\n")
			got := invokeWith(t, t.Context(), []string{"COGNITO_CONFIRM_QUIET=" + value}, "", "check", input)
			got.wantStatus(t, 0)
			if (got.stderr == "") != want {
				t.Errorf("quiet is %v:\n%s", !want, got.stderr)
			}
		})
	}
	got := invokeWith(t, t.Context(), []string{"COGNITO_CONFIRM_QUIET=maybe"}, "", "check", "nothing.csv")
	got.wantStatus(t, 2)
	got.wantError(t, "--quiet", `"maybe"`)
}

func TestEnvironmentThatIsNotUsed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	input := put(t, dir, "users.csv", "username\nalice\n")
	got := invokeWith(t, t.Context(), []string{
		"COGNITO_CONFIRM_VERSION=2.1", // as images name what they hold
		"COGNITO_CONFIRM_HELP=1",
		"COGNITO_CONFIRM_INPUT=other.csv",
		"COGNITO_CONFIRM_QUIETER=1",
		"QUIET=1",
		"cognito_confirm_quiet=1",
		"COGNITO_CONFIRM_QUIET",
		"=",
		"",
	}, "", "check", input)
	got.wantStatus(t, 0)
	got.wantError(t, "1 rows: 1 to confirm")
	if got.stdout != "" {
		t.Errorf("standard output: %q", got.stdout)
	}
}

// TestMetadataFromTheEnvironment: one variable carries several pairs as JSON.
func TestMetadataFromTheEnvironment(t *testing.T) {
	t.Parallel()
	s := start(t)
	input := put(t, t.TempDir(), "users.csv", "username\nalice\n")
	env := []string{`COGNITO_CONFIRM_CLIENT_METADATA={"a":"1","b":"x=y,z"}`}
	invokeWith(t, t.Context(), env, "", s.args(input)...).wantStatus(t, 0)
	if got := s.Calls()[0].ClientMetadata; len(got) != 2 || got["a"] != "1" || got["b"] != "x=y,z" {
		t.Errorf("client metadata %v", got)
	}
}

// TestEndpointFromTheSDKsVariable: the SDK's own chain is left to work.
func TestEndpointFromTheSDKsVariable(t *testing.T) {
	s := start(t)
	t.Setenv("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", s.url)
	input := put(t, t.TempDir(), "users.csv", "username\nalice\n")
	invoke(t, "run", "--user-pool-id", testPool, input).wantStatus(t, 0)
	if got := s.Counts().Confirmed; got != 1 {
		t.Errorf("%d confirmed", got)
	}
	if signed := s.signed(); len(signed) != 1 || !strings.Contains(signed[0], "/eu-west-1/cognito-idp/") {
		t.Errorf("signed %q", signed)
	}
}
