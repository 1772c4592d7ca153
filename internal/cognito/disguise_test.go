package cognito

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"cognito-confirm/internal/sampleusers"
	"cognito-confirm/worker"
)

// TestDisguisedNames: whatever a service answers in the place of a code or a status,
// no operation shows any of it.
func TestDisguisedNames(t *testing.T) {
	operations := map[string]func(context.Context, Client) string{
		OperationName: func(ctx context.Context, client Client) string {
			return shownOf(ConfirmSignUp(client, examplePool, nil)(ctx, worker.Row{Username: "ann"}))
		},
		MarkOperation: func(ctx context.Context, client Client) string {
			return shownOf(MarkVerified(client, examplePool, []string{"email"})(ctx, worker.Row{Username: "ann"}))
		},
		ListOperation: func(ctx context.Context, client Client) string {
			_, answer := ListUsers(client, examplePool, "")(ctx, "")
			return shownOf(answer)
		},
		quotaOperation: func(ctx context.Context, client Client) string {
			_, err := Quota(ctx, client)
			return err.Error()
		},
		describeOperation: func(ctx context.Context, client Client) string {
			_, err := DescribePool(ctx, client, examplePool)
			return err.Error()
		},
		"CheckAliases": func(ctx context.Context, client Client) string {
			return CheckAliases(ctx, client, examplePool, []string{"email"}).Error()
		},
	}
	for _, name := range sampleusers.Disguises("maryjones7") {
		for _, answer := range []exchange{
			refuses(http.StatusBadRequest, name, "x"), refuses(http.StatusServiceUnavailable, "aws.x#"+name, "x"),
			refuses(http.StatusBadRequest, "NotAuthorizedException", "Current status is "+strings.ToUpper(name)),
			says(http.StatusBadRequest, jsonType, "{}").with("X-Amzn-Errortype", name+":http://x/"),
		} {
			for operation, call := range operations {
				synctest.Test(t, func(t *testing.T) {
					shown := call(t.Context(), prepare(plainClient(answer)))
					if strings.Contains(strings.ToLower(shown), strings.ToLower(name)) {
						t.Errorf("%s shows %q", operation, shown)
					}
					if shown == "" {
						t.Errorf("%s shows nothing of %q", operation, name)
					}
				})
			}
		}
	}
}

// shownOf is what of an answer is shown on streams.
func shownOf(a worker.Answer) string { return a.Code + " " + a.UserStatus + " " + a.Cause }

// TestStatusesOfListedUsers are counted on streams.
func TestStatusesOfListedUsers(t *testing.T) {
	body := `{"Users":[{"Username":"ann","UserStatus":"MARYJONES"},{"Username":"bob","UserStatus":"CONFIRMED"},{"Username":"eve"}]}`
	page, answer := ListUsers(prepare(plainClient(says(http.StatusOK, jsonType, body))), examplePool, "")(t.Context(), "")
	var statuses []string
	for _, user := range page.Users {
		statuses = append(statuses, user.Status)
	}
	if want := []string{"UNKNOWN", "CONFIRMED", "UNKNOWN"}; !slices.Equal(statuses, want) {
		t.Errorf("%+v: statuses %q, want %q", answer, statuses, want)
	}
}
