package cognito

import (
	"context"
	"io"
	"sync/atomic"
)

// attempt collects on the way of one call what the SDK's errors do not tell. It
// travels in the context of the call.
type attempt struct {
	// sent: somebody began to read the request's body, to write it to a
	// connection. Before that the service cannot have acted.
	sent atomic.Bool
	// signer and generation tell which credentials signed the request.
	signer     *renewingCredentials
	generation int
	// doubt is why an exception does not make the row a success, whatever it tells
	// of the user. It is nil for the service's own.
	doubt error
}

type attemptKey struct{}

func withAttempt(ctx context.Context) (context.Context, *attempt) {
	a := &attempt{}
	return context.WithValue(ctx, attemptKey{}, a), a
}

// attemptOf returns the attempt of a call's context, nil for other contexts.
func attemptOf(ctx context.Context) *attempt {
	a, _ := ctx.Value(attemptKey{}).(*attempt)
	return a
}

// watchedBody is a request's body that notes when it is read.
type watchedBody struct {
	io.ReadCloser
	attempt *attempt
}

func (b watchedBody) Read(p []byte) (int, error) {
	b.attempt.sent.Store(true)
	return b.ReadCloser.Read(p)
}
