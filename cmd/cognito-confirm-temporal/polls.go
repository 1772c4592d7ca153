package main

import (
	"context"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
)

// pollTime bounds the requests that wait for something to do. A worker that is frozen
// still holds those that it made, for 70 s as the SDK makes them, and the engine would
// give it the next attempt at the chunk that it has left. It makes its last request at
// most beatEvery after its last heartbeat, and the engine answers a request 1 s before
// its time is over, so that after 5 + 11 - 1 = 15 s there is none left: before the
// heartbeat timeout. The engine warns of requests below 10 s and refuses those below 2 s.
const pollTime = 11 * time.Second

// boundPolls is a [grpc.UnaryClientInterceptor]. The empty answer to a poll is nothing
// special to the SDK, which polls again at once.
func boundPolls(ctx context.Context, method string, request, reply any, connection *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	switch request.(type) {
	case *workflowservice.PollActivityTaskQueueRequest, *workflowservice.PollWorkflowTaskQueueRequest:
		bounded, cancel := context.WithTimeout(ctx, pollTime)
		defer cancel()
		ctx = bounded
	}
	return invoke(ctx, method, request, reply, connection, options...)
}
