package fakecognito_test

import (
	"context"
	"errors"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"cognito-confirm/internal/fakecognito"
)

func TestConfirm(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{UserPoolID: poolID})
	client := dial(t, s)
	statuses := map[string]fakecognito.Status{
		"UNCONFIRMED":           fakecognito.Unconfirmed,
		"CONFIRMED":             fakecognito.Confirmed,
		"FORCE_CHANGE_PASSWORD": fakecognito.ForceChangePassword,
		"RESET_REQUIRED":        fakecognito.ResetRequired,
		"EXTERNAL_PROVIDER":     fakecognito.ExternalProvider,
	}
	for name, status := range statuses {
		s.AddUser("user-"+name, status)
		_, err := client.AdminConfirmSignUp(t.Context(), confirmInput("user-"+name))
		if status == fakecognito.Unconfirmed {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			wantStatus(t, s, "user-"+name, fakecognito.Confirmed)
			continue
		}
		refused, ok := errors.AsType[*types.NotAuthorizedException](err)
		if !ok || refused.ErrorMessage() != "User cannot be confirmed. Current status is "+name {
			t.Errorf("%s: %v", name, err)
		}
		wantStatus(t, s, "user-"+name, status)
	}

	_, err := client.AdminConfirmSignUp(t.Context(), confirmInput("nobody"))
	if missing, ok := errors.AsType[*types.UserNotFoundException](err); !ok || missing.ErrorMessage() != "User does not exist." {
		t.Errorf("unknown user: %v", err)
	}
	if _, known := s.UserStatus("nobody"); known {
		t.Error("the call made a user")
	}
	input := confirmInput("user-UNCONFIRMED")
	input.UserPoolId = aws.String("us-east-1_Other")
	_, err = client.AdminConfirmSignUp(t.Context(), input)
	if missing, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok || missing.ErrorMessage() != "User pool us-east-1_Other does not exist." {
		t.Errorf("another pool: %v", err)
	}
	if counts := s.Counts(); counts.Calls != 7 || counts.Confirmed != 1 || counts.Throttled != 0 {
		t.Errorf("counts %+v", counts)
	}
}

func TestAcceptAnyone(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{AcceptAnyone: true})
	client := dial(t, s)
	s.AddUser("listed", fakecognito.ResetRequired)
	for range 2 {
		if _, err := client.AdminConfirmSignUp(t.Context(), confirmInput("anyone")); err != nil {
			t.Errorf("unlisted user: %v", err)
		}
	}
	_, err := client.AdminConfirmSignUp(t.Context(), confirmInput("listed"))
	if !is[*types.NotAuthorizedException]()(err) {
		t.Errorf("listed user: %v", err)
	}
	if _, known := s.UserStatus("anyone"); known {
		t.Error("an unlisted user is remembered")
	}
	user, err := client.AdminGetUser(t.Context(), &cognitoidentityprovider.AdminGetUserInput{
		UserPoolId: aws.String(poolID), Username: aws.String("anyone"),
	})
	if err != nil || user.UserStatus != types.UserStatusTypeUnconfirmed {
		t.Errorf("unlisted user: %+v, %v", user, err)
	}
	if counts := s.Counts(); counts.Confirmed != 2 {
		t.Errorf("counts %+v", counts)
	}
}

func TestRemember(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{AcceptAnyone: true, Remember: true})
	client := offline(s)
	if _, err := client.AdminConfirmSignUp(t.Context(), confirmInput("anyone")); err != nil {
		t.Error(err)
	}
	_, err := client.AdminConfirmSignUp(t.Context(), confirmInput("anyone"))
	if !is[*types.NotAuthorizedException]()(err) {
		t.Errorf("the second time: %v", err)
	}
	wantStatus(t, s, "anyone", fakecognito.Confirmed)
}

