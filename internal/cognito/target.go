package cognito

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"regexp"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"

	"cognito-confirm/internal/oneline"
)

// Target is the user pool that is meant, and who asks. Only UserPoolID is
// required; for the rest, an empty field leaves the choice to the AWS configuration.
type Target struct {
	// UserPoolID is the pool's id, such as eu-west-1_Ab12Cd34E.
	UserPoolID string
	// Region is the pool's Region. Empty: what the pool id starts with, if that
	// is a Region.
	Region string
	// Profile is a profile of the AWS configuration.
	Profile string
	// EndpointURL is where the calls go instead of AWS's own endpoint.
	EndpointURL string
}

// TargetError means that a [Target], or the AWS configuration for it, cannot be
// right, so that every call would fail.
type TargetError struct {
	// Message is what is wrong, Hint what to do about it. Both are one line,
	// without secrets.
	Message, Hint string
}

// Error returns the message.
func (e *TargetError) Error() string { return e.Message }

const maxUserPoolID = 55

// userPoolID is the pattern of the API model.
var userPoolID = regexp.MustCompile(`^[\w-]+_[0-9a-zA-Z]+$`)

// Check returns a [*TargetError] for what the service would refuse on every row.
func (t Target) Check() error {
	if n := utf8.RuneCountInString(t.UserPoolID); n > maxUserPoolID || !userPoolID.MatchString(t.UserPoolID) {
		return &TargetError{fmt.Sprintf("%.80q is not a user pool id", t.UserPoolID), "it looks like eu-west-1_Ab12Cd34E; the console shows it on the pool's page"}
	}
	if err := checkRegion(t.Region); err != nil {
		return err
	}
	if own := t.poolRegion(); t.Region != "" && own != "" && t.Region != own && t.EndpointURL == "" {
		return &TargetError{fmt.Sprintf("--region %s contradicts the user pool id, whose region is %s", oneline.Escape(t.Region), own), "leave out --region"}
	}
	if t.EndpointURL != "" {
		return t.checkEndpoint("--endpoint-url", t.EndpointURL)
	}
	return nil
}

// Resolve returns the target as the AWS configuration completes it, without
// asking for credentials: Region and Profile are those of the calls, and
// EndpointURL is empty when they go to AWS itself, whoever set it. Targets with
// the same UserPoolID and EndpointURL then mean the same pool. Its errors are
// those of [Target.Load], except for the credentials.
func (t Target) Resolve(ctx context.Context) (Target, error) {
	loaded, err := t.configuration(ctx)
	if err != nil {
		return Target{}, err
	}
	t.Region = loaded.Region
	t.Profile = cmp.Or(t.Profile, os.Getenv("AWS_PROFILE"), os.Getenv("AWS_DEFAULT_PROFILE"))
	t.EndpointURL = canonicalEndpoint(endpointOf(loaded))
	return t, nil
}

// Load resolves the AWS configuration as every AWS tool does, and the
// credentials with it, so that a run without any ends before it begins. It
// returns a [*TargetError] for a configuration or credentials that cannot be
// used, a [*CredentialsError] when there are no credentials, and the context's
// cause when the context ended first. Call [Target.Check] before.
//
// The credentials are renewed in time. A source of them that fails later stops
// nothing while the last ones are valid.
func (t Target) Load(ctx context.Context) (aws.Config, error) {
	loaded, err := t.configuration(ctx)
	if err != nil {
		return aws.Config{}, err
	}
	loaded.Credentials, err = renewCredentials(ctx, loaded.Credentials, func(ctx context.Context) (aws.CredentialsProvider, error) {
		again, err := t.configuration(ctx)
		return again.Credentials, err
	})
	if err != nil {
		if ctx.Err() != nil {
			return aws.Config{}, context.Cause(ctx)
		}
		return aws.Config{}, err
	}
	return loaded, nil
}
