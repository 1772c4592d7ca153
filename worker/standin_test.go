package worker_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/worker"
)

const examplePool = "us-east-1_Example12"

// doer is an HTTP client of the SDK over any transport.
type doer struct{ http.RoundTripper }

func (d doer) Do(r *http.Request) (*http.Response, error) { return d.RoundTrip(r) }

// confirmSignUp is the operation of the program, through the SDK. It belongs to
// the synctest bubble that it was made in.
func confirmSignUp(t *testing.T, transport http.RoundTripper, metadata map[string]string) func(context.Context, worker.Row) worker.Answer {
	return cognito.ConfirmSignUp(clientOver(t, transport), examplePool, metadata)
}

// clientOver returns the program's client over any transport.
func clientOver(t *testing.T, transport http.RoundTripper) cognito.Client {
	client, err := cognito.NewClient(aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: aws.String("http://cognito.test"),
		Credentials:  credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		HTTPClient:   doer{transport},
	}, 1)
	if err != nil {
		t.Fatal(err)
	}
	return client
}
