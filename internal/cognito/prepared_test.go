package cognito

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

const invocationID = "Amz-Sdk-Invocation-Id"

// fixedInvocationID replaces the one header that is random, and signed like the
// others, so that signatures can be compared.
func fixedInvocationID(o *cognitoidentityprovider.Options) {
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return stack.Build.Add(middleware.BuildMiddlewareFunc("FixedInvocationID",
			func(ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler) (middleware.BuildOutput, middleware.Metadata, error) {
				in.Request.(*smithyhttp.Request).Header.Set(invocationID, "fixed")
				return next.HandleBuild(ctx, in)
			}), middleware.After)
	})
}

func inputFor(username string) *cognitoidentityprovider.AdminConfirmSignUpInput {
	return &cognitoidentityprovider.AdminConfirmSignUpInput{UserPoolId: aws.String(examplePool), Username: aws.String(username)}
}

// The stacks of the SDK in go.mod can be kept, and are. An upgrade that fails
// here works, but costs more of the processor.
func TestPreparedClientKeepsStacks(t *testing.T) {
	const calls = 40
	built := 0
	client := prepare(plainClient(tap(), func(o *cognitoidentityprovider.Options) {
		o.APIOptions = append(o.APIOptions, func(*middleware.Stack) error { built++; return nil })
	}))
	if _, ok := client.(*preparedClient); !ok {
		t.Fatalf("the client is a %T: this SDK builds its stacks in another way", client)
	}
	for range calls {
		wantAnswer(t, confirm(t, client), done)
	}
	// One, but the pool may drop some, and does so at random under the race detector.
	if built >= calls {
		t.Errorf("%d stacks were built for %d calls", built, calls)
	}
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
	withMetadata := inputFor("bob \"é\"")
	withMetadata.ClientMetadata = map[string]string{"source": "import"}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				want, got := tap(), tap()
				for _, service := range []*wiretap{want, got} {
					service.answer = service.answer.with("Date", time.Now().Add(test.ahead).UTC().Format(http.TimeFormat))
				}
				plain := plainClient(want, test.option, fixedInvocationID)
				prepared := prepare(plainClient(got, test.option, fixedInvocationID))
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // it is in a header
				defer cancel()
				for _, input := range []*cognitoidentityprovider.AdminConfirmSignUpInput{inputFor("ann"), withMetadata, inputFor("ann")} {
					for _, client := range []Client{plain, prepared} {
						if _, err := client.AdminConfirmSignUp(ctx, input); err != nil {
							t.Fatal(err)
						}
					}
				}
				if len(got.requests) != 3 || !reflect.DeepEqual(got.requests, want.requests) {
					t.Errorf("prepared:\n%+v\nthe SDK's:\n%+v", got.requests, want.requests)
				}
			})
		})
	}
}

