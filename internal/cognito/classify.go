package cognito

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"syscall"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"cognito-confirm/internal/codes"
	"cognito-confirm/internal/oneline"
	"cognito-confirm/worker"
)

// classify turns an error of the SDK into what it means. The username only keeps
// its own text from being read as a status; sent is the attempt's.
func classify(err error, username string, sent bool) worker.Answer {
	a := answerOf(err, username, sent)
	a.Code, a.Message, a.RequestID = oneline.Escape(a.Code), oneline.Escape(a.Message), oneline.Escape(a.RequestID)
	a.Cause = oneline.Escape(causeOf(err, a))
	return a
}

// causeOf returns what of a message is the word of this program or this machine.
func causeOf(err error, a worker.Answer) string {
	number, isOfSystem := errors.AsType[syscall.Errno](err)
	known, _ := meaningOf(a.Code)
	switch {
	case known.cause != "":
		return known.cause
	case a.Code == codeUnexpectedAnswer:
		return "an answer that is not the service's"
	case strings.HasPrefix(a.Code, "http_"):
		return "HTTP " + strings.TrimPrefix(a.Code, "http_")
	case a.Code == codeTimeout, a.Code == codeCredentials, a.Verdict == worker.Exhausted:
		return a.Message
	case a.Answered:
		return ""
	case isOfSystem:
		return number.Error()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed"
	}
	return ""
}

// answerOf decides by the type of the error and then by the code. Its texts are
// as they came.
func answerOf(err error, username string, sent bool) worker.Answer {
	// What this machine has too little of comes first: it can be wrapped in
	// anything, and tells nothing about what it is wrapped in.
	if code := exhaustion(err, sent); code != "" {
		return worker.Answer{Verdict: worker.Exhausted, Code: code, Message: innermost(err)}
	}
	if unexpected, ok := errors.AsType[*unexpectedAnswerError](err); ok {
		return unexpectedAnswer(unexpected)
	}
	if credentials, ok := errors.AsType[*CredentialsError](err); ok {
		return worker.Answer{Verdict: worker.Transient, Code: codeCredentials, Message: credentials.Error()}
	}
	// The SDK wraps what was never answered as a response too, with status 0.
	if response, ok := errors.AsType[*awshttp.ResponseError](err); ok && response.HTTPStatusCode() != 0 {
		return answerOfResponse(response, username)
	}
	return answerOfSilence(err, sent)
}

func unexpectedAnswer(err *unexpectedAnswerError) worker.Answer {
	return worker.Answer{Verdict: worker.Transient, Code: codeUnexpectedAnswer, Message: err.Error(), MaybeDone: true}
}

// answerOfResponse is for what came back as HTTP: an exception of the service,
// or the answer of something in between, which knows nothing of the row.
func answerOfResponse(response *awshttp.ResponseError, username string) worker.Answer {
	status := response.HTTPStatusCode()
	if status == http.StatusOK { // the SDK could not read it
		return unexpectedAnswer(&unexpectedAnswerError{status, errors.New("a value of another kind")})
	}
	// UnknownError is the SDK's own word for an answer without a code.
	if exception, ok := errors.AsType[smithy.APIError](response.Err); ok && exception.ErrorCode() != "UnknownError" {
		a := answerOfException(exception.ErrorCode(), exception.ErrorMessage(), status, username)
		a.RequestID = response.ServiceRequestID()
		return a
	}
	a := worker.Answer{
		Verdict: worker.Transient, Code: fmt.Sprintf("http_%d", status), Message: http.StatusText(status),
		RequestID: response.ServiceRequestID(), Answered: true, MaybeDone: true,
	}
	switch status {
	case http.StatusTooManyRequests:
		a.Verdict, a.MaybeDone = worker.Throttled, false
	case http.StatusProxyAuthRequired:
		a.Verdict, a.Code, a.MaybeDone = worker.Misconfigured, codeProxyAuthentication, false
	}
	return a
}

// exceptionName matches the names that services give to their exceptions.
var exceptionName = regexp.MustCompile(`^[A-Za-z0-9_.]{1,100}$`)

// answerOfException looks an exception up in the tables. The code is shown where
// messages are not, so that one which is not on the list is for the report alone. It
// must not be one of this program's own codes there, which mean other things.
func answerOfException(code, message string, httpStatus int, username string) worker.Answer {
	a := worker.Answer{Code: code, Message: message, Answered: true, InProtocol: true}
	switch {
	case codes.IsException(code):
	case codes.Shown(code) == codes.Unknown && exceptionName.MatchString(code):
		a.Code, a.Exception = codes.Unknown, code
	default:
		a.Code, a.Message = codes.Unknown, code+": "+message
	}
	known, ok := meaningOf(a.Code)
	if !ok {
		known.verdict = verdictOfStatus(httpStatus)
	}
	a.Verdict = known.verdict
	if a.Code == codeNotAuthorized {
		a.UserStatus = userStatus(message, username)
	}
	if status, ok := userStatuses[a.UserStatus]; ok {
		a.Verdict = status.verdict
		if status.advice != "" {
			a.Message += "; " + status.advice
		}
	}
	a.MaybeDone = a.Verdict == worker.Transient
	return a
}

// verdictOfStatus is for exceptions that the table does not know.
func verdictOfStatus(httpStatus int) worker.Verdict {
	switch {
	case httpStatus == http.StatusTooManyRequests:
		return worker.Throttled
	case httpStatus >= 500 || httpStatus == http.StatusRequestTimeout:
		return worker.Transient
	}
	return worker.Refused
}

// statusAtEnd matches the user's status that the message of a
// NotAuthorizedException ends with.
var statusAtEnd = regexp.MustCompile(`\bCurrent status is ([A-Z][A-Z_]{0,49})[. ]*$`)

// NamesStatus reports whether a text may name the status of a user, a known one or not.
func NamesStatus(text string) bool { return strings.Contains(text, "Current status is") }

// userStatus returns the user's status as the message has it, or "" where it has
// none that the API knows.
func userStatus(message, username string) string {
	found := statusAtEnd.FindStringSubmatch(message)
	if found == nil || NamesStatus(username) {
		return ""
	}
	return codes.ShownStatus(found[1])
}
