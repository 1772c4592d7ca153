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

// knownException reports whether AdminConfirmSignUp can answer with the exception.
func knownException(code string) bool {
	return slices.Contains(Exceptions(), code)
}

// Exceptions returns the names of the exceptions that AdminConfirmSignUp can
// answer with: those in its API model, then those common to all AWS services.
func Exceptions() []string {
	return []string{
		"InternalErrorException",
		"InvalidLambdaResponseException",
		"InvalidParameterException",
		"LimitExceededException",
		"NotAuthorizedException",
		"OperationNotEnabledException",
		"ResourceNotFoundException",
		"TooManyFailedAttemptsException",
		"TooManyRequestsException",
		"UnexpectedLambdaException",
		"UserLambdaValidationException",
		"UserNotFoundException",

		"AccessDeniedException",
		"ExpiredTokenException",
		"InvalidSignatureException",
		"ThrottlingException",
		"UnrecognizedClientException",
	}
}

// usualMessage is the text that the service sends with an exception.
func usualMessage(code, userPoolID string) string {
	switch code {
	case "InternalErrorException":
		return "Something went wrong"
	case "InvalidLambdaResponseException":
		return "Unrecognizable lambda output"
	case "InvalidParameterException":
		return "1 validation error detected: Value at 'username' failed to satisfy constraint: " +
			"Member must satisfy regular expression pattern: " + usernamePattern
	case "LimitExceededException":
		return "Attempt limit exceeded, please try after some time."
	case "NotAuthorizedException":
		// The older wording: the newer one comes with the status of a user.
		return "User cannot confirm because user status is not UNCONFIRMED."
	case "OperationNotEnabledException":
		return "Operation is not enabled for this user pool."
	case "ResourceNotFoundException":
		return "User pool " + userPoolID + " does not exist."
	case "TooManyFailedAttemptsException":
		return "Too many failed attempts."
	case "TooManyRequestsException", "ThrottlingException":
		return "Rate exceeded"
	case "UnexpectedLambdaException":
		return "PostConfirmation invocation failed due to error Socket timeout while invoking Lambda function."
	case "UserLambdaValidationException":
		return "PostConfirmation failed with error Cannot send the welcome mail."
	case "UserNotFoundException":
		return "User does not exist."
	case "AccessDeniedException":
		region := userPoolID[:max(strings.LastIndexByte(userPoolID, '_'), 0)]
		return "User: arn:aws:iam::123456789012:user/bulk is not authorized to perform: " +
			"cognito-idp:AdminConfirmSignUp on resource: arn:aws:cognito-idp:" + region +
			":123456789012:userpool/" + userPoolID +
			" because no identity-based policy allows the cognito-idp:AdminConfirmSignUp action"
	case "ExpiredTokenException":
		return "The security token included in the request is expired"
	case "InvalidSignatureException":
		return "The request signature we calculated does not match the signature you provided. " +
			"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
	case "UnrecognizedClientException":
		return "The security token included in the request is invalid."
	}
	return ""
}
