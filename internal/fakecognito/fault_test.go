package fakecognito_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"cognito-confirm/internal/fakecognito"
)

// is returns a check that an error is of a type that the SDK models.
func is[T error]() func(error) bool {
	return func(err error) bool {
		_, ok := errors.AsType[T](err)
		return ok
	}
}

// failure is a fault and how the SDK sees it.
type failure struct {
	fault     fakecognito.Fault
	is        func(error) bool
	status    int    // 0: no HTTP status
	message   string // of the API error; empty: no API error
	confirmed bool   // what the call did
	log       string // code in the call log; empty: that of the fault
}

func (f failure) logged() string {
	if f.log != "" {
		return f.log
	}
	return f.fault.Code
}

// exceptions has a failure for every exception of AdminConfirmSignUp.
func exceptions() []failure {
	exception := func(code, message string, is func(error) bool) failure {
		return failure{fault: fakecognito.Fault{Code: code}, is: is, status: 400, message: message}
	}
	generic := is[*smithy.GenericAPIError]()
	all := []failure{
		exception("InternalErrorException", "Something went wrong", is[*types.InternalErrorException]()),
		exception("InvalidLambdaResponseException", "Unrecognizable lambda output", is[*types.InvalidLambdaResponseException]()),
		exception("InvalidParameterException", `1 validation error detected: Value at 'username' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+`, is[*types.InvalidParameterException]()),
		exception("LimitExceededException", "Attempt limit exceeded, please try after some time.", is[*types.LimitExceededException]()),
		exception("NotAuthorizedException", "User cannot confirm because user status is not UNCONFIRMED.", is[*types.NotAuthorizedException]()),
		exception("OperationNotEnabledException", "Operation is not enabled for this user pool.", is[*types.OperationNotEnabledException]()),
		exception("ResourceNotFoundException", "User pool us-east-1_Example12 does not exist.", is[*types.ResourceNotFoundException]()),
		exception("TooManyFailedAttemptsException", "Too many failed attempts.", is[*types.TooManyFailedAttemptsException]()),
		exception("TooManyRequestsException", "Rate exceeded", is[*types.TooManyRequestsException]()),
		exception("UnexpectedLambdaException", "PostConfirmation invocation failed due to error Socket timeout while invoking Lambda function.", is[*types.UnexpectedLambdaException]()),
		exception("UserLambdaValidationException", "PostConfirmation failed with error Cannot send the welcome mail.", is[*types.UserLambdaValidationException]()),
		exception("UserNotFoundException", "User does not exist.", is[*types.UserNotFoundException]()),
		exception("AccessDeniedException", "User: arn:aws:iam::123456789012:user/bulk is not authorized to perform: cognito-idp:AdminConfirmSignUp on resource: arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_Example12 because no identity-based policy allows the cognito-idp:AdminConfirmSignUp action", is[*types.AccessDeniedException]()),
		exception("ExpiredTokenException", "The security token included in the request is expired", generic),
		exception("InvalidSignatureException", "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.", generic),
		exception("ThrottlingException", "Rate exceeded", generic),
		exception("UnrecognizedClientException", "The security token included in the request is invalid.", generic),
	}
	for i := range all {
		switch {
		case all[i].fault.Code == "InternalErrorException":
			all[i].status = 500
		case strings.Contains(all[i].fault.Code, "Lambda"):
			all[i].confirmed = true
		}
	}
	return all
}

// broken has the failures in which the service itself gives no whole answer.
func broken() []failure {
	undecodable := is[*smithy.DeserializationError]()
	page := func(code string, status int) failure {
		return failure{fault: fakecognito.Fault{Kind: fakecognito.FaultHTTP, Code: code}, is: undecodable, status: status}
	}
	wasReset := func(err error) bool { return errors.Is(err, syscall.ECONNRESET) }
	gaveUp := func(err error) bool { return errors.Is(err, context.Canceled) }
	return []failure{
		page("429", 429), page("500", 500), page("502", 502), page("503", 503), page("504", 504),
		page("403", 403), page("302", 302), page("301", 301), page("200", 200),
		{fault: fakecognito.Fault{Kind: fakecognito.FaultReset}, is: wasReset, log: "reset"},
		{fault: fakecognito.Fault{Kind: fakecognito.FaultReset, Confirms: true}, is: wasReset, log: "reset", confirmed: true},
		{fault: fakecognito.Fault{Kind: fakecognito.FaultHang}, is: gaveUp, log: "hang"},
		{fault: fakecognito.Fault{Kind: fakecognito.FaultHang, Confirms: true}, is: gaveUp, log: "hang", confirmed: true},
		{
			fault:     fakecognito.Fault{Kind: fakecognito.FaultTruncated},
			is:        func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) },
			status:    200,
			log:       "truncated",
			confirmed: true,
		},
		{
			fault:     fakecognito.Fault{Kind: fakecognito.FaultHTTP, Code: "503", Confirms: true},
			is:        undecodable,
			status:    503,
			confirmed: true,
		},
		{
			fault:     fakecognito.Fault{Code: "InternalErrorException", Message: "Try again.", Confirms: true},
			is:        is[*types.InternalErrorException](),
			status:    500,
			message:   "Try again.",
			confirmed: true,
		},
		{
			fault:   fakecognito.Fault{Code: "SomethingNewException", Message: "Not seen before."},
			is:      is[*smithy.GenericAPIError](),
			status:  400,
			message: "Not seen before.",
		},
	}
}

