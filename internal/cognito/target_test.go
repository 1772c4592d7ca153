package cognito

import (
	"context"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/smithy-go/logging"
)

// awsEnvironment replaces what the AWS configuration is read from.
func awsEnvironment(t *testing.T, environment map[string]string) {
	t.Helper()
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, "")
			os.Unsetenv(name)
		}
	}
	config := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(config, []byte("[profile tokyo]\nregion = ap-northeast-1\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CONFIG_FILE", config)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	for name, value := range environment {
		t.Setenv(name, value)
	}
}

func wantTargetError(t *testing.T, err error, message, hint string) {
	t.Helper()
	target, ok := errors.AsType[*TargetError](err)
	if !ok || !strings.HasPrefix(target.Message, message) || !strings.HasPrefix(target.Hint, hint) || target.Error() != target.Message {
		t.Errorf("error %#v, want a TargetError %q with the hint %q", err, message, hint)
	}
	if ok && strings.ContainsAny(target.Message+target.Hint, "\n\r\x1b") {
		t.Errorf("%q, %q are not one line each", target.Message, target.Hint)
	}
}

func TestUserPoolID(t *testing.T) {
	long := "us-east-1_" + strings.Repeat("a", 45) // 55 characters
	tests := map[string]bool{
		"us-east-1_Ab12Cd34E":     true,
		"us-gov-west-1_x":         true,
		"local_x":                 true,
		"local-pool_under_x1":     true,
		long:                      true,
		long + "a":                false,
		"":                        false,
		"us-east-1":               false,
		"us-east-1_":              false,
		"_abc":                    false,
		"us-east-1_Ab12!":         false,
		"us-east-1_Ab12\n":        false,
		"us east_Ab12":            false,
		"arn:aws:cognito-idp:x_y": false,
	}
	for id, valid := range tests {
		err := Target{UserPoolID: id}.Check()
		switch {
		case !valid:
			wantTargetError(t, err, "\"", "it looks like eu-west-1_Ab12Cd34E")
		case err != nil:
			t.Errorf("%q: %v", id, err)
		}
	}
}

// TestRegion looks at the signature for what Region a run is for.
func TestRegion(t *testing.T) {
	var signed string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		signed = r.Header.Get("Authorization")
		w.Header().Set("Content-Type", jsonType)
		io.WriteString(w, "{}")
	}))
	defer server.Close()
	inCanada := map[string]string{"AWS_REGION": "ca-central-1"}
	tests := []struct {
		name        string
		target      Target
		environment map[string]string
		endpoint    bool
		region      string // empty: refused
		message     string
	}{
		{name: "from the pool id", target: Target{UserPoolID: "eu-central-1_x"}, endpoint: true, region: "eu-central-1"},
		{name: "from a pool id of a partition", target: Target{UserPoolID: "us-gov-west-1_x"}, endpoint: true, region: "us-gov-west-1"},
		{name: "from a pool id of the sovereign cloud", target: Target{UserPoolID: "eusc-de-east-1_x"}, endpoint: true, region: "eusc-de-east-1"},
		{name: "the pool id is before the profile", target: Target{UserPoolID: "eu-central-1_x", Profile: "tokyo"}, endpoint: true, region: "eu-central-1"},
		{name: "the pool id is before the environment", target: Target{UserPoolID: "eu-central-1_x"}, environment: inCanada, endpoint: true, region: "eu-central-1"},
		{name: "the same twice", target: Target{UserPoolID: "eu-central-1_x", Region: "eu-central-1"}, endpoint: true, region: "eu-central-1"},
		{name: "contradiction with an endpoint", target: Target{UserPoolID: "eu-central-1_x", Region: "us-east-2"}, endpoint: true, region: "us-east-2"},
		{name: "contradiction", target: Target{UserPoolID: "eu-central-1_x", Region: "us-east-2"},
			message: "--region us-east-2 contradicts the user pool id, whose region is eu-central-1"},
		{name: "emulator's pool id", target: Target{UserPoolID: "local_x"}, endpoint: true, region: "us-east-1"},
		{name: "emulator of the environment", target: Target{UserPoolID: "local_x"},
			environment: map[string]string{"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": server.URL}, region: "us-east-1"},
		{name: "emulator of the environment and a region", target: Target{UserPoolID: "local_x", Region: "us-west-2"},
			environment: map[string]string{"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": server.URL}, region: "us-west-2"},
		{name: "an endpoint beside the environment's", target: Target{UserPoolID: "local_x"}, endpoint: true,
			environment: map[string]string{"AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": "http://127.0.0.1:1"}, region: "us-east-1"},
		{name: "emulator's pool id and a region", target: Target{UserPoolID: "local_x", Region: "us-west-2"}, endpoint: true, region: "us-west-2"},
		{name: "emulator's pool id and a profile", target: Target{UserPoolID: "local_x", Profile: "tokyo"}, endpoint: true, region: "ap-northeast-1"},
		{name: "emulator's pool id and the environment", target: Target{UserPoolID: "local_x"}, environment: inCanada, endpoint: true, region: "ca-central-1"},
		{name: "no region", target: Target{UserPoolID: "local_x"}, message: "no region: the user pool id does not start with one"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			awsEnvironment(t, test.environment)
			signed = ""
			if test.endpoint {
				test.target.EndpointURL = server.URL
			}
			client, err := newClientOf(t.Context(), test.target)
			if test.region == "" {
				wantTargetError(t, err, test.message, "")
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			wantAnswer(t, confirm(t, client), done)
			if !strings.Contains(signed, "/"+test.region+"/cognito-idp/") {
				t.Errorf("signed %q, want the region %s", signed, test.region)
			}
		})
	}
}

