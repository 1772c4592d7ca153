//go:build bench

package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"golang.org/x/time/rate"

	"cognito-confirm/internal/sampleusers"
)

// The roles of the other ways to use a quota: a pool with a retry mode of the SDK,
// and one that knows the quota.
const (
	standardRole = "standard"
	adaptiveRole = "adaptive"
	fixedRole    = "fixed"
)

// rateVariable holds the rate of fixedRole, in calls a second.
const rateVariable = "COGNITO_BENCH_RATE"

// confirmOne takes one row to its outcome.
type confirmOne func(ctx context.Context, username string) error

// contend confirms users until standard input ends. Then it prints how many rows
// it has finished since it last read a line there, and how many of them failed.
func contend(role string) error {
	inFlight, err := strconv.Atoi(os.Getenv(inFlightVariable))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	confirm, err := newContender(ctx, role, inFlight)
	if err != nil {
		return err
	}
	var next, ended, failed atomic.Int64
	var wait sync.WaitGroup
	for range inFlight {
		wait.Go(func() {
			for ctx.Err() == nil {
				err := confirm(ctx, sampleusers.Username(int(next.Add(1))))
				if ctx.Err() != nil {
					return
				}
				ended.Add(1)
				if err != nil {
					failed.Add(1)
				}
			}
		})
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		ended.Store(0)
		failed.Store(0)
	}
	fmt.Println(ended.Load(), failed.Load())
	cancel()
	wait.Wait()
	return nil
}

func newContender(ctx context.Context, role string, inFlight int) (confirmOne, error) {
	retryer := aws.Retryer(aws.NopRetryer{})
	switch role {
	case standardRole:
		retryer = retry.NewStandard()
	case adaptiveRole:
		retryer = retry.NewAdaptiveMode()
	}
	client, err := sdkClient(ctx, inFlight, func(o *cognitoidentityprovider.Options) { o.Retryer = retryer })
	if err != nil {
		return nil, err
	}
	call := func(ctx context.Context, username string) error {
		_, err := client.AdminConfirmSignUp(ctx, &cognitoidentityprovider.AdminConfirmSignUpInput{
			UserPoolId: aws.String(poolID), Username: &username,
		})
		return err
	}
	if role != fixedRole {
		return call, nil
	}
	perSecond, err := strconv.ParseFloat(os.Getenv(rateVariable), 64)
	if err != nil {
		return nil, err
	}
	limiter := rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond/100)))
	return func(ctx context.Context, username string) error {
		for {
			if err := limiter.Wait(ctx); err != nil {
				return err
			}
			err := call(ctx, username)
			if _, throttled := errors.AsType[*types.TooManyRequestsException](err); !throttled {
				return err
			}
		}
	}, nil
}