// check makes the one faulty call and compares what both sides know of it.
func (f failure) check(t *testing.T, s *fakecognito.Server, client *cognitoidentityprovider.Client) {
	s.AddUser("ann", fakecognito.Unconfirmed)
	s.SetFault("ann", f.fault)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if f.fault.Kind == fakecognito.FaultHang {
		go func() {
			for s.Counts().Calls == 0 {
				time.Sleep(time.Millisecond)
			}
			cancel()
		}()
	}

	_, err := client.AdminConfirmSignUp(ctx, confirmInput("ann"))
	if err == nil || !f.is(err) {
		t.Fatalf("error %T: %v", err, err)
	}
	status := 0
	if response, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		status = response.HTTPStatusCode()
	}
	if status != f.status {
		t.Errorf("HTTP status %d, want %d", status, f.status)
	}
	var message, code string
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		message, code = api.ErrorMessage(), api.ErrorCode()
	}
	if message != f.message || f.message != "" && code != f.fault.Code {
		t.Errorf("API error %q %q, want %q %q", code, message, f.fault.Code, f.message)
	}

	synced := func() []fakecognito.Call {
		// A server learns a little later that a client gave up.
		for range 3000 {
			if calls := s.Calls(); len(calls) == 1 && !calls[0].Answered.IsZero() {
				return calls
			}
			time.Sleep(10 * time.Millisecond)
		}
		return s.Calls()
	}()
	if len(synced) != 1 {
		t.Fatalf("%d calls in the log, want 1", len(synced))
	}
	call := synced[0]
	if call.Code != f.logged() || call.Confirmed != f.confirmed || call.Answered.IsZero() {
		t.Errorf("log has %+v, want code %q, confirmed %v", call, f.logged(), f.confirmed)
	}
	if identified, ok := errors.AsType[interface {
		error
		ServiceRequestID() string
	}](err); f.message != "" && (!ok || identified.ServiceRequestID() != call.RequestID) {
		t.Errorf("the client does not know the request id %s: %v", call.RequestID, err)
	}
	want := fakecognito.Unconfirmed
	if f.confirmed {
		want = fakecognito.Confirmed
	}
	wantStatus(t, s, "ann", want)
	if counts := s.Counts(); counts.Faults != 1 || counts.Confirmed != map[bool]int64{true: 1}[f.confirmed] {
		t.Errorf("counts %+v", counts)
	}
}

func (f failure) name() string {
	name := f.logged()
	if f.fault.Confirms {
		name += "+confirmed"
	}
	return name
}

func TestFaultsOverHTTP(t *testing.T) {
	for _, f := range append(exceptions(), broken()...) {
		t.Run(f.name(), func(t *testing.T) {
			t.Parallel()
			s := fakecognito.New(fakecognito.Options{UserPoolID: poolID, LogCalls: true})
			f.check(t, s, newClient(start(t, s), nil)) // nil: the SDK's own HTTP client
		})
	}
}

func TestFaultsWithoutNetwork(t *testing.T) {
	for _, f := range append(exceptions(), broken()...) {
		t.Run(f.name(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := fakecognito.New(fakecognito.Options{UserPoolID: poolID, LogCalls: true})
				f.check(t, s, offline(s))
			})
		})
	}
}

func TestEveryExceptionIsTested(t *testing.T) {
	tested := make(map[string]bool)
	for _, f := range exceptions() {
		tested[f.fault.Code] = true
	}
	for _, code := range fakecognito.Exceptions() {
		if !tested[code] {
			t.Errorf("no case for %s", code)
		}
	}
	if len(tested) != len(fakecognito.Exceptions()) {
		t.Errorf("%d cases for %d exceptions", len(tested), len(fakecognito.Exceptions()))
	}
}

// TestOutage comes before any other fault, and leaves them as they were.
func TestOutage(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{UserPoolID: poolID, AcceptAnyone: true})
	s.SetFault("ann", fakecognito.Fault{Code: "UserNotFoundException", Times: 1})
	s.SetOutage(&fakecognito.Fault{Code: "InternalErrorException"})
	if got := call(t, s, "ann") + " " + call(t, s, "bob"); got != "InternalErrorException InternalErrorException" {
		t.Errorf("in the outage: %s", got)
	}
	s.SetOutage(nil)
	if got := call(t, s, "ann") + " " + call(t, s, "bob"); got != "UserNotFoundException " {
		t.Errorf("after the outage: %s", got)
	}
}
