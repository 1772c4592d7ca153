package main

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
)

// patientEngine notes for how long each request may wait.
type patientEngine struct {
	workflowservice.UnimplementedWorkflowServiceServer
	patience time.Duration
}

func (e *patientEngine) note(ctx context.Context) {
	deadline, _ := ctx.Deadline()
	e.patience = time.Until(deadline)
}

func (e *patientEngine) GetSystemInfo(context.Context, *workflowservice.GetSystemInfoRequest) (*workflowservice.GetSystemInfoResponse, error) {
	return &workflowservice.GetSystemInfoResponse{}, nil
}

func (e *patientEngine) PollActivityTaskQueue(ctx context.Context, _ *workflowservice.PollActivityTaskQueueRequest) (*workflowservice.PollActivityTaskQueueResponse, error) {
	e.note(ctx)
	return &workflowservice.PollActivityTaskQueueResponse{}, nil
}

func (e *patientEngine) PollWorkflowTaskQueue(ctx context.Context, _ *workflowservice.PollWorkflowTaskQueueRequest) (*workflowservice.PollWorkflowTaskQueueResponse, error) {
	e.note(ctx)
	return &workflowservice.PollWorkflowTaskQueueResponse{}, nil
}

func (e *patientEngine) DescribeNamespace(ctx context.Context, _ *workflowservice.DescribeNamespaceRequest) (*workflowservice.DescribeNamespaceResponse, error) {
	e.note(ctx)
	return &workflowservice.DescribeNamespaceResponse{}, nil
}

// TestPolls: the engine forgets the polls of a frozen worker before it gives its chunk
// away. All other requests have the time that they are given.
func TestPolls(t *testing.T) {
	e := &patientEngine{}
	c := &console{env: append(serveEngine(t, e), "HOME="+t.TempDir())}
	var requests polls
	connected, err := c.connect(t.Context(), grpc.WithChainUnaryInterceptor(requests.intercept))
	if err != nil {
		t.Fatal(err)
	}
	defer connected.Close()
	// As long as the SDK gives its polls.
	const long = 70 * time.Second
	service := connected.WorkflowService()
	for name, test := range map[string]struct {
		do   func(context.Context) error
		most time.Duration
	}{
		"activities": {func(ctx context.Context) error {
			_, err := service.PollActivityTaskQueue(ctx, &workflowservice.PollActivityTaskQueueRequest{})
			return err
		}, pollTime},
		"workflow tasks": {func(ctx context.Context) error {
			_, err := service.PollWorkflowTaskQueue(ctx, &workflowservice.PollWorkflowTaskQueueRequest{})
			return err
		}, pollTime},
		"no poll": {func(ctx context.Context) error {
			_, err := service.DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{})
			return err
		}, long},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), long)
		defer cancel()
		if err := test.do(ctx); err != nil || e.patience > test.most || e.patience < test.most/2 {
			t.Errorf("%s: a request for %v, want at most %v (%v)", name, e.patience, test.most, err)
		}
	}
	if beatEvery+pollTime >= heartbeatTimeout {
		t.Errorf("a poll of %v outlives a timeout of %v", pollTime, heartbeatTimeout)
	}
}

// TestLatePoll: a request that was not answered in its time has brought nothing, which is
// no failure. One that has failed has.
func TestLatePoll(t *testing.T) {
	away := errors.New("away")
	for name, test := range map[string]struct {
		ends   time.Duration // the SDK's own patience
		failed error         // at once
		want   error
		takes  time.Duration
	}{
		"late":                   {time.Minute, nil, nil, pollTime},
		"away":                   {time.Minute, away, away, 0},
		"it is no longer wanted": {time.Second, nil, context.DeadlineExceeded, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), test.ends)
				defer cancel()
				began := time.Now()
				engine := func(ctx context.Context, _ string, _, _ any, _ *grpc.ClientConn, _ ...grpc.CallOption) error {
					if test.failed != nil {
						return test.failed
					}
					<-ctx.Done()
					return ctx.Err()
				}
				var p polls
				err := p.intercept(ctx, "", &workflowservice.PollActivityTaskQueueRequest{}, nil, nil, engine)
				if took := time.Since(began); !errors.Is(err, test.want) || took != test.takes {
					t.Errorf("%v after %v", err, took)
				}
			})
		})
	}
}

// TestDrain: before a worker stops, it waits for the answers to its requests, and until
// what is in them was taken.
func TestDrain(t *testing.T) {
	const handedAfter = 30 * time.Millisecond
	for name, test := range map[string]struct {
		pollers []time.Duration // when each has begun
		task    time.Duration   // when the first one gets something to do
		stuck   bool            // and does not come back
		takes   time.Duration
	}{
		"none":                         {nil, 0, false, 0},
		"nothing to do":                {[]time.Duration{0, 3 * time.Second}, 0, false, 8 * time.Second},
		"a task":                       {[]time.Duration{0}, 6 * time.Second, false, time.Second + handedAfter},
		"a task, and others wait":      {[]time.Duration{0, 4 * time.Second}, 6 * time.Second, false, 9 * time.Second},
		"the task of the last":         {[]time.Duration{4 * time.Second, 0}, 13500 * time.Millisecond, false, 8500*time.Millisecond + handedAfter},
		"a poller does not come back":  {[]time.Duration{0, 3 * time.Second}, 6 * time.Second, true, pollTime},
		"all of them have just begun":  {[]time.Duration{5 * time.Second, 5 * time.Second}, 0, false, 10 * time.Second},
		"one was answered just before": {[]time.Duration{0}, 5*time.Second - handedAfter/2, false, handedAfter / 2},
		"they were never open at once": {[]time.Duration{0, 4990 * time.Millisecond}, 4980 * time.Millisecond, false, 9990 * time.Millisecond},
		"one was answered long before": {[]time.Duration{0}, time.Second, false, 6*time.Second + handedAfter},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				var draining atomic.Bool
				var handed atomic.Int32
				var p polls
				stopping, stop := context.WithCancel(t.Context())
				for i, first := range test.pollers {
					given := i > 0 || test.task == 0
					engine := func(ctx context.Context, _ string, _, _ any, _ *grpc.ClientConn, _ ...grpc.CallOption) error {
						if draining.Load() {
							t.Errorf("a request after %v", time.Since(began))
						}
						deadline, _ := ctx.Deadline()
						wait := time.Until(deadline) - time.Second
						if due := time.Until(began.Add(test.task)); !given && due <= wait {
							given, wait = true, due
							defer handed.Add(1)
						}
						time.Sleep(wait)
						return ctx.Err()
					}
					go func() {
						for time.Sleep(first); stopping.Err() == nil; {
							had := given
							if err := p.intercept(stopping, "", &workflowservice.PollActivityTaskQueueRequest{}, nil, nil, engine); err == nil && given != had {
								time.Sleep(handedAfter)
								if test.stuck {
									<-stopping.Done()
								}
							}
						}
					}()
				}
				time.Sleep(5 * time.Second)
				synctest.Wait()
				stopped := time.Now()
				draining.Store(true)
				p.drain()
				if took := time.Since(stopped); took != test.takes {
					t.Errorf("it takes %v, want %v", took, test.takes)
				}
				if wanted := test.task > 0; (handed.Load() == 1) != wanted {
					t.Errorf("%d tasks were taken", handed.Load())
				}
				stop()
			})
		})
	}
}
