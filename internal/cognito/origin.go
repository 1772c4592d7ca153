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
	origin := originOf(credentials.Source)
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

// originOf returns the kind of credentials that the SDK names so, as it does
// with the path of a file behind some names.
func originOf(name string) origin {
	kind, _, _ := strings.Cut(name, ":")
	switch kind {
	case "EnvConfigCredentials":
		return origin{name: "credentials of the environment", isEnvironment: true}
	case "SharedConfigCredentials":
		return origin{name: "credentials of a file"}
	case "SSOProvider":
		return origin{name: "an SSO session"}
	case "LoginProvider":
		return origin{name: "a login session"}
	case "ProcessProvider":
		return origin{name: "credentials of a process"}
	case "AssumeRoleProvider":
		return origin{name: "an assumed role"}
	case "WebIdentityCredentials":
		return origin{name: "a web identity", renewsItself: true}
	case "EC2RoleProvider":
		return origin{name: "the instance's role", renewsItself: true}
	case "CredentialsEndpointProvider":
		return origin{name: "the container's role", renewsItself: true}
	}
	return origin{}
}
