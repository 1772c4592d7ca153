package fakecognito_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"cognito-confirm/internal/fakecognito"
)

const (
	annSub = "b3c4d5e6-0001-4a00-8000-00000000000a"
	bobSub = "b3c4d5e6-0002-4a00-8000-00000000000b"
)

// TestNamesThatFindAUser: by which names AdminConfirmSignUp finds a user depends on
// what the pool was made with.
func TestNamesThatFindAUser(t *testing.T) {
	const users = "username,sub,email,email_verified,phone_number,phone_number_verified,preferred_username\n" +
		"ann," + annSub + ",ann@example.com,false,+491,true,annie\n" +
		"bob@example.com," + bobSub + ",bob@example.com,true,+492,,\n"
	for name, test := range map[string]struct {
		options fakecognito.Options
		found   string
	}{
		"plain":     {fakecognito.Options{}, "ann " + annSub + " bob@example.com " + bobSub},
		"aliases":   {fakecognito.Options{AliasAttributes: []string{"email", "phone_number"}}, "ann " + annSub + " +491 bob@example.com " + bobSub},
		"preferred": {fakecognito.Options{AliasAttributes: []string{"preferred_username"}}, "ann " + annSub + " annie bob@example.com " + bobSub},
		"sign-in":   {fakecognito.Options{UsernameAttributes: []string{"email"}}, "ann " + annSub + " ann@example.com bob@example.com " + bobSub},
	} {
		t.Run(name, func(t *testing.T) {
			for _, username := range []string{"ann", annSub, "ann@example.com", "+491", "annie", "bob@example.com", bobSub, "+492", "nobody"} {
				s := fakecognito.New(test.options)
				if n, err := s.LoadUsers(strings.NewReader(users)); n != 2 || err != nil {
					t.Fatalf("loaded %d, %v", n, err)
				}
				_, err := offline(s).AdminConfirmSignUp(t.Context(), confirmInput(username))
				if found := strings.Contains(" "+test.found+" ", " "+username+" "); found != (err == nil) {
					t.Errorf("%s: %v, want it found: %v", username, err, found)
				} else if !found && !is[*types.UserNotFoundException]()(err) {
					t.Errorf("%s: %v", username, err)
				}
			}
		})
	}
}

// TestPoolsThatSignInByEmail: the service calls such users by a UUID.
func TestPoolsThatSignInByEmail(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{UserPoolID: poolID, UsernameAttributes: []string{"email"}})
	client := offline(s)
	s.AddUser("ann@example.com", fakecognito.Unconfirmed)
	s.AddUser("ann@example.com", fakecognito.ResetRequired) // the same one
	made, err := client.SignUp(t.Context(), &cognitoidentityprovider.SignUpInput{
		ClientId: aws.String("1example23456789"), Username: aws.String("bob@example.com"), Password: aws.String("-"),
	})
	if err != nil {
		t.Fatal(err)
	}
	page, err := client.ListUsers(t.Context(), &cognitoidentityprovider.ListUsersInput{UserPoolId: aws.String(poolID)})
	if err != nil || len(page.Users) != 2 {
		t.Fatalf("%+v, %v", page, err)
	}
	for i, email := range []string{"ann@example.com", "bob@example.com"} {
		u := page.Users[i]
		if got := attributesOf(u.Attributes); got["sub"] != *u.Username || len(*u.Username) != 36 || got["email"] != email {
			t.Errorf("%s is called %s and has %v", email, *u.Username, got)
		}
	}
	if *page.Users[1].Username != *made.UserSub {
		t.Errorf("signed up as %s, listed as %s", *made.UserSub, *page.Users[1].Username)
	}
	if _, err := client.SignUp(t.Context(), &cognitoidentityprovider.SignUpInput{
		ClientId: aws.String("1example23456789"), Username: aws.String("bob@example.com"), Password: aws.String("-"),
	}); !is[*types.UsernameExistsException]()(err) {
		t.Errorf("a second sign-up: %v", err)
	}
}

// TestAliasIsTaken: the last one whose address is verified has the alias.
func TestAliasIsTaken(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{AliasAttributes: []string{"email"}})
	verified := map[string]string{"email": "x@example.com", "email_verified": "true"}
	s.PutUser(fakecognito.User{Username: "ann", Attributes: verified})
	s.PutUser(fakecognito.User{Username: "bob", Status: fakecognito.Confirmed, Attributes: map[string]string{"email": "x@example.com"}})
	wantStatus(t, s, "x@example.com", fakecognito.Unconfirmed)
	s.PutUser(fakecognito.User{Username: "bob", Status: fakecognito.Confirmed, Attributes: map[string]string{"email_verified": "true"}})
	wantStatus(t, s, "x@example.com", fakecognito.Confirmed)
	user, err := offline(s).AdminGetUser(t.Context(), &cognitoidentityprovider.AdminGetUserInput{UserPoolId: aws.String(poolID), Username: aws.String("ann")})
	if err != nil || attributesOf(user.UserAttributes)["email_verified"] != "false" {
		t.Errorf("%+v, %v", user, err)
	}
	s.PutUser(fakecognito.User{Username: "bob", Attributes: map[string]string{"email": "y@example.com"}})
	if _, known := s.UserStatus("x@example.com"); known {
		t.Error("an address that bob has no longer finds somebody")
	}
}

func TestLoadedUserIsListed(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{})
	n, err := s.LoadUsers(strings.NewReader("cognito:username,Enabled,created_at,EMAIL,custom:Team,cognito:mfa_enabled,email\n" +
		"ann,FALSE,2026-03-04T05:06:07+01:00,ann@example.com,red,true,other@example.com\n" +
		"bob,,2026-03-04,,,,\n"))
	if n != 2 || err != nil {
		t.Fatalf("loaded %d, %v", n, err)
	}
	page, err := offline(s).ListUsers(t.Context(), &cognitoidentityprovider.ListUsersInput{UserPoolId: aws.String(poolID)})
	if err != nil || len(page.Users) != 2 {
		t.Fatalf("%+v, %v", page, err)
	}
	ann, bob := page.Users[0], page.Users[1]
	got := attributesOf(ann.Attributes)
	delete(got, "sub")
	if want := map[string]string{"email": "ann@example.com", "custom:Team": "red"}; !maps.Equal(got, want) {
		t.Errorf("attributes %v, want %v", got, want)
	}
	if want := time.Date(2026, 3, 4, 4, 6, 7, 0, time.UTC); ann.Enabled || !ann.UserCreateDate.Equal(want) {
		t.Errorf("ann: enabled %v, created %v, want disabled and %v", ann.Enabled, ann.UserCreateDate, want)
	}
	if want := time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC); !bob.Enabled || !bob.UserCreateDate.Equal(want) {
		t.Errorf("bob: enabled %v, created %v, want %v", bob.Enabled, bob.UserCreateDate, want)
	}
}

func attributesOf(attributes []types.AttributeType) map[string]string {
	all := make(map[string]string)
	for _, a := range attributes {
		all[*a.Name] = *a.Value
	}
	return all
}