// Calls at the same time change nothing in what the others send and return.
func TestPreparedClientConcurrently(t *testing.T) {
	const callers, calls = 16, 20
	service := &wiretap{answer: func(r *http.Request) (*http.Response, error) {
		return says(http.StatusOK, jsonType, "{}").with("X-Amzn-Requestid", "for "+r.Header.Get(invocationID))(r)
	}}
	client := prepare(plainClient(service))
	outputs := make([]*cognitoidentityprovider.AdminConfirmSignUpOutput, callers*calls)
	var wait sync.WaitGroup
	for caller := range callers {
		wait.Go(func() {
			for call := range calls {
				n := caller*calls + call
				var err error
				if outputs[n], err = client.AdminConfirmSignUp(t.Context(), inputFor(fmt.Sprint(n))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	// The outputs are looked at after all calls: none may have changed since.
	answered := make(map[string]bool)
	for _, output := range outputs {
		id, _ := awsmiddleware.GetRequestIDMetadata(output.ResultMetadata)
		answered[id] = true
	}
	bodies := make(map[string]bool)
	for _, request := range service.requests {
		bodies[request.body] = true
		if id := "for " + request.header.Get(invocationID); !answered[id] {
			t.Errorf("nobody got the answer %q", id)
		}
	}
	if len(bodies) != len(outputs) || len(answered) != len(outputs) || len(service.requests) != len(outputs) {
		t.Errorf("%d requests, %d different ones, %d different answers; want %d of each", len(service.requests), len(bodies), len(answered), len(outputs))
	}
}

// Errors are wrapped as the SDK wraps them.
func TestPreparedClientErrors(t *testing.T) {
	for name, answer := range map[string]exchange{
		"exception":    refuses(http.StatusBadRequest, "UserNotFoundException", "gone"),
		"page":         page(http.StatusBadGateway),
		"broken":       breaks(io.ErrUnexpectedEOF),
		"not Cognito":  page(http.StatusOK),
		"other status": says(http.StatusNoContent, "", ""),
	} {
		_, want := plainClient(answer).AdminConfirmSignUp(t.Context(), inputFor("ann"))
		output, got := prepare(plainClient(answer)).AdminConfirmSignUp(t.Context(), inputFor("ann"))
		if got == nil || got.Error() != want.Error() || reflect.TypeOf(got) != reflect.TypeOf(want) || output != nil {
			t.Errorf("%s: %T %v, want %T %v", name, got, got, want, want)
		}
	}
}

// A call ends with the caller's context, and its values reach the transport.
func TestPreparedClientContext(t *testing.T) {
	type key struct{}
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "value"))
	client := prepare(plainClient(exchange(func(r *http.Request) (*http.Response, error) {
		if got := r.Context().Value(key{}); got != "value" {
			t.Errorf("the transport sees %v", got)
		}
		cancel()
		<-r.Context().Done()
		return nil, r.Context().Err()
	})))
	if _, err := client.AdminConfirmSignUp(ctx, inputFor("ann")); err == nil {
		t.Error("a call without an answer went through")
	}
}

// Every middleware sees what the SDK has put into the context of a call.
func TestPreparedClientValues(t *testing.T) {
	var seen []string
	look := func(o *cognitoidentityprovider.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Look",
				func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
					seen = append(seen, fmt.Sprint(awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx), awsmiddleware.GetRegion(ctx)))
					return next.HandleInitialize(ctx, in)
				}), middleware.After)
		})
	}
	client := plainClient(tap(), look)
	wantAnswer(t, confirm(t, client), done)
	wantAnswer(t, confirm(t, prepare(client)), done)
	if len(seen) != 2 || seen[0] != seen[1] || seen[0] == "" {
		t.Errorf("seen %q, want the same twice", seen)
	}
}

// A call with options of its own is made with them.
func TestPreparedClientOptionsOfACall(t *testing.T) {
	service := tap()
	_, err := prepare(plainClient(service)).AdminConfirmSignUp(t.Context(), inputFor("ann"), func(o *cognitoidentityprovider.Options) {
		o.BaseEndpoint = aws.String("http://another.test")
	})
	if err != nil || len(service.requests) != 1 || service.requests[0].url != "http://another.test/" {
		t.Errorf("error %v, requests %+v", err, service.requests)
	}
}

// Where a stack cannot be kept the SDK makes the call, from the first one on or
// later.
func TestPreparedClientFallsBack(t *testing.T) {
	failingOnce := func(service *wiretap) *cognitoidentityprovider.Client {
		attempts := 0
		return plainClient(service, func(o *cognitoidentityprovider.Options) {
			o.APIOptions = append(o.APIOptions, func(*middleware.Stack) error {
				if attempts++; attempts == 1 {
					return io.ErrUnexpectedEOF
				}
				return nil
			})
		})
	}
	service := tap()
	client := prepare(failingOnce(service))
	if _, ok := client.(*preparedClient); ok {
		t.Error("prepared from a stack that is not complete")
	}
	wantAnswer(t, confirm(t, client), done)
	wantAnswer(t, confirm(t, &preparedClient{Client: failingOnce(service)}), done)
	if len(service.requests) != 2 {
		t.Errorf("%d requests, want 2", len(service.requests))
	}
}

// What a call costs of the processor and of memory, without a network.
func BenchmarkCall(b *testing.B) {
	transport := says(http.StatusOK, jsonType, "{}")
	for name, client := range map[string]Client{
		"plain":    plainClient(transport),
		"prepared": prepare(plainClient(transport)),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := client.AdminConfirmSignUp(b.Context(), inputFor("ann")); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
