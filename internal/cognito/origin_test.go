package cognito

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
)

func TestSigningOf(t *testing.T) {
	expires := time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)
	t.Setenv(expirationVariable, "2026-03-05T13:30:00+01:00")
	for source, want := range map[string]Signing{
		config.CredentialsSourceName:                        {"credentials of the environment", expires.Add(30 * time.Minute)},
		"SharedConfigCredentials: /home/x/.aws/credentials": {"credentials of a file", expires},
		ssocreds.ProviderName:                               {"an SSO session", expires},
		"LoginProvider":                                     {"a login session", expires},
		processcreds.ProviderName:                           {"credentials of a process", expires},
		stscreds.ProviderName:                               {"an assumed role", expires},
		stscreds.WebIdentityProviderName:                    {Source: "a web identity"},
		ec2rolecreds.ProviderName:                           {Source: "the instance's role"},
		endpointcreds.ProviderName:                          {Source: "the container's role"},
		"another":                                           {Expires: expires},
	} {
		got := SigningOf(t.Context(), configWith(aws.Credentials{AccessKeyID: "A", SecretAccessKey: "s", Source: source, CanExpire: true, Expires: expires}, nil))
		if got.Source != want.Source || !got.Expires.Equal(want.Expires) {
			t.Errorf("%s: %+v, want %+v", source, got, want)
		}
	}
	t.Setenv(expirationVariable, "tomorrow")
	for name, loaded := range map[string]aws.Config{
		"none":            {},
		"an error":        configWith(aws.Credentials{Source: "SSOProvider"}, errors.New("no")),
		"for ever":        configWith(aws.Credentials{Source: "another", Expires: expires}, nil),
		"an odd variable": configWith(aws.Credentials{Source: "another"}, nil),
	} {
		if got := SigningOf(t.Context(), loaded); got != (Signing{}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func configWith(credentials aws.Credentials, err error) aws.Config {
	return aws.Config{Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return credentials, err })}
}
