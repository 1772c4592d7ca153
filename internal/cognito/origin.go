package cognito

import (
	"context"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Signing is what is known of the credentials that sign the calls, without
// asking anybody.
type Signing struct {
	// Source tells where they come from, for a person; empty when that is not known.
	Source string
	// Expires is when somebody has to see to new ones. It is zero when that is
	// not known, or when they renew themselves.
	Expires time.Time
}

// expirationVariable is what a shell has that was given the credentials of a
// session by "aws configure export-credentials --format env". The SDK does not
// read it.
const expirationVariable = "AWS_CREDENTIAL_EXPIRATION"

// SigningOf describes the credentials of a configuration that has resolved them.
func SigningOf(ctx context.Context, loaded aws.Config) Signing {
	if loaded.Credentials == nil {
		return Signing{}
	}
	credentials, err := loaded.Credentials.Retrieve(ctx)
	if err != nil {
		return Signing{} // the first call tells what is wrong
	}
	kind, _, _ := strings.Cut(credentials.Source, ":") // the path of a file comes after some
	origin := origins[kind]
	s := Signing{Source: origin.name}
	switch {
	case origin.isEnvironment:
		if expires, err := time.Parse(time.RFC3339, os.Getenv(expirationVariable)); err == nil {
			s.Expires = expires
		}
	case credentials.CanExpire && !origin.renewsItself:
		s.Expires = credentials.Expires
	}
	return s
}

// origin is a kind of credentials.
type origin struct {
	name string
	// isEnvironment: they are in the environment. renewsItself: no person has to
	// do anything for new ones.
	isEnvironment, renewsItself bool
}

// origins are the kinds of credentials by the names that the SDK has for them.
var origins = map[string]origin{
	"EnvConfigCredentials":        {name: "credentials of the environment", isEnvironment: true},
	"SharedConfigCredentials":     {name: "credentials of a file"},
	"SSOProvider":                 {name: "an SSO session"},
	"LoginProvider":               {name: "a login session"},
	"ProcessProvider":             {name: "credentials of a process"},
	"AssumeRoleProvider":          {name: "an assumed role"},
	"WebIdentityCredentials":      {name: "a web identity", renewsItself: true},
	"EC2RoleProvider":             {name: "the instance's role", renewsItself: true},
	"CredentialsEndpointProvider": {name: "the container's role", renewsItself: true},
}
