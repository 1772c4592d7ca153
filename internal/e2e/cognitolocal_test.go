//go:build e2e

package e2e

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// cognitoLocal is a user pool in cognito-local, an emulator that shares no code
// with this program. The tests reach it only through its API.
type cognitoLocal struct {
	t        *testing.T
	url      string
	api      *cognitoidentityprovider.Client
	poolID   *string
	clientID *string
}

// startCognitoLocal starts the emulator with an empty pool.
func startCognitoLocal(t *testing.T) *cognitoLocal {
	t.Helper()
	script := built(t, ".ci/node_modules/cognito-local/lib/bin/start.js")
	// It keeps everything in its working directory. By default its pools want an
	// e-mail address for a username.
	dir := t.TempDir()
	settings := `{"UserPoolDefaults": {"UsernameAttributes": []}}`
	if err := errors.Join(os.Mkdir(filepath.Join(dir, ".cognito"), 0o700),
		os.WriteFile(filepath.Join(dir, ".cognito", "config.json"), []byte(settings), 0o600)); err != nil {
		t.Fatal(err)
	}
	command := newCommand(t, dir, []string{"HOST=127.0.0.1", "PORT=0"}, "node", script)
	c := &cognitoLocal{t: t, url: serve(t, command, "Cognito Local running on").url}
	c.api = cognitoidentityprovider.New(cognitoidentityprovider.Options{
		Region:       "us-east-1",
		BaseEndpoint: &c.url,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "x", SecretAccessKey: "x"}, nil
		}),
	})
	pool, err := c.api.CreateUserPool(t.Context(), &cognitoidentityprovider.CreateUserPoolInput{PoolName: aws.String("e2e")})
	if err != nil {
		t.Fatal(err)
	}
	c.poolID = pool.UserPool.Id
	client, err := c.api.CreateUserPoolClient(t.Context(), &cognitoidentityprovider.CreateUserPoolClientInput{
		UserPoolId: c.poolID, ClientName: aws.String("e2e"),
	})
	if err != nil {
		t.Fatal(err)
	}
	c.clientID = client.UserPoolClient.ClientId
	return c
}

// add makes a user with the status.
func (c *cognitoLocal) add(username string, status types.UserStatusType) {
	c.t.Helper()
	var err error
	switch status {
	case types.UserStatusTypeForceChangePassword:
		_, err = c.api.AdminCreateUser(c.t.Context(), &cognitoidentityprovider.AdminCreateUserInput{
			UserPoolId: c.poolID, Username: &username, MessageAction: types.MessageActionTypeSuppress,
		})
	case types.UserStatusTypeUnconfirmed, types.UserStatusTypeConfirmed:
		_, err = c.api.SignUp(c.t.Context(), &cognitoidentityprovider.SignUpInput{
			ClientId: c.clientID, Username: &username, Password: aws.String("Correct-h0rse"),
		})
	default:
		c.t.Fatalf("cannot make a user who is %s", status)
	}
	if err == nil && status == types.UserStatusTypeConfirmed {
		_, err = c.api.AdminConfirmSignUp(c.t.Context(), &cognitoidentityprovider.AdminConfirmSignUpInput{
			UserPoolId: c.poolID, Username: &username,
		})
	}
	if err != nil {
		c.t.Fatalf("add %s user %q: %v", status, username, err)
	}
}

// statuses asks for every user of the pool and returns their statuses by name.
func (c *cognitoLocal) statuses() map[string]types.UserStatusType {
	c.t.Helper()
	all := make(map[string]types.UserStatusType)
	pages := cognitoidentityprovider.NewListUsersPaginator(c.api, &cognitoidentityprovider.ListUsersInput{UserPoolId: c.poolID})
	for pages.HasMorePages() {
		page, err := pages.NextPage(c.t.Context())
		if err != nil {
			c.t.Fatalf("list users: %v", err)
		}
		for _, user := range page.Users {
			all[*user.Username] = user.UserStatus
		}
	}
	return all
}
