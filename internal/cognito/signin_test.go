package cognito

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// TestKeysThatCannotBe are refused before any call, and never printed.
func TestKeysThatCannotBe(t *testing.T) {
	for _, test := range []struct {
		keys aws.Credentials
		want string
	}{
		{aws.Credentials{AccessKeyID: "AKID\n", SecretAccessKey: "hunter2"}, "the access key id has a line break in it"},
		{aws.Credentials{AccessKeyID: " AKID", SecretAccessKey: "hunter2"}, "the access key id has a space in it"},
		{aws.Credentials{AccessKeyID: `"AKID"`, SecretAccessKey: "hunter2"}, "the access key id has a quotation mark in it"},
		{aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "hunter2 "}, "the secret access key has a space in it"},
		{aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "hunter2\t"}, "the secret access key has a space in it"},
		{aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "hunter2\r\n"}, "the secret access key has a line break in it"},
		{aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "hunter2\u00a0"}, "the secret access key has a character that is not ASCII in it"},
		{aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "hunter2", SessionToken: "hunter2\nken"}, "the session token has a line break in it"},
		{aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "hunter2", SessionToken: "hunter2\x1b[A"}, "the session token has a control character in it"},
	} {
		provider := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return test.keys, nil })
		_, err := renewCredentials(t.Context(), provider, nil)
		wantTargetError(t, err, test.want, "copy it again, to AWS_")
		wantNoPassword(t, err)
	}
	for _, keys := range []aws.Credentials{
		{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY="},
		{AccessKeyID: "local", SecretAccessKey: "anything-that_is.printable!", SessionToken: "FwoGZXIvYXdzE//+="},
	} {
		if err := checkKeys(keys); err != nil {
			t.Errorf("%v is refused: %v", keys, err)
		}
	}
}

// TestKeysOfTheEnvironment are checked by Load, before there is any client.
func TestKeysOfTheEnvironment(t *testing.T) {
	awsEnvironment(t, map[string]string{"AWS_SECRET_ACCESS_KEY": "hunter2\n"})
	_, err := Target{UserPoolID: examplePool}.Load(t.Context())
	wantTargetError(t, err, "the secret access key has a line break in it", "copy it again, to AWS_SECRET_ACCESS_KEY ")
	wantNoPassword(t, err)
}

