package cognito

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/worker"
)

// done is the answer to a call that went through.
var done = worker.Answer{Verdict: worker.Done, Answered: true}

func refused(code, message string) worker.Answer {
	return worker.Answer{Verdict: worker.Refused, Code: code, Message: message, Answered: true}
}

// as is an answer whose exception has a name that is not shown.
func as(exception string, a worker.Answer) worker.Answer {
	a.Exception = exception
	return a
}

func fatal(code, message string) worker.Answer {
	return worker.Answer{Verdict: worker.Fatal, Code: code, Message: message, Answered: true}
}

func throttled(code, message string) worker.Answer {
	return worker.Answer{Verdict: worker.Throttled, Code: code, Message: message, Answered: true}
}

// transient is an answer that leaves open whether the user was confirmed.
func transient(code, message string) worker.Answer {
	return worker.Answer{Verdict: worker.Transient, Code: code, Message: message, Answered: true, MaybeDone: true}
}

// lost is for an answer that never came.
func lost(code, message string) worker.Answer {
	return worker.Answer{Verdict: worker.Transient, Code: code, Message: message, MaybeDone: true}
}

func unexpected(what string) worker.Answer {
	return lost("unexpected_answer", what+": not an answer of Cognito")
}

func unsent(code, message string) worker.Answer {
	return worker.Answer{Verdict: worker.Transient, Code: code, Message: message}
}

// Every exception of the API, as the service words it. TestEveryCode has the
// verdicts; here they go through the whole protocol.
func TestExceptions(t *testing.T) {
	tests := map[string]string{
		"InternalErrorException":         "Something went wrong",
		"InvalidLambdaResponseException": "Unrecognizable lambda output",
		"InvalidParameterException":      `1 validation error detected: Value at 'username' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+`,
		"LimitExceededException":         "Attempt limit exceeded, please try after some time.",
		"NotAuthorizedException":         "User cannot confirm because user status is not UNCONFIRMED.",
		"OperationNotEnabledException":   "Operation is not enabled for this user pool.",
		"ResourceNotFoundException":      "User pool " + examplePool + " does not exist.",
		"TooManyFailedAttemptsException": "Too many failed attempts.",
		"TooManyRequestsException":       "Rate exceeded",
		"UnexpectedLambdaException":      "PostConfirmation invocation failed due to error Socket timeout while invoking Lambda function.",
		"UserLambdaValidationException":  "PostConfirmation failed with error Cannot send the welcome mail.",
		"UserNotFoundException":          "User does not exist.",

		"AccessDeniedException": "User: arn:aws:iam::123456789012:user/bulk is not authorized to perform: cognito-idp:AdminConfirmSignUp on resource: " +
			"arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_Example12 " +
			"because no identity-based policy allows the cognito-idp:AdminConfirmSignUp action",
		"ExpiredTokenException": "The security token included in the request is expired",
		"InvalidSignatureException": "The request signature we calculated does not match the signature you provided. " +
			"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
		"ThrottlingException":         "Rate exceeded",
		"UnrecognizedClientException": "The security token included in the request is invalid.",
	}
	for _, code := range fakecognito.Exceptions() {
		if _, ok := tests[code]; !ok {
			t.Errorf("%s has no test", code)
		}
	}
	for code, message := range tests {
		t.Run(code, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				service := standIn(fakecognito.Unconfirmed, fakecognito.Fault{Code: code})
				known, _ := meaningOf(code)
				got := confirmOver(t, service)
				wantAnswer(t, got, worker.Answer{Verdict: known.verdict, Code: code, Message: message, Answered: true, MaybeDone: known.verdict == worker.Transient})
				if calls := service.Calls(); len(calls) != 1 || got.RequestID != calls[0].RequestID || got.RequestID == "" {
					t.Errorf("request id %q, want that of the one call in %+v", got.RequestID, calls)
				}
			})
		})
	}
}

