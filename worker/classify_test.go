package worker_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/worker"
)

// outcome is what a row's answers come to. A fatal one ends the run and leaves
// the row without a result.
type outcome struct {
	status              worker.Status
	code, message       string
	attempts, throttled int
	fatal               bool
}

// check runs a row against a transport and compares. Failed attempts are tried
// three times, a fixed time apart.
func (want outcome) check(t *testing.T, transport http.RoundTripper) {
	t.Helper()
	result, err := confirmAnn(t, transport, worker.Options{
		MaxAttempts: 3, Timeout: time.Second,
		Jitter: func(time.Duration) time.Duration { return time.Millisecond },
	})
	if want.fatal {
		wantFatal(t, err, want.code, want.message)
		if result.Status != "" {
			t.Errorf("the row has a result: %+v", result)
		}
		return
	}
	if err != nil {
		t.Errorf("the run ended with %v", err)
	}
	got := outcome{result.Status, result.Code, result.Message, result.Attempts, result.Throttled, false}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// Every exception of the API, as the service words it.
func TestExceptions(t *testing.T) {
	tests := map[string]outcome{
		"InternalErrorException":         {status: "failed", message: "Something went wrong", attempts: 3},
		"InvalidLambdaResponseException": {status: "trigger_failed", message: "Unrecognizable lambda output", attempts: 1},
		"InvalidParameterException": {status: "failed", attempts: 1,
			message: `1 validation error detected: Value at 'username' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+`},
		"LimitExceededException":         {status: "failed", message: "Attempt limit exceeded, please try after some time.", attempts: 1},
		"NotAuthorizedException":         {status: "failed", message: "User cannot confirm because user status is not UNCONFIRMED.", attempts: 1},
		"OperationNotEnabledException":   {fatal: true, message: "Operation is not enabled for this user pool.", attempts: 1},
		"ResourceNotFoundException":      {fatal: true, message: "User pool " + examplePool + " does not exist.", attempts: 1},
		"TooManyFailedAttemptsException": {status: "failed", message: "Too many failed attempts.", attempts: 1},
		"TooManyRequestsException":       {status: "confirmed", attempts: 5, throttled: 4},
		"UnexpectedLambdaException": {status: "trigger_failed", attempts: 1,
			message: "PostConfirmation invocation failed due to error Socket timeout while invoking Lambda function."},
		"UserLambdaValidationException": {status: "trigger_failed", message: "PostConfirmation failed with error Cannot send the welcome mail.", attempts: 1},
		"UserNotFoundException":         {status: "failed", message: "User does not exist.", attempts: 1},

		"AccessDeniedException": {fatal: true, attempts: 1,
			message: "User: arn:aws:iam::123456789012:user/bulk is not authorized to perform: cognito-idp:AdminConfirmSignUp on resource: " +
				"arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_Example12 " +
				"because no identity-based policy allows the cognito-idp:AdminConfirmSignUp action"},
		"ExpiredTokenException": {fatal: true, message: "The security token included in the request is expired", attempts: 1},
		"InvalidSignatureException": {fatal: true, attempts: 2,
			message: "The request signature we calculated does not match the signature you provided. " +
				"Check your AWS Secret Access Key and signing method. Consult the service documentation for details."},
		"ThrottlingException":         {status: "confirmed", attempts: 5, throttled: 4},
		"UnrecognizedClientException": {fatal: true, message: "The security token included in the request is invalid.", attempts: 1},
	}
	for _, code := range fakecognito.Exceptions() {
		if _, ok := tests[code]; !ok {
			t.Errorf("%s has no test", code)
		}
	}
	for code, want := range tests {
		t.Run(code, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if want.status != "confirmed" {
					want.code = code
				}
				service := standIn(fakecognito.Unconfirmed, fakecognito.Fault{Code: code, Times: want.throttled})
				want.check(t, service)
				if calls := len(service.Calls()); calls != want.attempts {
					t.Errorf("%d calls, want %d", calls, want.attempts)
				}
			})
		})
	}
}