// withProfiles replaces the AWS configuration by this one, without any keys in
// the environment.
func withProfiles(t *testing.T, config string) {
	t.Helper()
	awsEnvironment(t, nil)
	os.Unsetenv("AWS_ACCESS_KEY_ID")
	os.Unsetenv("AWS_SECRET_ACCESS_KEY")
	t.Setenv("HOME", t.TempDir()) // there the sessions are
	if err := os.WriteFile(os.Getenv("AWS_CONFIG_FILE"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestSources: what to do about credentials that cannot be had depends on where
// they come from. The text of the source itself is never shown.
func TestSources(t *testing.T) {
	const sso = "sso_account_id = 123456789012\nsso_role_name = Admin\n"
	tests := map[string]struct{ config, message, hint string }{
		"SSO": {"[profile corp]\nsso_session = one\n" + sso + "[sso-session one]\nsso_region = eu-west-1\nsso_start_url = https://corp.test/start\n",
			"get credentials: SSO session: ", "sign in with aws sso login --profile corp"},
		"SSO of the first kind": {"[profile corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.test/start\n" + sso,
			"get credentials: SSO session: the session has expired, or there is none", "sign in with aws sso login --profile corp"},
		"a role by SSO": {"[profile corp]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = base\n" +
			"[profile base]\nsso_region = eu-west-1\nsso_start_url = https://corp.test/start\n" + sso,
			"get credentials: SSO session: ", "sign in with aws sso login --profile corp"},
		"process": {"[profile corp]\ncredential_process = echo hunter2; exit 3\n",
			"get credentials: credential_process: exit status 3", "look at credential_process in ~/.aws/config"},
		"process that answers nonsense": {"[profile corp]\ncredential_process = echo hunter2\n",
			"get credentials: credential_process: what it answers cannot be used", "look at credential_process in ~/.aws/config"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			withProfiles(t, test.config)
			target := Target{UserPoolID: examplePool, Profile: "corp"}
			_, err := target.Load(t.Context())
			missing, ok := errors.AsType[*CredentialsError](err)
			if !ok {
				t.Fatalf("error %v, want a CredentialsError", err)
			}
			if got := missing.Error(); !strings.HasPrefix(got, test.message) || strings.ContainsAny(got, "\r\n") || strings.Contains(got, "hunter2") {
				t.Errorf("message %q, want %q", got, test.message)
			}
			if got := missing.Hint(target); !strings.HasPrefix(got, test.hint) {
				t.Errorf("hint %q, want %q", got, test.hint)
			}
		})
	}
}

// TestProfileWithMFA: nobody is there to type a code, but the AWS CLI asks.
func TestProfileWithMFA(t *testing.T) {
	withProfiles(t, "[profile corp]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = base\nmfa_serial = arn:aws:iam::123456789012:mfa/ann\n"+
		"[profile base]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n")
	_, err := Target{UserPoolID: examplePool, Profile: "corp"}.Load(t.Context())
	wantTargetError(t, err, "the profile takes an MFA code", `run eval "$(aws configure export-credentials --profile corp --format env)" first`)
}

// TestProfileOption: what is printed can be pasted into a shell, and is one line.
func TestProfileOption(t *testing.T) {
	for profile, want := range map[string]string{
		"":               "",
		"corp-1":         " --profile corp-1",
		"my corp":        " --profile 'my corp'",
		"it's; rm -rf /": ` --profile 'it'\''s; rm -rf /'`,
		"two\nlines":     ` --profile 'two\nlines'`,
	} {
		if got := (Target{Profile: profile}).profileOption(); got != want {
			t.Errorf("%q: %s, want %s", profile, got, want)
		}
	}
}

// TestProcessIsAskedAgain when the service calls its credentials expired, though
// it gave them no end.
func TestProcessIsAskedAgain(t *testing.T) {
	answer := filepath.Join(t.TempDir(), "answer")
	withProfiles(t, "[profile corp]\ncredential_process = cat "+answer+"\n")
	tell := func(key string) {
		t.Helper()
		if err := os.WriteFile(answer, []byte(`{"Version":1,"AccessKeyId":"`+key+`","SecretAccessKey":"secret"}`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tell("FIRST")
	loaded, err := Target{UserPoolID: examplePool, Profile: "corp"}.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := loaded.Credentials.(*renewingCredentials)
	if replaced, err := r.replace(t.Context(), r.generation); replaced || err != nil {
		t.Errorf("replaced %v, error %v; want that there are no others", replaced, err)
	}
	tell("SECOND")
	r.mu.Lock()
	r.endedAt = r.endedAt.Add(-firstPause) // the pause is over
	generation := r.generation
	r.mu.Unlock()
	if replaced, err := r.replace(t.Context(), generation); !replaced || err != nil {
		t.Errorf("replaced %v, error %v; want the process's others", replaced, err)
	}
	if got, err := r.Retrieve(t.Context()); got.AccessKeyID != "SECOND" || err != nil {
		t.Errorf("credentials %s, error %v", got.AccessKeyID, err)
	}
}

// TestContainerCredentials: their end is known, so that they are renewed before it.
func TestContainerCredentials(t *testing.T) {
	end := time.Now().Add(time.Hour).Truncate(time.Second)
	agent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"AccessKeyId": "ASIAEXAMPLE", "SecretAccessKey": "secret", "Token": "token", "Expiration": %q}`, end.UTC().Format(time.RFC3339))
	}))
	defer agent.Close()
	withProfiles(t, "")
	t.Setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", agent.URL)
	loaded, err := Target{UserPoolID: examplePool}.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := loaded.Credentials.(*renewingCredentials)
	if !r.validUntil.Equal(end) || r.renewAt.Before(end.Add(-renewalWindow-time.Second)) || !r.renewAt.Before(end.Add(-renewalWindow+time.Second)) {
		t.Errorf("valid until %v, renewed at %v; they end at %v", r.validUntil, r.renewAt, end)
	}
}

// TestSourcesOfTheEnvironment are told apart as those of profiles are.
func TestSourcesOfTheEnvironment(t *testing.T) {
	agent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		io.WriteString(w, `{"code": "AccessDenied", "message": "not for hunter2"}`)
	}))
	defer agent.Close()
	for _, test := range []struct {
		environment   map[string]string
		message, hint string
	}{
		{map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": agent.URL}, "get credentials: container endpoint: AccessDenied", "look at the role of the task or pod"},
		{map[string]string{"AWS_WEB_IDENTITY_TOKEN_FILE": "/nonexistent", "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/x"}, "get credentials: web identity: it gives none", "look at the role of the pod or job"},
		{nil, "get credentials: instance role: there are none", "sign in or set --profile, "},
	} {
		withProfiles(t, "")
		for name, value := range test.environment {
			t.Setenv(name, value)
		}
		target := Target{UserPoolID: examplePool}
		_, err := target.Load(t.Context())
		missing, ok := errors.AsType[*CredentialsError](err)
		if !ok || missing.Error() != test.message || !strings.HasPrefix(missing.Hint(target), test.hint) {
			t.Errorf("error %v, want a CredentialsError %q with the hint %q", err, test.message, test.hint)
		}
		for name := range test.environment {
			os.Unsetenv(name)
		}
	}
}
