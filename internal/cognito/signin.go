package cognito

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"cognito-confirm/internal/codes"
	"cognito-confirm/internal/oneline"
)

// CredentialsError means that there are no credentials to sign a request with, or
// that all of them have ended.
type CredentialsError struct {
	// Err is the error of the source of the credentials. There may be anything
	// in its text, secrets too.
	Err error

	source source
}

// newCredentialsError keeps with the error where the provider looks.
func newCredentialsError(err error, provider aws.CredentialsProvider) *CredentialsError {
	e := &CredentialsError{Err: err}
	if chain, ok := provider.(aws.CredentialProviderSource); ok {
		e.source = sourceOf(chain.ProviderSources())
	}
	return e
}

// Error returns one line that tells where credentials were looked for and how it
// failed, in words of this program: the source's own stay in Err.
func (e *CredentialsError) Error() string {
	if e.source == unknownSource {
		return "get credentials: " + oneline.Escape(e.cause())
	}
	return "get credentials: " + string(e.source) + ": " + oneline.Escape(e.cause())
}

// Unwrap returns the source's error.
func (e *CredentialsError) Unwrap() error { return e.Err }

// Hint is one sentence on what to do to get credentials for the target.
func (e *CredentialsError) Hint(t Target) string {
	switch e.source {
	case ssoSource:
		return "sign in with aws sso login" + t.profileOption()
	case loginSource:
		return "sign in with aws login" + t.profileOption()
	case processSource:
		return "look at credential_process in ~/.aws/config: run that command, and see what it answers"
	case containerSource:
		return "look at the role of the task or pod, and at AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and AWS_CONTAINER_CREDENTIALS_FULL_URI"
	case webIdentitySource:
		return "look at the role of the pod or job, at AWS_ROLE_ARN and at AWS_WEB_IDENTITY_TOKEN_FILE"
	}
	return Advice(codeCredentials, t)
}

// cause tells how the source failed, without its text.
func (e *CredentialsError) cause() string {
	err := e.Err
	if target, ok := errors.AsType[*TargetError](err); ok {
		return target.Message
	}
	if _, ok := errors.AsType[*ssocreds.InvalidTokenError](err); ok {
		return "the session has expired, or there is none"
	}
	if exception, ok := errors.AsType[smithy.APIError](err); ok && codes.IsException(exception.ErrorCode()) {
		return exception.ErrorCode()
	}
	if response, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && response.HTTPStatusCode() != 0 {
		return fmt.Sprintf("HTTP %d", response.HTTPStatusCode())
	}
	if process, ok := errors.AsType[*exec.ExitError](err); ok {
		return process.Error()
	}
	if file, ok := errors.AsType[*fs.PathError](err); ok {
		return file.Error()
	}
	if _, ok := errors.AsType[*processcreds.ProviderError](err); ok {
		return "what it answers cannot be used"
	}
	if network := networkCause(err); network != "" {
		return network
	}
	if e.source == unknownSource || e.source == instanceSource {
		return "there are none"
	}
	return "it gives none"
}

// networkCause tells how the way to the source failed, or "".
func networkCause(err error) string {
	if network, ok := errors.AsType[net.Error](err); ok && network.Timeout() {
		return "no answer in time"
	}
	if errors.Is(err, context.Canceled) {
		return "interrupted"
	}
	if number, ok := errors.AsType[syscall.Errno](err); ok {
		return number.Error()
	}
	if _, ok := errors.AsType[*net.DNSError](err); ok {
		return "the name of the host cannot be resolved"
	}
	if certificateProblem(err) != "" {
		return "the certificate cannot be verified"
	}
	return ""
}

// source is where credentials come from, in words.
type source string

const (
	unknownSource     source = ""
	ssoSource         source = "SSO session"
	loginSource       source = "login session"
	processSource     source = "credential_process"
	containerSource   source = "container endpoint"
	webIdentitySource source = "web identity"
	instanceSource    source = "instance role"
)

// sourceOf returns where a chain of the SDK begins: what a person has to look at
// when a role is assumed with the credentials of something else.
func sourceOf(chain []aws.CredentialSource) source {
	has := func(any ...aws.CredentialSource) bool {
		return slices.ContainsFunc(chain, func(s aws.CredentialSource) bool { return slices.Contains(any, s) })
	}
	switch {
	case has(aws.CredentialSourceSSO, aws.CredentialSourceSSOLegacy, aws.CredentialSourceProfileSSO, aws.CredentialSourceProfileSSOLegacy):
		return ssoSource
	case has(aws.CredentialSourceLogin, aws.CredentialSourceProfileLogin):
		return loginSource
	case has(aws.CredentialSourceProcess, aws.CredentialSourceProfileProcess):
		return processSource
	case has(aws.CredentialSourceHTTP):
		return containerSource
	case has(aws.CredentialSourceProfileSTSWebIDToken, aws.CredentialSourceEnvVarsSTSWebIDToken, aws.CredentialSourceSTSAssumeRoleWebID):
		return webIdentitySource
	case has(aws.CredentialSourceIMDS):
		return instanceSource
	}
	return unknownSource
}

// checkKeys returns a [*TargetError] for credentials with a character that the
// service's never have, and that comes of copying them.
func checkKeys(c aws.Credentials) error {
	for _, part := range []struct{ name, variable, value string }{
		{"access key id", "AWS_ACCESS_KEY_ID", c.AccessKeyID},
		{"secret access key", "AWS_SECRET_ACCESS_KEY", c.SecretAccessKey},
		{"session token", "AWS_SESSION_TOKEN", c.SessionToken},
	} {
		for _, r := range part.value {
			if foreign := foreignInKey(r); foreign != "" {
				return &TargetError{
					fmt.Sprintf("the %s has %s in it", part.name, foreign),
					fmt.Sprintf("copy it again, to %s or to where %s comes from", part.variable, strings.ToLower(part.variable)),
				}
			}
		}
	}
	return nil
}

func foreignInKey(r rune) string {
	switch {
	case r == '\n' || r == '\r':
		return "a line break"
	case r == ' ' || r == '\t':
		return "a space"
	case r == '"' || r == '\'':
		return "a quotation mark"
	case r < ' ' || r == 0x7f:
		return "a control character"
	case r > '~':
		return "a character that is not ASCII"
	}
	return ""
}

var plainArgument = regexp.MustCompile(`^[\w.,:/@%+=-]+$`)

// profileOption returns the option of the AWS CLI that names the profile, with a
// space before it. Without one of ours the CLI finds it where we do.
func (t Target) profileOption() string {
	if t.Profile == "" {
		return ""
	}
	profile := oneline.Escape(t.Profile)
	if !plainArgument.MatchString(profile) {
		profile = "'" + strings.ReplaceAll(profile, "'", `'\''`) + "'"
	}
	return " --profile " + profile
}
