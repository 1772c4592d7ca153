package fakecognito_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/smithy-go"

	"cognito-confirm/internal/fakecognito"
)

// verify marks an attribute of a user as verified, and returns the code of the
// exception, if any.
func verify(t *testing.T, client *cognitoidentityprovider.Client, username, name string) string {
	t.Helper()
	_, err := client.AdminUpdateUserAttributes(t.Context(), &cognitoidentityprovider.AdminUpdateUserAttributesInput{
		UserPoolId: aws.String(poolID), Username: &username,
		UserAttributes: []types.AttributeType{{Name: aws.String(name + "_verified"), Value: aws.String("true")}},
	})
	if err == nil {
		return ""
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return err.Error()
}

// isVerified is what the pool has in an attribute of a user.
func isVerified(t *testing.T, client *cognitoidentityprovider.Client, username, name string) string {
	t.Helper()
	user, err := client.AdminGetUser(t.Context(), &cognitoidentityprovider.AdminGetUserInput{UserPoolId: aws.String(poolID), Username: &username})
	if err != nil {
		t.Fatal(err)
	}
	for _, attribute := range user.UserAttributes {
		if *attribute.Name == name+"_verified" {
			return *attribute.Value
		}
	}
	return ""
}

// An attribute that is marked as verified becomes an alias, and is taken from
// whoever has it, without a word.
func TestAliasTakeover(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{UserPoolID: poolID, AliasAttributes: []string{"email"}})
	email := map[string]string{"email": "ann@example.com"}
	s.PutUser(fakecognito.User{Username: "ann", Attributes: map[string]string{"email": "ann@example.com", "email_verified": "true"}})
	s.PutUser(fakecognito.User{Username: "impostor", Attributes: email})
	client := dial(t, s)
	pool, err := client.DescribeUserPool(t.Context(), &cognitoidentityprovider.DescribeUserPoolInput{UserPoolId: aws.String(poolID)})
	if err != nil || len(pool.UserPool.AliasAttributes) != 1 || pool.UserPool.AliasAttributes[0] != types.AliasAttributeTypeEmail {
		t.Fatalf("pool %+v, error %v", pool, err)
	}
	if code := verify(t, client, "impostor", "email"); code != "" {
		t.Errorf("refused with %s", code)
	}
	if ann, impostor := isVerified(t, client, "ann", "email"), isVerified(t, client, "impostor", "email"); ann != "false" || impostor != "true" {
		t.Errorf("ann's address is verified: %s, the impostor's: %s", ann, impostor)
	}
	user, err := client.AdminGetUser(t.Context(), &cognitoidentityprovider.AdminGetUserInput{UserPoolId: aws.String(poolID), Username: aws.String("ann@example.com")})
	if err != nil || *user.Username != "impostor" {
		t.Errorf("the address finds %+v, error %v", user, err)
	}
	if counts := s.Counts(); counts.Updated != 1 || counts.Calls != 5 {
		t.Errorf("counts %+v", counts)
	}
}

func TestUpdateRefused(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{UserPoolID: poolID, UpdateQuota: fakecognito.Quota{Burst: 4}})
	s.PutUser(fakecognito.User{Username: "ann", Attributes: map[string]string{"email": "ann@example.com"}})
	s.SetFault("ann", fakecognito.Fault{Code: "UserNotFoundException"}, fakecognito.Fault{Update: true, Code: "InternalErrorException", Times: 1, Confirms: true})
	client := dial(t, s)
	for _, test := range []struct{ username, attribute, code, verified string }{
		{"zoe", "email", "UserNotFoundException", ""},
		{"ann", "phone_number", "InternalErrorException", ""}, // its fault comes first
		{"ann", "phone_number", "InvalidParameterException", ""},
		{"ann", "email", "", "true"},
		{"ann", "email", "TooManyRequestsException", "true"},
	} {
		if code := verify(t, client, test.username, test.attribute); code != test.code {
			t.Errorf("%+v: %s", test, code)
		}
		if verified := isVerified(t, client, "ann", "email"); verified != test.verified {
			t.Errorf("%+v: verified %q", test, verified)
		}
	}
	s.SetOutage(&fakecognito.Fault{Code: "AccessDeniedException"})
	s.SetQuota(fakecognito.Quota{})
	if got := call(t, s, "ann"); got != "AccessDeniedException" {
		t.Errorf("during an outage: %s", got)
	}
}
