package worker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// verdict is what an answer means for the row and for the run.
type verdict int

const (
	// confirmed: the service did it.
	confirmed verdict = iota
	// alreadyConfirmed: it was done before this call.
	alreadyConfirmed
	// rowFailed: this user is refused, and will be refused again.
	rowFailed
	// triggerFailed: the pool's Lambda trigger failed; a second call would not run it again.
	triggerFailed
	// throttled: the quota is spent for now.
	throttled
	// passing: the service or the way to it failed; the next attempt may succeed.
	passing
	// fatal: every row would be answered alike.
	fatal
	// fatalIfRepeated: as fatal, but the first time deserves another attempt.
	fatalIfRepeated
)

// The codes of attempts that the service did not answer.
const (
	codeTimeout          = "timeout"
	codeConnection       = "connection"
	codeUnexpectedAnswer = "unexpected_answer"
	codeCredentials      = "credentials"
)

// answer is one attempt's outcome.
type answer struct {
	verdict                  verdict
	code, message, requestID string
	// answered: the service itself spoke, be it to refuse.
	answered bool
	// maybeDone: the attempt may have confirmed the user without our hearing
	// of it, so that a later "Current status is CONFIRMED" is our own doing.
	maybeDone bool
}

// The service's words for a user's status stand at the end of its message. It
// is the only text that is matched: the others differ between services, years
// and emulators.
const statusSuffix = "Current status is "

// classify reads what the SDK returned. The texts in the answer are fit to be
// shown, whoever wrote them.
func classify(out *cognitoidentityprovider.AdminConfirmSignUpOutput, err error) answer {
	a := verdictAndTexts(out, err)
	a.code, a.message, a.requestID = OneLine(a.code), OneLine(a.message), OneLine(a.requestID)
	return a
}

// verdictAndTexts decides on the type of the error and on the code, and on no
// text but the user's status, see statusSuffix.
func verdictAndTexts(out *cognitoidentityprovider.AdminConfirmSignUpOutput, err error) answer {
	if err == nil {
		id, _ := awsmiddleware.GetRequestIDMetadata(out.ResultMetadata)
		return answer{verdict: confirmed, requestID: id, answered: true}
	}
	if unexpected, ok := errors.AsType[*unexpectedAnswerError](err); ok {
		return answer{verdict: passing, code: codeUnexpectedAnswer, message: unexpected.Error(), maybeDone: true}
	}
	if credentials, ok := errors.AsType[*CredentialsError](err); ok {
		return answer{verdict: fatal, code: codeCredentials, message: credentials.Error()}
	}
	// The SDK wraps what was never answered as a response too, with status 0.
	if response, ok := errors.AsType[*awshttp.ResponseError](err); ok && response.HTTPStatusCode() != 0 {
		a := classifyResponse(response)
		a.requestID = response.ServiceRequestID()
		return a
	}
	return classifyUnanswered(err)
}

// classifyResponse is for what came back as HTTP: an exception of the service,
// or something between us and it that speaks HTTP. That says nothing about the
// row: a proxy refuses everybody, until somebody signs in to it.
func classifyResponse(response *awshttp.ResponseError) answer {
	status := response.HTTPStatusCode()
	a := answer{verdict: passing, answered: true, code: fmt.Sprintf("http_%d", status), message: http.StatusText(status)}
	// The SDK's own placeholder for "no code in the answer" tells nobody anything.
	if exception, ok := errors.AsType[smithy.APIError](response.Err); ok && exception.ErrorCode() != "UnknownError" {
		a.code, a.message = exception.ErrorCode(), exception.ErrorMessage()
		a.verdict = verdictOf(a.code, a.message, status)
	} else if status == http.StatusTooManyRequests {
		a.verdict = throttled
	}
	a.maybeDone = a.verdict == passing
	if a.code == codeNotAuthorized {
		a.message = withAdvice(a.message)
	}
	return a
}

const codeNotAuthorized = "NotAuthorizedException"

