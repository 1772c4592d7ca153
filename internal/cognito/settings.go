package cognito

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"cognito-confirm/worker"
)

// PoolSettings are what a pool was made with and what it holds, as far as they
// decide about a username. The zero value is a pool without any of them.
type PoolSettings struct {
	// UsernameAttributes are what people sign in with in place of a username:
	// "email", "phone_number". Such a pool calls its users by a UUID.
	UsernameAttributes []string
	// AliasAttributes find a user besides the username: "email" and "phone_number"
	// once they are verified, "preferred_username" always.
	AliasAttributes []string
	// CaseInsensitive: ANN is ann.
	CaseInsensitive bool
	// Users is about how many there are, 0 when that is not known.
	Users int
}

const (
	describeOperation = "DescribeUserPool"
	// describeTimeout is how long a command waits for settings that it can do without.
	describeTimeout = 3 * time.Second
)

// DescribePool returns the settings of a pool. It makes one call, which takes
// [describeTimeout] at most. Its error is what went wrong in a few words, none of
// them the service's own text, or the cause of ctx.
func DescribePool(ctx context.Context, client Client, userPoolID string) (PoolSettings, error) {
	settings, answer := describe(ctx, client, userPoolID)
	switch {
	case ctx.Err() != nil:
		return PoolSettings{}, context.Cause(ctx)
	case answer.Verdict != worker.Done:
		return PoolSettings{}, errors.New(cmp.Or(answer.Cause, answer.Code))
	}
	return settings, nil
}

// describe makes the call, and tells what its answer means.
func describe(ctx context.Context, client Client, userPoolID string) (PoolSettings, worker.Answer) {
	ctx, cancel := context.WithTimeout(ctx, describeTimeout)
	defer cancel()
	ctx, attempt := withAttempt(ctx)
	output, err := client.DescribeUserPool(ctx, &cognitoidentityprovider.DescribeUserPoolInput{UserPoolId: &userPoolID})
	if err != nil {
		return PoolSettings{}, classify(err, "", attempt.sent.Load())
	}
	pool := output.UserPool
	if pool == nil || aws.ToString(pool.Id) != userPoolID {
		return PoolSettings{}, worker.Answer{Code: codeUnexpectedAnswer, Cause: "the pool is not in the answer"}
	}
	s := PoolSettings{
		UsernameAttributes: texts(pool.UsernameAttributes), AliasAttributes: texts(pool.AliasAttributes),
		Users: max(0, int(pool.EstimatedNumberOfUsers)),
	}
	// Without the setting, a pool is case-sensitive.
	if names := pool.UsernameConfiguration; names != nil && names.CaseSensitive != nil {
		s.CaseInsensitive = !*names.CaseSensitive
	}
	return s, worker.Answer{Verdict: worker.Done}
}
