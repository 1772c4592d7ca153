package main

import (
	"context"
	"net"
	"testing"
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
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	workflowservice.RegisterWorkflowServiceServer(server, e)
	go server.Serve(listener)
	t.Cleanup(server.Stop)
	c := &console{env: []string{"TEMPORAL_ADDRESS=" + listener.Addr().String(), "HOME=" + t.TempDir()}}
	connected, err := c.connect(t.Context())
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
