package cognito

import (
	"context"
	"errors"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

// preparedClient makes the calls of an SDK client, and keeps what the SDK would
// build for each of them: the stack of middleware that serializes, signs, sends
// and reads. Nothing is taken out of the stack, so that the service gets what
// the SDK sends. What is called less often is left to the SDK's client.
type preparedClient struct {
	*cognitoidentityprovider.Client
	stacks sync.Pool // of *keptStack
}

// prepare returns a client that makes the same calls for less, or the client
// itself if it does not build its stacks as this package expects: an SDK that
// has changed costs a run some CPU, and no more.
func prepare(client *cognitoidentityprovider.Client) Client {
	p := &preparedClient{Client: client}
	stack, ok := p.newStack()
	if !ok {
		return client
	}
	p.stacks.Put(stack)
	return p
}

// newStack has the SDK build the stack of a call, and keeps it before it sends anything.
func (p *preparedClient) newStack() (*keptStack, bool) {
	stack := &keptStack{}
	_, err := p.Client.AdminConfirmSignUp(context.Background(), nil, func(o *cognitoidentityprovider.Options) {
		// The last option that is applied puts its middleware before all others.
		o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
			return s.Initialize.Add(stack, middleware.Before)
		})
	})
	return stack, errors.Is(err, errKept)
}

// AdminConfirmSignUp makes one call. A call with options of its own needs a
// stack of its own, which the SDK builds.
func (p *preparedClient) AdminConfirmSignUp(ctx context.Context, input *cognitoidentityprovider.AdminConfirmSignUpInput, options ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.AdminConfirmSignUpOutput, error) {
	stack, ok := p.stacks.Get().(*keptStack)
	if !ok {
		stack, ok = p.newStack()
	}
	if !ok || len(options) > 0 {
		return p.Client.AdminConfirmSignUp(ctx, input, options...)
	}
	defer p.stacks.Put(stack)
	result, metadata, err := stack.handle(ctx, input)
	if err != nil {
		return nil, &smithy.OperationError{ServiceID: cognitoidentityprovider.ServiceID, OperationName: OperationName, Err: err}
	}
	// A copy, because the stack returns the same output every time. For an
	// output with members a copy would not do: they would keep what the last
	// answer put there.
	output := *result.(*cognitoidentityprovider.AdminConfirmSignUpOutput)
	output.ResultMetadata = metadata
	return &output, nil
}

// keptStack is the stack of a call, ready for the next one. It serves one call
// at a time: the SDK's steps note in themselves which step comes next.
//
// It is itself a middleware, the first of the stack: that is how it gets hold of
// the rest, and of the values that the SDK puts into the context of a call.
type keptStack struct {
	values context.Context
	rest   middleware.InitializeHandler
}

// errKept ends the call whose stack is kept.
var errKept = errors.New("the stack is kept")

// ID returns the middleware's name.
func (s *keptStack) ID() string { return "KeepStack" }

// HandleInitialize keeps the rest of the stack, and ends the call.
func (s *keptStack) HandleInitialize(ctx context.Context, _ middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
	s.values, s.rest = ctx, next
	return middleware.InitializeOutput{}, middleware.Metadata{}, errKept
}

func (s *keptStack) handle(ctx context.Context, input any) (any, middleware.Metadata, error) {
	out, metadata, err := s.rest.HandleInitialize(callContext{ctx, s.values}, middleware.InitializeInput{Parameters: input})
	return out.Result, metadata, err
}

// callContext ends when its context does, and has the values of another one too.
type callContext struct {
	context.Context
	values context.Context
}

// Value returns the other context's value first: the SDK hides the caller's as well.
func (c callContext) Value(key any) any {
	if value := c.values.Value(key); value != nil {
		return value
	}
	return c.Context.Value(key)
}
