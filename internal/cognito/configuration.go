package cognito

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/smithy-go/logging"

	"cognito-confirm/internal/oneline"
)

// configuration reads the AWS configuration for the target. Its error is a
// [*TargetError], or the cause of the context. Nothing can wake somebody who opens a
// named pipe that nobody writes to: when the context ends first, the reading is left
// waiting.
func (t Target) configuration(ctx context.Context) (aws.Config, error) {
	type outcome struct {
		loaded aws.Config
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		loaded, err := t.readConfiguration(ctx)
		done <- outcome{loaded, err}
	}()
	select {
	case read := <-done:
		return read.loaded, read.err
	case <-ctx.Done():
		return aws.Config{}, context.Cause(ctx)
	}
}

func (t Target) readConfiguration(ctx context.Context) (aws.Config, error) {
	options, restore, err := withoutLegacyRetries()
	if err != nil {
		return aws.Config{}, err
	}
	defer restore()
	loaded, err := config.LoadDefaultConfig(ctx, append(options,
		config.WithSharedConfigProfile(t.Profile),
		config.WithRegion(cmp.Or(t.Region, t.poolRegion())),
		// The SDK would write its own lines between ours. What it warns of
		// comes back as an error where it matters.
		config.WithLogger(logging.Nop{}),
		// The true end of credentials, see renewingCredentials.
		config.WithCredentialsCacheOptions(func(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = 0 }),
	)...)
	if err != nil {
		return aws.Config{}, t.configurationError(ctx, err)
	}
	if t.EndpointURL != "" {
		loaded.BaseEndpoint = aws.String(t.EndpointURL)
		// A variable or profile that has an endpoint for Cognito would beat ours.
		loaded.ConfigSources = append([]any{ignoreConfiguredEndpoints{}}, loaded.ConfigSources...)
	}
	if err := checkRegion(loaded.Region); err != nil {
		return aws.Config{}, err
	}
	if endpoint := endpointOf(loaded); endpoint != "" {
		if err := t.checkEndpoint("the endpoint URL of the AWS configuration", endpoint); err != nil {
			return aws.Config{}, err
		}
	}
	return loaded, nil
}

// ignoreConfiguredEndpoints is a source of configuration in the form that the
// SDK looks for.
type ignoreConfiguredEndpoints struct{}

// GetIgnoreConfiguredEndpoints means that the endpoints of the environment and of
// the files do not count. It is what the SDK calls.
func (ignoreConfiguredEndpoints) GetIgnoreConfiguredEndpoints(context.Context) (ignore, found bool, err error) {
	return true, true, nil
}

func (t Target) configurationError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if _, ok := errors.AsType[config.AssumeRoleTokenProviderNotSetError](err); ok {
		return &TargetError{"the profile takes an MFA code, and there is nobody here to type one",
			fmt.Sprintf(`run eval "$(aws configure export-credentials%s --format env)" first, and leave --profile and AWS_PROFILE away`, t.profileOption())}
	}
	hint := "look at --profile and at ~/.aws/config"
	if os.Getenv("AWS_CA_BUNDLE") != "" {
		hint += ", and at AWS_CA_BUNDLE"
	}
	// The SDK lays some of its errors out in lines.
	text := strings.Join(strings.Fields(withoutPasswords(err.Error())), " ")
	return &TargetError{"load AWS configuration: " + oneline.Escape(text), hint}
}

// endpointOf returns the URL that the configuration, the environment with it,
// sets for Cognito's endpoint, or "".
func endpointOf(loaded aws.Config) string {
	return aws.ToString(cognitoidentityprovider.NewFromConfig(loaded).Options().BaseEndpoint)
}

const (
	retryModeVariable = "AWS_RETRY_MODE"
	legacyRetries     = "legacy"
	standardRetries   = "standard"
)

// withoutLegacyRetries has the SDK read the retry mode legacy, which other SDKs
// know and this one takes for an error, as standard. It returns options for
// loading the configuration, and a function to call afterwards.
//
// The SDK has no option to skip the variable, or to override the value of the files.
// So the variable is changed for this moment, and a further file overrides the
// others.
func withoutLegacyRetries() (options []func(*config.LoadOptions) error, restore func(), err error) {
	credentialsFiles := sharedFiles("AWS_SHARED_CREDENTIALS_FILE", config.DefaultSharedCredentialsFiles)
	var override bytes.Buffer
	for _, profile := range slices.Concat(
		profilesWithLegacyRetries(sharedFiles("AWS_CONFIG_FILE", config.DefaultSharedConfigFiles), "profile"),
		profilesWithLegacyRetries(credentialsFiles, ""),
	) {
		fmt.Fprintf(&override, "[%s]\nretry_mode = %s\n", profile, standardRetries)
	}
	restore = func() {}
	if override.Len() > 0 {
		path, err := temporaryFile(override.Bytes())
		if err != nil {
			return nil, nil, &TargetError{"load AWS configuration: retry_mode = legacy: " + oneline.Escape(err.Error()), "set retry_mode = standard in ~/.aws/config"}
		}
		restore = func() { os.Remove(path) }
		options = append(options, config.WithSharedCredentialsFiles(append(slices.Clone(credentialsFiles), path)))
	}
	if mode := os.Getenv(retryModeVariable); strings.EqualFold(mode, legacyRetries) {
		remove := restore
		restore = func() {
			os.Setenv(retryModeVariable, mode)
			remove()
		}
		os.Setenv(retryModeVariable, standardRetries)
	}
	return options, restore, nil
}

func sharedFiles(variable string, others []string) []string {
	if path := os.Getenv(variable); path != "" {
		return []string{path}
	}
	return others
}

var (
	sectionLine     = regexp.MustCompile(`^\s*\[\s*([^#;]*?)\s*\]`)
	legacyRetryLine = regexp.MustCompile(`(?i)^retry_mode\s*[=:]\s*["']?legacy["']?\s*([#;].*)?$`)
)

// profilesWithLegacyRetries finds the profiles whose retry mode is legacy. In
// ~/.aws/config the sections of all profiles but default begin with a prefix, in
// ~/.aws/credentials none does. What else there is stays the SDK's to judge.
func profilesWithLegacyRetries(paths []string, prefix string) (profiles []string) {
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			continue // the SDK does without it, too
		}
		profile := ""
		for line := range strings.Lines(string(content)) {
			line = strings.TrimRight(line, "\r\n")
			if section := sectionLine.FindStringSubmatch(line); section != nil {
				profile = profileOf(section[1], prefix)
			} else if profile != "" && legacyRetryLine.MatchString(line) {
				profiles = append(profiles, profile)
			}
		}
	}
	return profiles
}

// profileOf returns the profile that a section is about, or "".
func profileOf(section, prefix string) string {
	if section == "default" || prefix == "" {
		return section
	}
	name, _ := strings.CutPrefix(strings.Join(strings.Fields(section), " "), prefix+" ")
	if name == section {
		return "" // another kind of section
	}
	return name
}

func temporaryFile(content []byte) (path string, err error) {
	file, err := os.CreateTemp("", "cognito-confirm-*.ini")
	if err != nil {
		return "", err
	}
	_, err = file.Write(content)
	if err := errors.Join(err, file.Close()); err != nil {
		return "", errors.Join(err, os.Remove(file.Name()))
	}
	return file.Name(), nil
}