func TestSignUpAndGetUser(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{UserPoolID: poolID, Quota: fakecognito.Quota{Burst: 3}})
	client := dial(t, s)
	signUp := &cognitoidentityprovider.SignUpInput{
		ClientId:       aws.String("1example23456789"),
		Username:       aws.String("ann"),
		Password:       aws.String("correct horse"),
		UserAttributes: []types.AttributeType{{Name: aws.String("email"), Value: aws.String("ann@example.com")}},
	}
	before := time.Now().Add(-time.Second)
	made, err := client.SignUp(t.Context(), signUp)
	if err != nil || made.UserConfirmed || len(aws.ToString(made.UserSub)) != 36 {
		t.Fatalf("sign up: %+v, %v", made, err)
	}
	wantStatus(t, s, "ann", fakecognito.Unconfirmed)

	get := &cognitoidentityprovider.AdminGetUserInput{UserPoolId: aws.String(poolID), Username: aws.String("ann")}
	user, err := client.AdminGetUser(t.Context(), get)
	if err != nil {
		t.Fatal(err)
	}
	attributes := make(map[string]string)
	for _, a := range user.UserAttributes {
		attributes[*a.Name] = *a.Value
	}
	if want := map[string]string{"sub": *made.UserSub, "email": "ann@example.com"}; !maps.Equal(attributes, want) {
		t.Errorf("attributes %v, want %v", attributes, want)
	}
	if *user.Username != "ann" || !user.Enabled || user.UserStatus != types.UserStatusTypeUnconfirmed ||
		user.UserCreateDate.Before(before) || user.UserCreateDate.After(time.Now()) {
		t.Errorf("user %+v", user)
	}

	if _, err := client.SignUp(t.Context(), signUp); !is[*types.UsernameExistsException]()(err) {
		t.Errorf("second sign-up: %v", err)
	}
	if _, err := client.AdminConfirmSignUp(t.Context(), confirmInput("ann")); err != nil {
		t.Errorf("confirm: %v", err)
	}
	// Both sign-ups and the confirmation drew on the quota of three, reading did not.
	if _, err := client.SignUp(t.Context(), signUp); !is[*types.TooManyRequestsException]()(err) {
		t.Errorf("sign-up beyond the quota: %v", err)
	}
	if _, err := client.AdminConfirmSignUp(t.Context(), confirmInput("ann")); !is[*types.TooManyRequestsException]()(err) {
		t.Errorf("confirmation beyond the quota: %v", err)
	}
	if user, err = client.AdminGetUser(t.Context(), get); err != nil || user.UserStatus != types.UserStatusTypeConfirmed {
		t.Errorf("user %+v, %v", user, err)
	}
	get.Username = aws.String("nobody")
	if _, err := client.AdminGetUser(t.Context(), get); !is[*types.UserNotFoundException]()(err) {
		t.Errorf("unknown user: %v", err)
	}
}

func TestDatesOfAUser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := fakecognito.New(fakecognito.Options{})
		client := offline(s)
		made := time.Now()
		s.AddUser("ann", fakecognito.Unconfirmed)
		time.Sleep(time.Hour)
		if _, err := client.AdminConfirmSignUp(t.Context(), confirmInput("ann")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		user, err := client.AdminGetUser(t.Context(), &cognitoidentityprovider.AdminGetUserInput{
			UserPoolId: aws.String(poolID), Username: aws.String("ann"),
		})
		if err != nil || !user.UserCreateDate.Equal(made) || !user.UserLastModifiedDate.Equal(made.Add(time.Hour)) {
			t.Errorf("user %+v, %v; made at %v and confirmed an hour later", user, err, made)
		}
	})
}

func TestLatency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const latency, jitter = 20 * time.Millisecond, 10 * time.Millisecond
		s := fakecognito.New(fakecognito.Options{
			AcceptAnyone: true, LogCalls: true, Latency: latency, LatencyJitter: jitter,
		})
		s.SetFault("slow", fakecognito.Fault{Kind: fakecognito.FaultSlow, Delay: time.Minute})
		var shortest, longest time.Duration = time.Hour, 0
		for range 1000 {
			start := time.Now()
			call(t, s, "ann")
			took := time.Since(start)
			shortest, longest = min(shortest, took), max(longest, took)
		}
		if shortest < latency || shortest > latency+jitter/20 || longest < latency+jitter*19/20 || longest > latency+jitter {
			t.Errorf("answers took %v to %v, want all of %v to %v", shortest, longest, latency, latency+jitter)
		}

		start := time.Now()
		if code := call(t, s, "slow"); code != "" {
			t.Errorf("code %q", code)
		}
		took := time.Since(start)
		if took < time.Minute+latency || took > time.Minute+latency+jitter {
			t.Errorf("the slow answer took %v", took)
		}
		calls := s.Calls()
		if last := calls[len(calls)-1]; last.Answered.Sub(last.Received) != took || !last.Received.Equal(start) {
			t.Errorf("log has %v to %v, want %v from %v", last.Received, last.Answered, took, start)
		}
	})
}

func TestConfirmationTakesEffectOnArrival(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := fakecognito.New(fakecognito.Options{Latency: time.Minute})
		s.AddUser("ann", fakecognito.Unconfirmed)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := offline(s).AdminConfirmSignUp(ctx, confirmInput("ann"))
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		wantStatus(t, s, "ann", fakecognito.Confirmed)
	})
}