func TestUserStatuses(t *testing.T) {
	const said = "User cannot be confirmed. Current status is "
	notAuthorized := func(message string) worker.Answer { return refused("NotAuthorizedException", said+message) }
	tests := map[fakecognito.Status]worker.Answer{
		fakecognito.Unconfirmed:         done,
		fakecognito.Confirmed:           {Verdict: worker.AlreadyDone, Code: "NotAuthorizedException", Message: said + "CONFIRMED", Answered: true},
		fakecognito.ForceChangePassword: notAuthorized("FORCE_CHANGE_PASSWORD; set a permanent password instead (admin-set-user-password --permanent)"),
		fakecognito.ResetRequired:       notAuthorized("RESET_REQUIRED; the user has to reset the password, or set a permanent one (admin-set-user-password --permanent)"),
		fakecognito.ExternalProvider:    notAuthorized("EXTERNAL_PROVIDER; a federated user signs in through the provider and needs no confirmation"),
	}
	for status, want := range tests {
		t.Run(status.String(), func(t *testing.T) {
			service := standIn(status)
			got := confirmOver(t, service)
			if status != fakecognito.Unconfirmed {
				want.UserStatus = status.String()
			}
			wantAnswer(t, got, want)
			if got.RequestID != service.Calls()[0].RequestID || got.RequestID == "" {
				t.Errorf("request id %q, want %q", got.RequestID, service.Calls()[0].RequestID)
			}
		})
	}
}

