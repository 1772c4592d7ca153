package cognito

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"cognito-confirm/worker"
)

// MarkOperation is what the API calls the operation of [MarkVerified].
const MarkOperation = "AdminUpdateUserAttributes"

// MarkVerified returns a call that marks attributes of a row's user, "email" or
// "phone_number", as verified, for a [worker.Operation] of one run. It sends nothing
// but the marks, so that an address which the user has changed meanwhile stays. A
// second call for the same row does the same again. What an answer means is what it
// means to [ConfirmSignUp], but that a user is confirmed makes no mark.
//
// In a pool where an attribute is an alias, see [CheckAliases].
func MarkVerified(client Client, userPoolID string, attributes []string) func(context.Context, worker.Row) worker.Answer {
	run := &judge{}
	marks := make([]types.AttributeType, len(attributes))
	for i, name := range attributes {
		name, value := name+"_verified", "true"
		marks[i] = types.AttributeType{Name: &name, Value: &value}
	}
	return func(ctx context.Context, row worker.Row) worker.Answer {
		username := row.Username
		ctx, attempt := withAttempt(ctx)
		output, err := client.AdminUpdateUserAttributes(ctx, &cognitoidentityprovider.AdminUpdateUserAttributesInput{
			UserPoolId: &userPoolID, Username: &username, UserAttributes: marks,
		})
		if err != nil {
			a := run.failure(ctx, attempt, row, err)
			if a.Verdict == worker.AlreadyDone { // the confirmation, and no mark
				a.Verdict = worker.Refused
			}
			return a
		}
		return run.success(attempt, output.ResultMetadata)
	}
}
