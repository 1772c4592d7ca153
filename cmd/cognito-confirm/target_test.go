package main

import (
	"strings"
	"testing"

	"cognito-confirm/internal/fakecognito"
)

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
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			s := startWith(t, fakecognito.Options{AcceptAnyone: true, LogCalls: true})
			dir := t.TempDir()
			input := put(t, dir, "users.csv", "username\nalice\n")
			got := invoke(t, "run", "--user-pool-id", id, "--endpoint-url", s.url, input)
			if valid {
				got.wantStatus(t, 0)
				return
			}
			got.wantStatus(t, 2)
			got.wantError(t, "is not a user pool id", "hint: it looks like eu-west-1_Ab12Cd34E")
			if s.Counts().Calls != 0 || names(t, dir) != "users.csv" {
				t.Errorf("%d calls, and in the directory: %s", s.Counts().Calls, names(t, dir))
			}
		})
	}
}

// TestRegion looks at the signature for what Region a run is for.
func TestRegion(t *testing.T) {
	tests := []struct {
		name, pool string
		args       []string
		endpoint   bool
		region     string // empty: refused
		message    string
	}{
		{name: "from the pool id", pool: "eu-central-1_x", endpoint: true, region: "eu-central-1"},
		{name: "from a pool id of a partition", pool: "us-gov-west-1_x", endpoint: true, region: "us-gov-west-1"},
		{name: "from a pool id of the sovereign cloud", pool: "eusc-de-east-1_x", endpoint: true, region: "eusc-de-east-1"},
		{name: "the pool id is before the profile", pool: "eu-central-1_x", args: []string{"--profile", "tokyo"}, endpoint: true, region: "eu-central-1"},
		{name: "the same twice", pool: "eu-central-1_x", args: []string{"--region", "eu-central-1"}, endpoint: true, region: "eu-central-1"},
		{name: "contradiction with an endpoint", pool: "eu-central-1_x", args: []string{"--region", "us-east-2"}, endpoint: true, region: "us-east-2"},
		{name: "contradiction", pool: "eu-central-1_x", args: []string{"--region", "us-east-2"},
			message: "--region us-east-2 contradicts the user pool id, whose region is eu-central-1"},
		{name: "emulator's pool id", pool: "local_x", endpoint: true, region: "us-east-1"},
		{name: "emulator's pool id and a region", pool: "local_x", args: []string{"--region", "us-west-2"}, endpoint: true, region: "us-west-2"},
		{name: "emulator's pool id and a profile", pool: "local_x", args: []string{"--profile", "tokyo"}, endpoint: true, region: "ap-northeast-1"},
		{name: "no region", pool: "local_x", message: "no region: the user pool id does not start with one"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := startWith(t, fakecognito.Options{AcceptAnyone: true})
			dir := t.TempDir()
			args := append([]string{"run", put(t, dir, "users.csv", "username\nalice\n"), "--user-pool-id", test.pool}, test.args...)
			if test.endpoint {
				args = append(args, "--endpoint-url", s.url)
			}
			got := invoke(t, args...)
			if test.region == "" {
				got.wantStatus(t, 2)
				got.wantError(t, test.message, "hint: ")
				if left := names(t, dir); left != "users.csv" {
					t.Errorf("left behind: %s", left)
				}
				return
			}
			got.wantStatus(t, 0)
			if signed := s.signed(); len(signed) != 1 || !strings.Contains(signed[0], "/"+test.region+"/cognito-idp/") {
				t.Errorf("signed %q, want the region %s", signed, test.region)
			}
		})
	}
}

func TestRegionOfTheEnvironment(t *testing.T) {
	t.Setenv("AWS_REGION", "ca-central-1")
	for pool, want := range map[string]string{"local_x": "ca-central-1", "eu-central-1_x": "eu-central-1"} {
		s := startWith(t, fakecognito.Options{AcceptAnyone: true})
		input := put(t, t.TempDir(), "users.csv", "username\nalice\n")
		invoke(t, "run", "--user-pool-id", pool, "--endpoint-url", s.url, input).wantStatus(t, 0)
		if signed := s.signed(); len(signed) != 1 || !strings.Contains(signed[0], "/"+want+"/cognito-idp/") {
			t.Errorf("%s: signed %q, want the region %s", pool, signed, want)
		}
	}
}

// TestEndpointThatIsNoURL: every call would fail, after all its attempts.
func TestEndpointThatIsNoURL(t *testing.T) {
	for _, endpoint := range []string{"127.0.0.1:9229", "localhost:9229", "localhost", "http://", "ftp://localhost/", "http://127.0.0.1:9229/%zz", "://"} {
		t.Run(endpoint, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			got := invoke(t, "run", "--user-pool-id", testPool, "--endpoint-url", endpoint, "--max-attempts", "1", put(t, dir, "users.csv", "username\nalice\n"))
			got.wantStatus(t, 2)
			got.wantError(t, "--endpoint-url", "hint: as http://127.0.0.1:9229")
			if left := names(t, dir); left != "users.csv" {
				t.Errorf("left behind: %s", left)
			}
		})
	}
}

func TestProfileThatDoesNotExist(t *testing.T) {
	t.Parallel()
	got := invoke(t, "run", "--user-pool-id", testPool, "--profile", "none", put(t, t.TempDir(), "users.csv", "username\nalice\n"))
	got.wantStatus(t, 2)
	got.wantError(t, "load AWS configuration: ", "none", "hint: look at --profile and at ~/.aws/config")
}