func TestUserStatuses(t *testing.T) {
	const said = "User cannot be confirmed. Current status is "
	tests := map[fakecognito.Status]outcome{
		fakecognito.Unconfirmed: {status: "confirmed"},
		fakecognito.Confirmed:   {status: "already_confirmed", message: said + "CONFIRMED"},
		fakecognito.ForceChangePassword: {status: "failed",
			message: said + "FORCE_CHANGE_PASSWORD; set a permanent password instead (admin-set-user-password --permanent)"},
		fakecognito.ResetRequired: {status: "failed",
			message: said + "RESET_REQUIRED; the user has to reset the password, or set a permanent one (admin-set-user-password --permanent)"},
		fakecognito.ExternalProvider: {status: "failed",
			message: said + "EXTERNAL_PROVIDER; a federated user signs in through the provider and needs no confirmation"},
	}
	for status, want := range tests {
		t.Run(status.String(), func(t *testing.T) {
			want.attempts = 1
			if status != fakecognito.Unconfirmed {
				want.code = "NotAuthorizedException"
			}
			want.check(t, standIn(status))
		})
	}
}

// An answer is cut off, or lost, at every point at which the stand-in can lose one.
func TestLostAnswers(t *testing.T) {
	tests := []struct {
		fault         fakecognito.Fault
		code, message string
	}{
		{fakecognito.Fault{Kind: fakecognito.FaultReset}, "connection", "read tcp: read: connection reset by peer"},
		{fakecognito.Fault{Kind: fakecognito.FaultTruncated}, "connection", "read answer: unexpected EOF"},
		{fakecognito.Fault{Kind: fakecognito.FaultHang}, "timeout", "no answer in time"},
		{fakecognito.Fault{Kind: fakecognito.FaultSlow, Delay: 2 * time.Second}, "timeout", "no answer in time"},
		{fakecognito.Fault{Kind: fakecognito.FaultHTTP, Code: "502"}, "http_502", "Bad Gateway"},
		{fakecognito.Fault{Kind: fakecognito.FaultHTTP, Code: "200"}, "unexpected_answer", `HTTP 200 with content type "text/html": not an answer of Cognito`},
	}
	for _, test := range tests {
		t.Run(fmt.Sprint(test.code, test.fault.Kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				service := standIn(fakecognito.Unconfirmed, test.fault)
				outcome{status: "failed", code: test.code, message: test.message, attempts: 3}.check(t, service)
			})
		})
	}
}

// A signature is refused when the clock is wrong. The second attempt is signed
// with the service's time, and goes through.
func TestSignatureErrorOnce(t *testing.T) {
	for _, code := range []string{"InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignatureException",
		"RequestExpired", "RequestTimeTooSkewed"} {
		t.Run(code, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const ahead = 37 * time.Minute
				late := func(r *http.Request) (*http.Response, error) {
					response, err := refuses(http.StatusBadRequest, code, "Signature expired")(r)
					response.Header.Set("Date", time.Now().Add(ahead).Format(http.TimeFormat))
					return response, err
				}
				service := scripted(late)
				outcome{status: "confirmed", attempts: 2}.check(t, service)
				for i, want := range []time.Time{time.Now(), time.Now().Add(ahead)} {
					if got := service.requests[i].Header.Get("X-Amz-Date"); got != want.UTC().Format("20060102T150405Z") {
						t.Errorf("attempt %d is signed for %s, want %s", i+1, got, want)
					}
				}
				// It is a chance for each row, not one for each answer of another kind between.
				service = scripted(late, refuses(http.StatusBadRequest, "ThrottlingException", ""), page(http.StatusBadGateway), late)
				outcome{fatal: true, code: code, message: "Signature expired"}.check(t, service)
				if service.calls() != 4 {
					t.Errorf("%d calls, want 4", service.calls())
				}
			})
		})
	}
}

func TestCredentialsError(t *testing.T) {
	service := scripted()
	cause := errors.New("the SSO session\nhas expired")
	client := sdkClient(service, func(o *cognitoidentityprovider.Options) {
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{}, &worker.CredentialsError{Err: cause}
		})
	})
	result, err := confirmAnnWith(t, client, &openLimiter{}, worker.Options{})
	wantFatal(t, err, "credentials", `get credentials: the SSO session\nhas expired`)
	if result.Status != "" || service.calls() != 0 {
		t.Errorf("%d calls, result %+v", service.calls(), result)
	}
	if wrapped := (&worker.CredentialsError{Err: cause}); !errors.Is(wrapped, cause) {
		t.Error("a CredentialsError hides its cause")
	}
}

func TestStatuses(t *testing.T) {
	want := []worker.Status{"confirmed", "already_confirmed", "trigger_failed", "failed", "invalid"}
	if got := worker.Statuses(); !slices.Equal(got, want) {
		t.Errorf("statuses %v, want %v", got, want)
	}
	for i, status := range want {
		if status.Succeeded() != (i < 2) {
			t.Errorf("%s succeeded: %v", status, status.Succeeded())
		}
	}
}