// Answers that the service words in other ways, and those of everything between
// it and us.
func TestAnswers(t *testing.T) {
	badRequest := func(code, message string) exchange { return refuses(http.StatusBadRequest, code, message) }
	broken := func(op string, cause error) exchange {
		return breaks(&net.OpError{Op: op, Net: "tcp", Err: cause})
	}
	connectionRefused := os.NewSyscallError("connect", syscall.ECONNREFUSED)
	tests := []struct {
		name   string
		answer exchange
		want   worker.Answer
	}{
		{"success", says(200, jsonType, "{}"), done},
		{"success as plain JSON", says(200, "application/json; charset=utf-8", " { }\n"), done},
		{"an echo of the request", says(200, jsonType, `{"UserPoolId":"us-east-1_Example12","Username":"ann"}`), unexpected("HTTP 200 with a body that is not {}")},
		{"an object with a member", says(200, jsonType, `{"":""}`), unexpected("HTTP 200 with a body that is not {}")},
		{"a success with the header of an error", says(200, jsonType, "{}").with("x-amzn-errortype", "UserNotFoundException"),
			unexpected("HTTP 200 with the header of an error")},

		{"user pool id refused", badRequest("InvalidParameterException", "1 validation error detected: Value 'x' at 'userPoolId' failed to satisfy constraint: ..."),
			fatal("InvalidParameterException", "1 validation error detected: Value 'x' at 'userPoolId' failed to satisfy constraint: ...")},
		{"user pool id in another exception", badRequest("UserNotFoundException", "at 'userPoolId'"), refused("UserNotFoundException", "at 'userPoolId'")},
		{"status with a full stop", badRequest("NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED."),
			worker.Answer{UserStatus: "CONFIRMED", Verdict: worker.AlreadyDone, Code: "NotAuthorizedException", Message: "User cannot be confirmed. Current status is CONFIRMED.", Answered: true}},
		{"another status", badRequest("NotAuthorizedException", "Current status is ARCHIVED"),
			worker.Answer{Verdict: worker.Refused, Code: "NotAuthorizedException", Message: "Current status is ARCHIVED", UserStatus: "ARCHIVED", Answered: true}},
		{"a status that is not at the end", badRequest("NotAuthorizedException", "Current status is CONFIRMED by nobody"),
			refused("NotAuthorizedException", "Current status is CONFIRMED by nobody")},
		{"an emulator's missing user", badRequest("NotAuthorizedException", "User not authorized"), refused("NotAuthorizedException", "User not authorized")},
		{"a status in another exception", badRequest("UserNotFoundException", "Current status is CONFIRMED"), refused("UserNotFoundException", "Current status is CONFIRMED")},
		{"advice in another exception", badRequest("UserNotFoundException", "Current status is RESET_REQUIRED"), refused("UserNotFoundException", "Current status is RESET_REQUIRED")},
		{"unknown exception", badRequest("BrandNewException", "Surprise"), as("BrandNewException", refused("unknown_code", "Surprise"))},
		{"exception without a text", says(400, jsonType, `{"__type":"UserNotFoundException"}`), refused("UserNotFoundException", "")},
		{"code with a namespace", badRequest("com.amazonaws.cognitoidp#UserNotFoundException", "gone"), refused("UserNotFoundException", "gone")},
		{"unknown code with a namespace", badRequest("com.amazonaws.cognitoidp#BrandNewException", "Surprise"), as("BrandNewException", refused("unknown_code", "Surprise"))},
		{"code in the header only", says(400, jsonType, `{"message":"gone"}`).with("X-Amzn-Errortype", "UserNotFoundException:http://internal/"),
			refused("UserNotFoundException", "gone")},
		{"no code", says(400, jsonType, `{"message":"what?"}`), transient("http_400", "Bad Request")},
		{"empty body", says(400, "", ""), transient("http_400", "Bad Request")},
		{"page of a proxy", page(403), transient("http_403", "Forbidden")},
		{"redirect", page(302), transient("http_302", "Found")},
		{"request timeout", page(408), transient("http_408", "Request Timeout")},
		{"unknown request timeout", refuses(408, "BrandNewException", "slow"), as("BrandNewException", transient("unknown_code", "slow"))},
		{"unassigned status", page(499), transient("http_499", "")},

		{"plain 429", says(429, "", ""), throttled("http_429", "Too Many Requests")},
		{"429 with a page", page(429), throttled("http_429", "Too Many Requests")},
		{"429 with another code", refuses(429, "SlowerPlease", "no"), as("SlowerPlease", throttled("unknown_code", "no"))},
		{"a limit of the user's own with 429", refuses(429, "LimitExceededException", "Attempt limit exceeded"), refused("LimitExceededException", "Attempt limit exceeded")},
		{"throttle with 503", refuses(503, "SlowDown", "Reduce your rate"), throttled("SlowDown", "Reduce your rate")},

		{"500 with a page", page(500), transient("http_500", "Internal Server Error")},
		{"503 with a page", page(503), transient("http_503", "Service Unavailable")},
		{"504 without a body", says(504, "", ""), transient("http_504", "Gateway Timeout")},
		{"unknown exception with 499", refuses(499, "BrandNewException", "no"), as("BrandNewException", refused("unknown_code", "no"))},
		{"unknown exception with 500", refuses(500, "BrandNewException", "later"), as("BrandNewException", transient("unknown_code", "later"))},
		{"unknown exception with 503", refuses(503, "ServiceUnavailableException", "later"), transient("ServiceUnavailableException", "later")},
		{"fatal with 500", refuses(500, "AccessDeniedException", "no"), fatal("AccessDeniedException", "no")},

		{"empty answer", says(200, jsonType, ""), unexpected("HTTP 200 with a body that is not {}")},
		{"half an answer", says(200, jsonType, `{"a":`), unexpected("HTTP 200 with a body that is not {}")},
		{"two answers", says(200, jsonType, "{}{}"), unexpected("HTTP 200 with a body that is not {}")},
		{"a list", says(200, jsonType, "[]"), unexpected("HTTP 200 with a body that is not {}")},
		{"null", says(200, jsonType, "null"), unexpected("HTTP 200 with a body that is not {}")},
		{"login page", page(200), unexpected(`HTTP 200 with content type "text/html"`)},
		{"JSON that is called HTML", says(200, "text/html", "{}"), unexpected(`HTTP 200 with content type "text/html"`)},
		{"no content type", says(200, "", "{}"), unexpected(`HTTP 200 with content type ""`)},
		{"no content", says(204, "", ""), unexpected("HTTP 204 with a status that is not 200")},
		{"accepted", says(202, jsonType, "{}"), unexpected("HTTP 202 with a status that is not 200")},
		{"transformed by a proxy", says(203, jsonType, "{}"), unexpected("HTTP 203 with a status that is not 200")},

		{"silence", silent, lost("timeout", "no answer in time")},
		{"reset", broken("read", os.NewSyscallError("read", syscall.ECONNRESET)), lost("connection", "read tcp: read: connection reset by peer")},
		{"broken pipe", broken("write", os.NewSyscallError("write", syscall.EPIPE)), lost("connection", "write tcp: write: broken pipe")},
		{"closed", breaks(io.EOF), lost("connection", "EOF")},
		{"refused", broken("dial", connectionRefused), unsent("connection", "dial tcp: connect: connection refused")},
		{"refused by proxy", broken("proxyconnect", &net.OpError{Op: "dial", Net: "tcp", Err: connectionRefused}),
			unsent("connection", "proxyconnect tcp: dial tcp: connect: connection refused")},
		{"dial timeout", broken("dial", os.ErrDeadlineExceeded), unsent("timeout", "no answer in time")},
		{"unknown host", broken("dial", &net.DNSError{Err: "no such host", Name: "cognito.test", IsNotFound: true}),
			worker.Answer{Verdict: worker.Misconfigured, Code: "unknown_host", Message: "dial tcp: lookup cognito.test: no such host"}},
		{"a resolver that is down", broken("dial", &net.DNSError{Err: "server misbehaving", Name: "cognito.test", IsTemporary: true}),
			unsent("connection", "dial tcp: lookup cognito.test: server misbehaving")},
		{"no descriptors", broken("dial", os.NewSyscallError("socket", syscall.EMFILE)),
			worker.Answer{Verdict: worker.Exhausted, Code: "no_descriptors", Message: "dial tcp: socket: too many open files"}},
		{"no descriptors for the resolver", broken("dial", &net.DNSError{Err: "dial udp 127.0.0.1:53: socket: too many open files", Name: "cognito.test"}),
			worker.Answer{Verdict: worker.Exhausted, Code: "no_descriptors", Message: "dial tcp: lookup cognito.test: dial udp 127.0.0.1:53: socket: too many open files"}},
		{"no ports", broken("dial", os.NewSyscallError("connect", syscall.EADDRNOTAVAIL)),
			worker.Answer{Verdict: worker.Exhausted, Code: "no_ports", Message: "dial tcp: connect: cannot assign requested address"}},

		{"text from outside", badRequest("Odd\u202eCode\n", "line\r\nbreak \x1b[31m\u200b"), refused("unknown_code", `Odd\u202eCode\n: line\r\nbreak \x1b[31m\u200b`)},
		{"fatal text from outside", badRequest("AccessDeniedException", "no\x07"), fatal("AccessDeniedException", `no\a`)},
		{"error from outside", breaks(errors.New("bad\nnews")), lost("connection", `bad\nnews`)},
		{"long text", badRequest("UserNotFoundException", strings.Repeat("é", 1001)), refused("UserNotFoundException", strings.Repeat("é", 1000)+"…")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				wantAnswer(t, confirmOver(t, test.answer), test.want)
			})
		})
	}
}

