package worker_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
)

// Answers that the service has in other words, and those of everything between
// us and it.
func TestAnswers(t *testing.T) {
	const jsonType = "application/x-amz-json-1.1"
	badRequest := func(code, message string) exchange { return refuses(http.StatusBadRequest, code, message) }
	header := func(code string, then exchange) exchange {
		return func(r *http.Request) (*http.Response, error) {
			response, err := then(r)
			response.Header.Set("X-Amzn-Errortype", code)
			return response, err
		}
	}
	reset := &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	unexpected := func(message string) outcome {
		return outcome{status: "failed", code: "unexpected_answer", message: message + ": not an answer of Cognito", attempts: 3}
	}
	failed := func(code, message string) outcome {
		return outcome{status: "failed", code: code, message: message, attempts: 1}
	}
	tried := func(code, message string) outcome {
		return outcome{status: "failed", code: code, message: message, attempts: 3}
	}
	fatal := func(code, message string) outcome { return outcome{code: code, message: message, fatal: true} }
	throttledOnce := outcome{status: "confirmed", attempts: 2, throttled: 1}

	tests := []struct {
		name   string
		answer exchange
		want   outcome
	}{
		{"success", says(200, jsonType, "{}"), outcome{status: "confirmed", attempts: 1}},
		{"success as plain JSON", says(200, "application/json; charset=utf-8", " {\"Extra\": 1}\n"), outcome{status: "confirmed", attempts: 1}},

		{"user pool id refused", badRequest("InvalidParameterException", "1 validation error detected: Value 'x' at 'userPoolId' failed to satisfy constraint: ..."),
			fatal("InvalidParameterException", "1 validation error detected: Value 'x' at 'userPoolId' failed to satisfy constraint: ...")},
		{"status with a full stop", badRequest("NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED."),
			outcome{status: "already_confirmed", code: "NotAuthorizedException", message: "User cannot be confirmed. Current status is CONFIRMED.", attempts: 1}},
		{"another status", badRequest("NotAuthorizedException", "Current status is ARCHIVED"), failed("NotAuthorizedException", "Current status is ARCHIVED")},
		{"a status that is not at the end", badRequest("NotAuthorizedException", "Current status is CONFIRMED by nobody"),
			failed("NotAuthorizedException", "Current status is CONFIRMED by nobody")},
		{"an emulator's missing user", badRequest("NotAuthorizedException", "User not authorized"), failed("NotAuthorizedException", "User not authorized")},
		{"a status in another exception", badRequest("UserNotFoundException", "Current status is CONFIRMED"), failed("UserNotFoundException", "Current status is CONFIRMED")},
		{"unknown exception", badRequest("BrandNewException", "Surprise"), failed("BrandNewException", "Surprise")},
		{"exception without a text", says(400, jsonType, `{"__type":"UserNotFoundException"}`), failed("UserNotFoundException", "")},
		{"code with a namespace", badRequest("com.amazonaws.cognitoidp#UserNotFoundException", "gone"), failed("UserNotFoundException", "gone")},
		{"unknown code with a namespace", badRequest("com.amazonaws.cognitoidp#BrandNewException", "Surprise"), failed("BrandNewException", "Surprise")},
		{"code in the header only", header("UserNotFoundException:http://internal/", says(400, jsonType, `{"message":"gone"}`)), failed("UserNotFoundException", "gone")},
		{"no code", says(400, jsonType, `{"message":"what?"}`), tried("http_400", "Bad Request")},
		{"empty body", says(400, "", ""), tried("http_400", "Bad Request")},
		{"page of a proxy", page(403), tried("http_403", "Forbidden")},
		{"redirect", page(302), tried("http_302", "Found")},
		{"request timeout", page(408), tried("http_408", "Request Timeout")},
		{"request timeout by name", refuses(400, "RequestTimeoutException", "slow"), tried("RequestTimeoutException", "slow")},
		{"unassigned status", page(499), tried("http_499", "")},

		{"plain 429", says(429, "", ""), throttledOnce},
		{"429 with a page", page(429), throttledOnce},
		{"429 with another code", refuses(429, "SlowerPlease", "no"), throttledOnce},
		{"a limit of the user's own with 429", refuses(429, "LimitExceededException", "Attempt limit exceeded"), failed("LimitExceededException", "Attempt limit exceeded")},
		{"throttle with 503", refuses(503, "SlowDown", "Reduce your rate"), throttledOnce},
		{"throttle of the gateway", badRequest("Throttling", "Rate exceeded"), throttledOnce},

		{"500 with a page", page(500), tried("http_500", "Internal Server Error")},
		{"503 with a page", page(503), tried("http_503", "Service Unavailable")},
		{"504 without a body", says(504, "", ""), tried("http_504", "Gateway Timeout")},
		{"503 with an exception", refuses(503, "ServiceUnavailableException", "later"), tried("ServiceUnavailableException", "later")},
		{"internal error with 400", badRequest("InternalErrorException", "oops"), tried("InternalErrorException", "oops")},

		{"empty answer", says(200, jsonType, ""), unexpected("HTTP 200 with a body that is not a JSON object")},
		{"half an answer", says(200, jsonType, `{"a":`), unexpected("HTTP 200 with a body that is not a JSON object")},
		{"two answers", says(200, jsonType, "{}{}"), unexpected("HTTP 200 with a body that is not a JSON object")},
		{"a list", says(200, jsonType, "[]"), unexpected("HTTP 200 with a body that is not a JSON object")},
		{"null", says(200, jsonType, "null"), unexpected("HTTP 200 with a body that is not a JSON object")},
		{"login page", page(200), unexpected(`HTTP 200 with content type "text/html"`)},
		{"JSON that is called HTML", says(200, "text/html", "{}"), unexpected(`HTTP 200 with content type "text/html"`)},
		{"no content type", says(200, "", "{}"), unexpected(`HTTP 200 with content type ""`)},
		{"no content", says(204, "", ""), unexpected("HTTP 204 with a status that is not 200")},
		{"accepted", says(202, jsonType, "{}"), unexpected("HTTP 202 with a status that is not 200")},
		{"transformed by a proxy", says(203, jsonType, "{}"), unexpected("HTTP 203 with a status that is not 200")},

		{"silence", silent, tried("timeout", "no answer in time")},
		{"reset", breaks(reset), tried("connection", "read tcp: read: connection reset by peer")},
		{"refused", breaks(refused), tried("connection", "dial tcp: connect: connection refused")},
		{"closed", breaks(io.EOF), tried("connection", "EOF")},
		{"unknown host", breaks(&net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "cognito.test", IsNotFound: true}}),
			tried("connection", "dial tcp: lookup cognito.test: no such host")},

		{"text from outside", badRequest("Odd\u202eCode\n", "line\r\nbreak \x1b[31m\u200b"), failed(`Odd\u202eCode\n`, `line\r\nbreak \x1b[31m\u200b`)},
		{"fatal text from outside", badRequest("AccessDeniedException", "no\x07"), fatal("AccessDeniedException", `no\a`)},
		{"error from outside", breaks(errors.New("bad\nnews")), tried("connection", `bad\nnews`)},
		{"long text", badRequest("UserNotFoundException", strings.Repeat("é", 1001)), failed("UserNotFoundException", strings.Repeat("é", 1000)+"…")},
	}
	for _, code := range []string{"AccessDenied", "InvalidClientTokenId", "ExpiredToken", "MissingAuthenticationTokenException",
		"MissingAuthenticationToken", "OptInRequired", "UnknownOperationException"} {
		tests = append(tests, struct {
			name   string
			answer exchange
			want   outcome
		}{code, badRequest(code, "no"), fatal(code, "no")})
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				answers := []exchange{test.answer}
				if test.want.attempts == 3 { // to the last attempt
					answers = slices.Repeat(answers, 3)
				}
				test.want.check(t, scripted(answers...))
			})
		})
	}
}
