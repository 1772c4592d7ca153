package main

import (
	"context"
	"sync"
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

// polls are a worker's requests that wait for something to do. The zero value has none.
type polls struct {
	mu sync.Mutex
	// pollers is the most requests that were open at once: each poller makes one at a time.
	pollers, open, held int
	// drained is closed when no poller has a request with the engine, and over set. It is
	// nil until drain.
	drained chan struct{}
	over    bool
}

// intercept is a [grpc.UnaryClientInterceptor]. The empty answer to a poll is nothing
// special to the SDK, which polls again at once.
func (p *polls) intercept(ctx context.Context, method string, request, reply any, connection *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	switch request.(type) {
	case *workflowservice.PollActivityTaskQueueRequest, *workflowservice.PollWorkflowTaskQueueRequest:
	default:
		return invoke(ctx, method, request, reply, connection, options...)
	}
	if !p.begin() {
		<-ctx.Done()
		return ctx.Err()
	}
	defer p.end()
	bounded, cancel := context.WithTimeout(ctx, pollTime)
	defer cancel()
	err := invoke(bounded, method, request, reply, connection, options...)
	if bounded.Err() != nil && ctx.Err() == nil {
		return nil // nothing to do, as far as is known; the SDK would warn of an engine that is slow
	}
	return err
}

// begin reports whether a request may go to the engine.
func (p *polls) begin() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drained == nil {
		p.open++
		p.pollers = max(p.pollers, p.open)
		return true
	}
	p.held++
	p.check()
	return false
}

func (p *polls) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open--
}

// check is called with the lock. A poller whose request was answered has handed the task
// over only when it asks for the next one, so that this is the time to look.
func (p *polls) check() {
	if p.open == 0 && p.held >= p.pollers && !p.over {
		p.over = true
		close(p.drained)
	}
}

// drain lets no further request go to the engine and waits for the answers to those that
// it has, which takes as long as they may wait. Call it once, before the worker stops:
// the SDK breaks off its requests then, and a task that is in the answer to one is lost
// until a timeout.
func (p *polls) drain() {
	p.mu.Lock()
	p.drained = make(chan struct{})
	p.check()
	p.mu.Unlock()
	timer := time.NewTimer(pollTime)
	defer timer.Stop()
	select {
	case <-p.drained:
	case <-timer.C: // a poller that has met an error pauses before it asks again
	}
}