// verdictOf is the table of answers.
//
// Sources: the errors of
// https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminConfirmSignUp.html
// and its common errors. LimitExceededException is about one user here
// ("Attempt limit exceeded"); the SDK would take it for a throttle.
func verdictOf(code, message string, httpStatus int) verdict {
	switch code {
	case codeNotAuthorized:
		if userStatus(message) == "CONFIRMED" {
			return alreadyConfirmed
		}
		return rowFailed
	case "UserNotFoundException", "LimitExceededException", "TooManyFailedAttemptsException":
		return rowFailed
	case "InvalidParameterException":
		// The name of the refused field is part of the API; only one of them is the row's.
		if strings.Contains(message, "at 'userPoolId'") {
			return fatal
		}
		return rowFailed
	case "UserLambdaValidationException", "UnexpectedLambdaException", "InvalidLambdaResponseException":
		return triggerFailed
	case "TooManyRequestsException", "ThrottlingException", "Throttling", "ThrottledException",
		"RequestThrottledException", "RequestThrottled", "RequestLimitExceeded", "SlowDown":
		return throttled
	case "ResourceNotFoundException", "AccessDeniedException", "AccessDenied", "UnrecognizedClientException",
		"InvalidClientTokenId", "ExpiredTokenException", "ExpiredToken", "MissingAuthenticationTokenException",
		"MissingAuthenticationToken", "OptInRequired", "OperationNotEnabledException", "UnknownOperationException":
		return fatal
	case "InternalErrorException", "RequestTimeoutException", "RequestTimeout", "RequestAbortedException":
		return passing
	case "InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignatureException", "IncompleteSignature",
		"RequestExpired", "RequestTimeTooSkewed":
		// The SDK learns the clock's offset from the first refused answer, so
		// the second attempt is signed with the right time.
		return fatalIfRepeated
	}
	switch {
	case httpStatus == http.StatusTooManyRequests:
		return throttled
	case httpStatus >= 500 || httpStatus == http.StatusRequestTimeout:
		return passing
	}
	return rowFailed
}

// userStatus returns the user's status that a message ends with, or "".
func userStatus(message string) string {
	_, status, _ := strings.Cut(message, statusSuffix)
	return strings.TrimRight(status, ". ")
}

// withAdvice adds what would help with a user of such a status.
func withAdvice(message string) string {
	switch userStatus(message) {
	case "FORCE_CHANGE_PASSWORD":
		return message + "; set a permanent password instead (admin-set-user-password --permanent)"
	case "RESET_REQUIRED":
		return message + "; the user has to reset the password, or set a permanent one (admin-set-user-password --permanent)"
	case "EXTERNAL_PROVIDER":
		return message + "; a federated user signs in through the provider and needs no confirmation"
	}
	return message
}

// classifyUnanswered is for attempts that nobody answered.
func classifyUnanswered(err error) answer {
	a := answer{verdict: passing, code: codeConnection, message: innermost(err), maybeDone: !neverSent(err)}
	var network net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &network) && network.Timeout() {
		a.code, a.message = codeTimeout, "no answer in time"
	}
	return a
}

// neverSent says that there was no connection to send the request on, to the
// service or to the proxy before it.
func neverSent(err error) bool {
	network, ok := errors.AsType[*net.OpError](err)
	return ok && (network.Op == "dial" || network.Op == "proxyconnect")
}

// innermost drops the wrapping of the SDK, which repeats the operation on every row.
func innermost(err error) string {
	if sending, ok := errors.AsType[*smithyhttp.RequestSendError](err); ok {
		return sending.Err.Error()
	}
	return err.Error()
}

// CredentialsError says that a request could not be signed because there were
// no credentials to sign it with, or none that still work. Wrap the provider's
// errors in it: the SDK has no type of its own for them.
type CredentialsError struct{ Err error }

func (e *CredentialsError) Error() string { return "get credentials: " + e.Err.Error() }

// Unwrap returns the provider's error.
func (e *CredentialsError) Unwrap() error { return e.Err }
