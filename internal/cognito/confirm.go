// Package cognito asks Amazon Cognito: which pool, with whose credentials, by
// which calls, and what the answers mean.
//
// The one idea: an answer is judged by its code alone, in one table that has
// what it means for the row and for the run, and what to do about it. Texts
// differ between services, years and emulators: they are shown, and decide
// only where [ConfirmSignUp] names them.
package cognito

import (
	"context"
	"maps"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"cognito-confirm/worker"
)

// OperationName is what the API calls the operation of [ConfirmSignUp].
const OperationName = "AdminConfirmSignUp"

// ConfirmSignUp returns a call that confirms the user of a row, for a
// [worker.Operation] of one run. The metadata goes with every row, and the row's
// own over it; it must not be changed afterwards. A second call for the same row
// is harmless: the service answers that the user is confirmed.
//
// The user's status in a NotAuthorizedException and the name of the refused
// field in an InvalidParameterException are the only texts that decide.
func ConfirmSignUp(client Client, userPoolID string, metadata map[string]string) func(context.Context, worker.Row) worker.Answer {
	run := &judge{}
	return func(ctx context.Context, row worker.Row) worker.Answer {
		// Its address is in the input: that of the row's field would keep the
		// whole row in memory.
		username := row.Username
		ctx, attempt := withAttempt(ctx)
		output, err := client.AdminConfirmSignUp(ctx, &cognitoidentityprovider.AdminConfirmSignUpInput{
			UserPoolId:     &userPoolID,
			Username:       &username,
			ClientMetadata: merge(metadata, row.ClientMetadata),
		})
		if err != nil {
			return run.failure(ctx, attempt, row, err)
		}
		return run.success(attempt, output.ResultMetadata)
	}
}

// merge lays the row's own metadata over the run's, and changes neither.
func merge(run, row map[string]string) map[string]string {
	if len(run) == 0 {
		return row
	}
	if len(row) == 0 {
		return run
	}
	merged := maps.Clone(run)
	maps.Copy(merged, row)
	return merged
}
