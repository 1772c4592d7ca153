package fakecognito_test

import (
	"context"
	"errors"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"cognito-confirm/internal/fakecognito"
)

func TestParseRefusal(t *testing.T) {
	for _, want := range []fakecognito.Refusal{
		fakecognito.RefuseThrottled, fakecognito.Refuse503, fakecognito.Refuse500, fakecognito.RefuseReset,
	} {
		if got, err := fakecognito.ParseRefusal(want.String()); got != want || err != nil {
			t.Errorf("%q is read as %v, %v", want.String(), got, err)
		}
	}
	for _, text := range []string{"", "504", "Reset", "throttle "} {
		if got, err := fakecognito.ParseRefusal(text); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

// TestRefusals: every call over the quota is refused in the way that the quota
// sets, without any effect. It is counted as refused, and as throttled only where
// the answer is a throttle.
func TestRefusals(t *testing.T) {
	tests := []struct {
		refusal   fakecognito.Refusal
		throttled int64
		is        func(error) bool
	}{
		{fakecognito.RefuseThrottled, 2, func(err error) bool {
			_, is := errors.AsType[*types.TooManyRequestsException](err)
			return is
		}},
		{fakecognito.Refuse503, 0, func(err error) bool { return statusOf(err) == http.StatusServiceUnavailable }},
		{fakecognito.Refuse500, 0, func(err error) bool {
			_, is := errors.AsType[*types.InternalErrorException](err)
			return is && statusOf(err) == http.StatusInternalServerError
		}},
		{fakecognito.RefuseReset, 0, func(err error) bool { return errors.Is(err, syscall.ECONNRESET) }},
	}
	for _, test := range tests {
		t.Run(test.refusal.String(), func(t *testing.T) {
			s := fakecognito.New(fakecognito.Options{Quota: fakecognito.Quota{Burst: 1, Refusal: test.refusal}})
			s.AddUser("ada", fakecognito.Unconfirmed)
			s.AddUser("bob", fakecognito.Unconfirmed)
			client := offline(s)
			if _, err := client.AdminConfirmSignUp(t.Context(), confirmInput("ada")); err != nil {
				t.Fatal(err)
			}
			if _, err := client.AdminConfirmSignUp(t.Context(), confirmInput("bob")); err == nil || !test.is(err) {
				t.Errorf("confirming: %v", err)
			}
			_, err := client.SignUp(t.Context(), &cognitoidentityprovider.SignUpInput{
				ClientId: aws.String("1example23456789"), Username: aws.String("eve"), Password: aws.String("Secret-1234"),
			})
			if err == nil || !test.is(err) {
				t.Errorf("signing up: %v", err)
			}
			wantStatus(t, s, "bob", fakecognito.Unconfirmed)
			if _, known := s.UserStatus("eve"); known {
				t.Error("eve is signed up")
			}
			if got := s.Counts(); got.Refused != 2 || got.Throttled != test.throttled || got.Confirmed != 1 || got.Faults != 0 {
				t.Errorf("counts %+v", got)
			}
			s.SetQuota(fakecognito.Quota{Blocked: true})
			if _, err := client.AdminConfirmSignUp(t.Context(), confirmInput("bob")); statusOf(err) != http.StatusBadRequest {
				t.Errorf("a new quota refuses in the service's own way, not with %v", err)
			}
		})
	}
}

// statusOf is the HTTP status of an answer that is an error; 0 for no answer.
func statusOf(err error) int {
	if response, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		return response.HTTPStatusCode()
	}
	return 0
}

// Live sign-ups that the quota refuses are counted, however it refuses.
func TestLiveRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := fakecognito.New(fakecognito.Options{Live: 10, Quota: fakecognito.Quota{Blocked: true, Refusal: fakecognito.RefuseReset}})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		s.RunLive(ctx)
		if got := s.Counts(); got.LiveCalls == 0 || got.LiveThrottled != got.LiveCalls || got.Refused != 0 {
			t.Errorf("counts %+v", got)
		}
	})
}