// newClientOf does what a run does before its first call.
func newClientOf(ctx context.Context, target Target) (Client, error) {
	if err := target.Check(); err != nil {
		return nil, err
	}
	loaded, err := target.Load(ctx)
	if err != nil {
		return nil, err
	}
	return NewClient(loaded, 1)
}

// A certificate bundle of the configuration is used, and the SDK writes nothing
// of its own to standard error.
func TestLoadedConfiguration(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", jsonType)
		io.WriteString(w, "{}")
	}))
	defer server.Close()
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(bundle, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	awsEnvironment(t, map[string]string{"AWS_CA_BUNDLE": bundle})
	loaded, err := Target{UserPoolID: examplePool, EndpointURL: server.URL}.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := loaded.Logger.(logging.Nop); !ok {
		t.Errorf("the SDK logs to a %T", loaded.Logger)
	}
	client, err := NewClient(loaded, 1)
	if err != nil {
		t.Fatal(err)
	}
	wantAnswer(t, confirm(t, client), done)
}

func TestProfileThatDoesNotExist(t *testing.T) {
	awsEnvironment(t, nil)
	_, err := Target{UserPoolID: examplePool, Profile: "none\n"}.Load(t.Context())
	wantTargetError(t, err, "load AWS configuration: ", "look at --profile and at ~/.aws/config")
}

// Credentials are missed before the first call.
func TestNoCredentials(t *testing.T) {
	metadata := httptest.NewServer(http.NotFoundHandler())
	defer metadata.Close()
	for name, environment := range map[string]map[string]string{
		"nowhere":                 {},
		"instance without a role": {"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata.URL},
	} {
		t.Run(name, func(t *testing.T) {
			awsEnvironment(t, environment)
			os.Unsetenv("AWS_ACCESS_KEY_ID")
			loaded, err := Target{UserPoolID: examplePool}.Load(t.Context())
			missing, ok := errors.AsType[*CredentialsError](err)
			if !ok || !strings.HasPrefix(err.Error(), "get credentials: ") || missing.Unwrap() == nil || loaded.Credentials != nil {
				t.Errorf("error %v, want a CredentialsError", err)
			}
		})
	}
}

// Whoever interrupts the search for credentials is told why it ended.
func TestLoadInterrupted(t *testing.T) {
	cause := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	metadata := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel(cause)
		<-r.Context().Done()
	}))
	defer metadata.Close()
	awsEnvironment(t, map[string]string{"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata.URL})
	os.Unsetenv("AWS_ACCESS_KEY_ID")
	for range 2 { // in the midst of it, and before
		if _, err := (Target{UserPoolID: examplePool}).Load(ctx); err != cause {
			t.Errorf("error %v, want %v", err, cause)
		}
	}
}
