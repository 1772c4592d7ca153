//go:build bench

package bench

import (
	"context"
	"net/http"
	"os"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"golang.org/x/sync/errgroup"

	"cognito-confirm/internal/sampleusers"
)

// bareRole is the loop that somebody would write without this program.
const bareRole = "bare"

const (
	urlVariable      = "COGNITO_BENCH_URL"
	rowsVariable     = "COGNITO_BENCH_ROWS"
	inFlightVariable = "COGNITO_BENCH_IN_FLIGHT"
)

// bare confirms users and does nothing else: no input, no limiter, no retries, no
// report. It keeps its connections, as the program does.
func bare() error {
	rows, err := strconv.Atoi(os.Getenv(rowsVariable))
	if err != nil {
		return err
	}
	inFlight, err := strconv.Atoi(os.Getenv(inFlightVariable))
	if err != nil {
		return err
	}
	client, err := sdkClient(context.Background(), inFlight, func(o *cognitoidentityprovider.Options) {
		o.Retryer = aws.NopRetryer{}
	})
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(context.Background())
	group.SetLimit(inFlight)
	for i := range rows {
		group.Go(func() error {
			_, err := client.AdminConfirmSignUp(ctx, &cognitoidentityprovider.AdminConfirmSignUpInput{
				UserPoolId: aws.String(poolID),
				Username:   aws.String(sampleusers.Username(i)),
			})
			return err
		})
	}
	return group.Wait()
}

// sdkClient is the SDK's client for the stand-in, with as many connections as
// there are calls in flight.
func sdkClient(ctx context.Context, inFlight int, options func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.Client, error) {
	loaded, err := config.LoadDefaultConfig(ctx, config.WithHTTPClient(
		awshttp.NewBuildableClient().WithTransportOptions(func(transport *http.Transport) {
			transport.MaxIdleConns = inFlight
			transport.MaxIdleConnsPerHost = inFlight
			transport.MaxConnsPerHost = inFlight
		})))
	if err != nil {
		return nil, err
	}
	loaded.BaseEndpoint = aws.String(os.Getenv(urlVariable))
	return cognitoidentityprovider.NewFromConfig(loaded, options), nil
}
