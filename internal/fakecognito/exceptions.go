package fakecognito

import (
	"net/http"
	"slices"
	"strings"
)

// exception is an error of the API. The zero value is none.
type exception struct {
	code, message string
}

// status is the HTTP status that the service answers an exception with.
func (e exception) status() int {
	if e.code == "InternalErrorException" {
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}

func invalidParameter(message string) exception {
	return exception{"InvalidParameterException", message}
}

// isThrottle reports whether an answer with this code (of a [Call]) counts as a
// throttle. LimitExceededException does not, because it is about one user.
func isThrottle(code string) bool {
	return code == "TooManyRequestsException" || code == "ThrottlingException" || code == "429"
}

// isTrigger reports whether the exception comes from the post-confirmation
// trigger, which runs after the confirmation took effect.
func isTrigger(code string) bool {
	return code == "UserLambdaValidationException" || code == "UnexpectedLambdaException" ||
		code == "InvalidLambdaResponseException"
}

// usual returns the exceptions that AdminConfirmSignUp can answer with, and the texts
// that the service sends with them: those in its API model, then those common to all
// AWS services. {pool} stands for the id of the user pool, {region} for its Region.
func usual() []exception {
	return []exception{
		{"InternalErrorException", "Something went wrong"},
		{"InvalidLambdaResponseException", "Unrecognizable lambda output"},
		{"InvalidParameterException", "1 validation error detected: Value at 'username' failed to satisfy constraint: " +
			"Member must satisfy regular expression pattern: " + usernamePattern},
		{"LimitExceededException", "Attempt limit exceeded, please try after some time."},
		// The older wording: the newer one comes with the status of a user.
		{"NotAuthorizedException", "User cannot confirm because user status is not UNCONFIRMED."},
		{"OperationNotEnabledException", "Operation is not enabled for this user pool."},
		{"ResourceNotFoundException", "User pool {pool} does not exist."},
		{"TooManyFailedAttemptsException", "Too many failed attempts."},
		{"TooManyRequestsException", "Rate exceeded"},
		{"UnexpectedLambdaException", "PostConfirmation invocation failed due to error Socket timeout while invoking Lambda function."},
		{"UserLambdaValidationException", "PostConfirmation failed with error Cannot send the welcome mail."},
		{"UserNotFoundException", "User does not exist."},

		{"AccessDeniedException", "User: arn:aws:iam::123456789012:user/bulk is not authorized to perform: " +
			"cognito-idp:AdminConfirmSignUp on resource: arn:aws:cognito-idp:{region}:123456789012:userpool/{pool}" +
			" because no identity-based policy allows the cognito-idp:AdminConfirmSignUp action"},
		{"ExpiredTokenException", "The security token included in the request is expired"},
		{"InvalidSignatureException", "The request signature we calculated does not match the signature you provided. " +
			"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."},
		{"ThrottlingException", "Rate exceeded"},
		{"UnrecognizedClientException", "The security token included in the request is invalid."},
	}
}

// Exceptions returns the names of the exceptions that AdminConfirmSignUp can
// answer with.
func Exceptions() []string {
	var names []string
	for _, e := range usual() {
		names = append(names, e.code)
	}
	return names
}

// usualMessage is the text that the service sends with an exception.
func usualMessage(code, userPoolID string) string {
	known := usual()
	at := slices.IndexFunc(known, func(e exception) bool { return e.code == code })
	if at < 0 {
		return ""
	}
	region := userPoolID[:max(strings.LastIndexByte(userPoolID, '_'), 0)]
	return strings.NewReplacer("{pool}", userPoolID, "{region}", region).Replace(known[at].message)
}
