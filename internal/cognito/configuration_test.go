package cognito

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLegacyRetryMode, which other SDKs know, is taken as standard, wherever it
// is set. Nothing is left behind, and other modes are what they were.
func TestLegacyRetryMode(t *testing.T) {
	const keys = "aws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n"
	for name, test := range map[string]struct {
		variable, config, credentials, profile string
		refused                                bool
	}{
		"variable":                           {variable: "legacy"},
		"variable in capitals":               {variable: "LEGACY"},
		"variable and profile":               {variable: "legacy", config: "[default]\nretry_mode = legacy\n"},
		"default":                            {config: "[default]\nretry_mode = legacy\n"},
		"default with a prefix":              {config: "[profile default]\nretry_mode=legacy\n"},
		"profile":                            {config: "[profile corp]\nretry_mode = legacy\n" + keys, profile: "corp"},
		"profile with spaces":                {config: "[ profile  corp ] # ours\nretry_mode = legacy # as ever\n" + keys, profile: "corp"},
		"profile in two files":               {config: "[profile corp]\nretry_mode = legacy\n", credentials: "[corp]\n" + keys, profile: "corp"},
		"credentials":                        {credentials: "[corp]\nretry_mode = legacy\n" + keys, profile: "corp"},
		"credentials of a name with a space": {credentials: "[my corp]\nretry_mode = legacy\n" + keys, profile: "my corp"},
		"a section that is no profile":       {config: "[corp]\nretry_mode = legacy\n" + keys, profile: "corp", refused: true},
		"lines with CR":                      {config: "[default]\r\nretry_mode = legacy\r\n"},
		"standard":                           {variable: "standard", config: "[default]\nretry_mode = adaptive\n"},
		"a mode that nobody knows":           {variable: "lagacy", refused: true},
	} {
		t.Run(name, func(t *testing.T) {
			awsEnvironment(t, map[string]string{"TMPDIR": t.TempDir()})
			if test.variable != "" {
				t.Setenv("AWS_RETRY_MODE", test.variable)
			}
			if test.profile != "" {
				os.Unsetenv("AWS_ACCESS_KEY_ID")
				os.Unsetenv("AWS_SECRET_ACCESS_KEY")
			}
			for variable, content := range map[string]string{"AWS_CONFIG_FILE": test.config, "AWS_SHARED_CREDENTIALS_FILE": test.credentials} {
				if content == "" {
					continue
				}
				if err := os.WriteFile(os.Getenv(variable), []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			loaded, err := Target{UserPoolID: examplePool, Profile: test.profile}.Load(t.Context())
			if test.refused {
				wantTargetError(t, err, "load AWS configuration: ", "look at --profile")
			} else if err != nil {
				t.Fatal(err)
			} else if _, err := loaded.Credentials.Retrieve(t.Context()); err != nil {
				t.Error(err)
			}
			if got := os.Getenv("AWS_RETRY_MODE"); got != test.variable {
				t.Errorf("AWS_RETRY_MODE is %q afterwards, want %q", got, test.variable)
			}
			if left, _ := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "*")); len(left) != 0 {
				t.Errorf("%q are left behind", left)
			}
		})
	}
}

// TestResolve: two targets that mean the same pool are the same afterwards.
func TestResolve(t *testing.T) {
	const (
		variable = "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER"
		pool     = "eu-west-1_x"
	)
	for _, test := range []struct {
		target      Target
		environment map[string]string
		want        Target
	}{
		{Target{UserPoolID: pool}, nil, Target{pool, "eu-west-1", "", ""}},
		{Target{UserPoolID: "local_x"}, map[string]string{"AWS_REGION": "eu-west-2", "AWS_PROFILE": "tokyo"}, Target{"local_x", "eu-west-2", "tokyo", ""}},
		{Target{UserPoolID: "local_x", Profile: "tokyo"}, nil, Target{"local_x", "ap-northeast-1", "tokyo", ""}},
		{Target{UserPoolID: pool, EndpointURL: "http://LocalHost:80/"}, nil, Target{pool, "eu-west-1", "", "http://localhost"}},
		{Target{UserPoolID: pool}, map[string]string{variable: "http://localhost:9229/"}, Target{pool, "eu-west-1", "", "http://localhost:9229"}},
		{Target{UserPoolID: pool}, map[string]string{"AWS_ENDPOINT_URL": "https://localhost:443/a%2Fb/"}, Target{pool, "eu-west-1", "", "https://localhost/a%2Fb"}},
		{Target{UserPoolID: pool, EndpointURL: "http://localhost:9229"}, map[string]string{variable: "http://localhost:9230"},
			Target{pool, "eu-west-1", "", "http://localhost:9229"}},
		{Target{UserPoolID: pool, EndpointURL: "https://cognito-idp.eu-west-1.amazonaws.com/"}, nil, Target{pool, "eu-west-1", "", ""}},
		{Target{UserPoolID: pool, EndpointURL: "https://VPCE-1.cognito-idp.eu-west-1.vpce.amazonaws.com"}, nil, Target{pool, "eu-west-1", "", ""}},
		{Target{UserPoolID: pool, EndpointURL: "https://amazonaws.com.evil.test"}, nil, Target{pool, "eu-west-1", "", "https://amazonaws.com.evil.test"}},
	} {
		awsEnvironment(t, test.environment)
		got, err := test.target.Resolve(t.Context())
		if err != nil || got != test.want {
			t.Errorf("%+v with %v is %+v, error %v; want %+v", test.target, test.environment, got, err, test.want)
		}
	}
}

// TestEndpointOfTheConfiguration is looked at as the flag's is, and there too
// may be a password in it.
func TestEndpointOfTheConfiguration(t *testing.T) {
	for _, endpoint := range []string{"localhost:9229", "http://ann:hunter2@localhost", "http://ann:hun/ter2@localhost", "http://localhost?hunter2", "ftp://hunter2"} {
		awsEnvironment(t, map[string]string{"AWS_ENDPOINT_URL": endpoint})
		_, err := Target{UserPoolID: examplePool}.Load(t.Context())
		wantTargetError(t, err, "the endpoint URL of the AWS configuration ", "")
		wantNoPassword(t, err)
	}
}

// TestPasswordInTheConfiguration: the SDK quotes a URL that it cannot read.
func TestPasswordInTheConfiguration(t *testing.T) {
	awsEnvironment(t, map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://ann:hun ter2@127.0.0.1/\x7f"})
	os.Unsetenv("AWS_ACCESS_KEY_ID")
	_, err := Target{UserPoolID: examplePool}.Load(t.Context())
	wantTargetError(t, err, "load AWS configuration: ", "look at --profile")
	wantNoPassword(t, err)
}

// TestLineBreaksOfTheSDK: an error that is laid out in lines is told in one.
func TestLineBreaksOfTheSDK(t *testing.T) {
	awsEnvironment(t, nil)
	if err := os.WriteFile(os.Getenv("AWS_SHARED_CREDENTIALS_FILE"), []byte("[default]\naws_access_key_id = A\naws_secret_access_key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	os.Unsetenv("AWS_ACCESS_KEY_ID")
	os.Unsetenv("AWS_SECRET_ACCESS_KEY")
	_, err := Target{UserPoolID: examplePool}.Load(t.Context())
	wantTargetError(t, err, "load AWS configuration: ", "look at --profile")
	if err == nil || strings.Contains(err.Error(), `\n`) || !strings.HasSuffix(err.Error(), "partial credentials found for profile default") {
		t.Errorf("error %q", err)
	}
}