// The request id is text from outside like the others.
func TestRequestID(t *testing.T) {
	for _, answer := range []exchange{says(http.StatusOK, jsonType, "{}"), refuses(http.StatusBadRequest, "UserNotFoundException", "gone"), page(http.StatusBadGateway)} {
		if got := confirmOver(t, answer.with("X-Amzn-Requestid", "id\x1b[2J")).RequestID; got != `id\x1b[2J` {
			t.Errorf("request id %q", got)
		}
	}
}

// An answer is cut off, or lost, at every point at which the stand-in can lose one.
func TestLostAnswers(t *testing.T) {
	tests := []struct {
		fault fakecognito.Fault
		want  worker.Answer
	}{
		{fakecognito.Fault{Kind: fakecognito.FaultReset}, lost("connection", "read tcp: read: connection reset by peer")},
		{fakecognito.Fault{Kind: fakecognito.FaultTruncated}, lost("connection", "read answer: unexpected EOF")},
		{fakecognito.Fault{Kind: fakecognito.FaultHang}, lost("timeout", "no answer in time")},
		{fakecognito.Fault{Kind: fakecognito.FaultSlow, Delay: 2 * time.Second}, lost("timeout", "no answer in time")},
		{fakecognito.Fault{Kind: fakecognito.FaultHTTP, Code: "502"}, transient("http_502", "Bad Gateway")},
		{fakecognito.Fault{Kind: fakecognito.FaultHTTP, Code: "200"}, unexpected(`HTTP 200 with content type "text/html"`)},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.want.Code, test.fault.Kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				wantAnswer(t, confirmOver(t, standIn(fakecognito.Unconfirmed, test.fault)), test.want)
			})
		})
	}
}

// A signature is refused when the clock is wrong. The second attempt is signed
// with the service's time, whoever makes it.
func TestClockOffset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const ahead = 37 * time.Minute
		start := time.Now()
		service := &wiretap{answer: refuses(http.StatusBadRequest, "InvalidSignatureException", "Signature expired").
			with("Date", start.Add(ahead).UTC().Format(http.TimeFormat))}
		client := prepare(plainClient(service))
		for _, want := range []time.Time{start, start.Add(ahead)} {
			wantAnswer(t, confirm(t, client), worker.Answer{Verdict: worker.FatalIfRepeated, Code: "InvalidSignatureException", Message: "Signature expired", Answered: true})
			if got := service.requests[len(service.requests)-1].header.Get("X-Amz-Date"); got != want.UTC().Format("20060102T150405Z") {
				t.Errorf("attempt %d is signed for %s, want %s", len(service.requests), got, want)
			}
		}
	})
}
