package worker_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/smithy-go/middleware"

	"cognito-confirm/worker"
)

// wired is a request as it would stand on the wire.
type wired struct {
	method, url, host, body string
	header                  http.Header
}

// wiretap is a transport that keeps every request and confirms everybody, by a
// clock that is ahead.
type wiretap struct {
	ahead time.Duration

	mu       sync.Mutex
	requests []wired
}

func (w *wiretap) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests = append(w.requests, wired{r.Method, r.URL.String(), r.Host, string(body), r.Header.Clone()})
	return &http.Response{
		StatusCode: http.StatusOK,
		Header: http.Header{
			"Content-Type": {"application/x-amz-json-1.1"},
			"Date":         {time.Now().Add(w.ahead).UTC().Format(http.TimeFormat)},
		},
		Body: io.NopCloser(bytes.NewReader([]byte("{}"))),
	}, nil
}

// withoutInvocationID makes the SDK leave out the one header that a prepared
// client does not send. It is random, and signed like the others.
func withoutInvocationID(o *cognitoidentityprovider.Options) {
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		_, err := stack.Build.Remove("ClientRequestID")
		return err
	})
}

// The requests of a prepared client are those of the SDK to the last byte: the
// time does not pass here, so that the signatures are the same too.
func TestPreparedClientSendsWhatTheSDKSends(t *testing.T) {
	tests := map[string]struct {
		ahead  time.Duration
		option func(*cognitoidentityprovider.Options)
	}{
		"as it is": {option: func(*cognitoidentityprovider.Options) {}},
		"a session": {option: func(o *cognitoidentityprovider.Options) {
			o.Credentials = credentials.NewStaticCredentialsProvider("ASIAEXAMPLE", "secret", "session")
		}},
		"an endpoint with a path": {option: func(o *cognitoidentityprovider.Options) {
			o.BaseEndpoint = aws.String("https://cognito.test:8443/a%2Fb/")
		}},
		"the service's own endpoint": {option: func(o *cognitoidentityprovider.Options) {
			o.BaseEndpoint, o.Region = nil, "eusc-de-east-1"
		}},
		"an application of that name": {option: func(o *cognitoidentityprovider.Options) { o.AppID = "import" }},
		"another clock":               {ahead: 2 * time.Hour, option: func(*cognitoidentityprovider.Options) {}},
	}
	inputs := []*cognitoidentityprovider.AdminConfirmSignUpInput{
		{UserPoolId: aws.String(examplePool), Username: aws.String("ann")},
		{UserPoolId: aws.String(examplePool), Username: aws.String("bob \"é\""), ClientMetadata: map[string]string{"source": "import"}},
		{UserPoolId: aws.String(examplePool), Username: aws.String("ann")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				want, got := &wiretap{ahead: test.ahead}, &wiretap{ahead: test.ahead}
				plain := plainClient(want, test.option, withoutInvocationID)
				prepared := sdkClient(got, test.option)
				for _, input := range inputs {
					for _, client := range []worker.Client{plain, prepared} {
						if _, err := client.AdminConfirmSignUp(t.Context(), input); err != nil {
							t.Fatal(err)
						}
					}
				}
				if len(got.requests) != len(inputs) || !reflect.DeepEqual(got.requests, want.requests) {
					t.Errorf("prepared:\n%+v\nthe SDK's:\n%+v", got.requests, want.requests)
				}
			})
		})
	}
}

// Calls at the same time do not get into each other's requests.
func TestPreparedClientConcurrently(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const callers, calls = 16, 20
		want, got := &wiretap{}, &wiretap{}
		plain, prepared := plainClient(want, withoutInvocationID), sdkClient(got)
		var wait sync.WaitGroup
		for caller := range callers {
			wait.Go(func() {
				for call := range calls {
					input := &cognitoidentityprovider.AdminConfirmSignUpInput{
						UserPoolId: aws.String(examplePool), Username: aws.String(fmt.Sprintf("user-%d-%d", caller, call)),
					}
					for _, client := range []worker.Client{plain, prepared} {
						if _, err := client.AdminConfirmSignUp(t.Context(), input); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		wait.Wait()
		signatures := make(map[string]string)
		for _, request := range want.requests {
			signatures[request.body] = request.header.Get("Authorization")
		}
		if len(signatures) != callers*calls || len(got.requests) != callers*calls {
			t.Fatalf("%d requests and %d different ones of the SDK's, want %d", len(got.requests), len(signatures), callers*calls)
		}
		for _, request := range got.requests {
			if signature := request.header.Get("Authorization"); signature == "" || signature != signatures[request.body] {
				t.Errorf("%s: signed %q, want %q", request.body, signature, signatures[request.body])
			}
		}
	})
}

// A call with options of its own is made with them.
func TestPreparedClientOptionsOfACall(t *testing.T) {
	tap := &wiretap{}
	client := sdkClient(tap)
	input := &cognitoidentityprovider.AdminConfirmSignUpInput{UserPoolId: aws.String(examplePool), Username: aws.String("ann")}
	_, err := client.AdminConfirmSignUp(t.Context(), input, func(o *cognitoidentityprovider.Options) {
		o.BaseEndpoint = aws.String("http://another.test")
	})
	if err != nil || len(tap.requests) != 1 || tap.requests[0].url != "http://another.test/" {
		t.Errorf("error %v, requests %+v", err, tap.requests)
	}
}

// An SDK that lacks what is taken out of its stack is found out before the
// first call, and so is one that fails before its stack is complete.
func TestPreparedClientOfAnotherSDK(t *testing.T) {
	removed := plainClient(&wiretap{}, withoutInvocationID)
	if _, err := worker.NewPreparedClient(removed); err == nil {
		t.Error("prepared without a middleware that is to be taken out")
	}
	broken := plainClient(&wiretap{}, func(o *cognitoidentityprovider.Options) {
		o.APIOptions = append(o.APIOptions, func(*middleware.Stack) error { return io.ErrUnexpectedEOF })
	})
	if _, err := worker.NewPreparedClient(broken); err == nil {
		t.Error("prepared from a stack that is not complete")
	}
}
