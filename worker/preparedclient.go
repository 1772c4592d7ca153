package worker

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// operation is the SDK's name of what a pool calls.
const operation = "AdminConfirmSignUp"

// PreparedClient is a [Client] that makes the calls of an SDK client and keeps
// what the SDK builds anew for each of them: the stack of middleware that
// serializes, signs, sends and reads. It is a fifth of what a call costs, in
// CPU and in garbage, and it is the same stack every time. What reaches the
// service is what the SDK sends, see trim. It is safe for concurrent use.
type PreparedClient struct {
	client *cognitoidentityprovider.Client
	// handlers are stacks with the HTTP client behind them. A stack serves one
	// call at a time: it keeps the handler behind it in a field of its own.
	handlers sync.Pool
}

// NewPreparedClient returns a client with the options of the SDK's. Its HTTP
// client must be an [*HTTPClient], and its retries must be off. There is no
// tracing and there are no metrics, whatever the options say.
func NewPreparedClient(client *cognitoidentityprovider.Client) (*PreparedClient, error) {
	p := &PreparedClient{client: client}
	// What cannot be prepared is found out now and not at the first row.
	handler, err := p.prepare()
	if err != nil {
		return nil, err
	}
	p.handlers.Put(handler)
	return p, nil
}

// errPrepared ends a call whose stack is complete, before it is sent.
var errPrepared = errors.New("the stack is complete")

// prepare has the SDK build the stack of a call and takes it away.
func (p *PreparedClient) prepare() (middleware.Handler, error) {
	var prepared *middleware.Stack
	_, err := p.client.AdminConfirmSignUp(context.Background(), nil, func(o *cognitoidentityprovider.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			prepared = stack
			return errPrepared
		})
	})
	if !errors.Is(err, errPrepared) {
		return nil, fmt.Errorf("prepare call: %w", err)
	}
	if err := trim(prepared); err != nil {
		return nil, fmt.Errorf("prepare call: %w", err)
	}
	return middleware.DecorateHandler(smithyhttp.NewClientHandlerWithOptions(p.client.Options().HTTPClient), prepared), nil
}

// trim takes out of a stack what does nothing in this program: a tenth of what
// a call costs. Of what is sent only Amz-Sdk-Invocation-Id goes, an id by which
// the SDK's own retries of a call are known, and it makes none here.
func trim(stack *middleware.Stack) error {
	var failed error
	remove := func(_ any, err error) { failed = errors.Join(failed, err) }
	// For an endpoint resolver of the kind that the SDK has deprecated.
	remove(stack.Initialize.Remove("legacyEndpointContextSetter"))
	remove(stack.Serialize.Remove("ResolveEndpoint"))
	remove(stack.Build.Remove("ClientRequestID"))
	// For callers inside of AWS Lambda.
	remove(stack.Build.Remove("RecursionDetection"))
	// Tracing, and hooks that nobody has set.
	remove(stack.Finalize.Remove("spanRetryLoop"))
	remove(stack.Finalize.Remove("InterceptBeforeRetryLoop"))
	remove(stack.Finalize.Remove("InterceptAttempt"))
	// The middleware before it sets the same header.
	remove(stack.Finalize.Remove("RetryMetricsHeader"))
	// Whatever is behind an HTTPClient has its body in memory: there is
	// nothing to close.
	remove(stack.Deserialize.Remove("ErrorCloseResponseBody"))
	remove(stack.Deserialize.Remove("CloseResponseBody"))
	// Nobody asks for the raw response, or has it logged.
	remove(stack.Deserialize.Remove("AddRawResponseToMetadata"))
	remove(stack.Deserialize.Remove("RequestResponseLogger"))
	return failed
}

// AdminConfirmSignUp makes one call. A call with options of its own is made by
// the SDK, which has to build another stack for it.
func (p *PreparedClient) AdminConfirmSignUp(ctx context.Context, input *cognitoidentityprovider.AdminConfirmSignUpInput, options ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.AdminConfirmSignUpOutput, error) {
	if len(options) > 0 {
		return p.client.AdminConfirmSignUp(ctx, input, options...)
	}
	handler, kept := p.handlers.Get().(middleware.Handler)
	if !kept {
		var err error
		if handler, err = p.prepare(); err != nil {
			return nil, err
		}
	}
	defer p.handlers.Put(handler)
	ctx = middleware.WithServiceID(ctx, cognitoidentityprovider.ServiceID)
	ctx = middleware.WithOperationName(ctx, operation)
	result, metadata, err := handler.Handle(ctx, input)
	if err != nil {
		return nil, &smithy.OperationError{ServiceID: cognitoidentityprovider.ServiceID, OperationName: operation, Err: err}
	}
	output := result.(*cognitoidentityprovider.AdminConfirmSignUpOutput)
	output.ResultMetadata = metadata
	return output, nil
}
