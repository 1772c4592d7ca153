package main

import (
	"context"
	"net"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/serviceerror"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	updatepb "go.temporal.io/api/update/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	"cognito-confirm/report"
)

// fixedEngine answers the commands as an engine with one run does, or with none.
type fixedEngine struct {
	workflowservice.UnimplementedWorkflowServiceServer
	// state is that of the run. Unspecified: there is none, and one may begin.
	state  enumspb.WorkflowExecutionStatus
	run    string
	result report.Counts
	// status is what a worker answers for the run, nil without one.
	status *Status
	// idle is for how long no worker has asked for something to do, negative: always.
	idle time.Duration
	// late: the run begins after the engine was asked for it.
	late    bool
	refusal error // of a schedule
	began   int
}

// serveEngine returns the environment in which the commands find an engine.
func serveEngine(t *testing.T, e workflowservice.WorkflowServiceServer) (env []string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.UnaryInterceptor(func(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
		response, err := handle(ctx, request)
		if err != nil {
			err = serviceerror.ToStatus(err).Err()
		}
		return response, err
	}))
	workflowservice.RegisterWorkflowServiceServer(server, e)
	go server.Serve(listener)
	t.Cleanup(server.Stop)
	return []string{"TEMPORAL_ADDRESS=" + listener.Addr().String()}
}

func payloads(values ...any) *commonpb.Payloads {
	encoded, err := converter.GetDefaultDataConverter().ToPayloads(values...)
	if err != nil {
		panic(err) // numbers and texts
	}
	return encoded
}

const testRunID = "cognito-confirm/eu-west-1"

var errNoRun = serviceerror.NewNotFound("workflow not found for ID: " + testRunID)

func (e *fixedEngine) GetSystemInfo(context.Context, *workflowservice.GetSystemInfoRequest) (*workflowservice.GetSystemInfoResponse, error) {
	return &workflowservice.GetSystemInfoResponse{Capabilities: &workflowservice.GetSystemInfoResponse_Capabilities{}}, nil
}

func (e *fixedEngine) DescribeWorkflowExecution(context.Context, *workflowservice.DescribeWorkflowExecutionRequest) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	state := e.state
	switch {
	case e.began > 0:
		state = running
	case state == 0 || e.late:
		return nil, errNoRun
	}
	return &workflowservice.DescribeWorkflowExecutionResponse{
		WorkflowExecutionInfo: &workflowpb.WorkflowExecutionInfo{
			Execution: &commonpb.WorkflowExecution{WorkflowId: testRunID, RunId: "r"}, Status: state, TaskQueue: "cognito-confirm", SearchAttributes: &commonpb.SearchAttributes{},
			Memo: &commonpb.Memo{Fields: map[string]*commonpb.Payload{memoRun: payloads(e.run).Payloads[0]}},
		},
	}, nil
}

func (e *fixedEngine) QueryWorkflow(context.Context, *workflowservice.QueryWorkflowRequest) (*workflowservice.QueryWorkflowResponse, error) {
	if e.status == nil {
		return nil, serviceerror.NewFailedPrecondition("no poller seen for task queue recently")
	}
	return &workflowservice.QueryWorkflowResponse{QueryResult: payloads(*e.status)}, nil
}

func (e *fixedEngine) DescribeTaskQueue(_ context.Context, request *workflowservice.DescribeTaskQueueRequest) (*workflowservice.DescribeTaskQueueResponse, error) {
	response := &workflowservice.DescribeTaskQueueResponse{}
	if e.idle >= 0 && request.GetTaskQueue().GetName() == "cognito-confirm" {
		response.Pollers = append(response.Pollers, &taskqueuepb.PollerInfo{LastAccessTime: timestamppb.New(time.Now().Add(-e.idle))})
	}
	return response, nil
}

func (e *fixedEngine) RequestCancelWorkflowExecution(context.Context, *workflowservice.RequestCancelWorkflowExecutionRequest) (*workflowservice.RequestCancelWorkflowExecutionResponse, error) {
	if e.state == 0 {
		return nil, errNoRun
	}
	if e.state == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		e.state = enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED
	}
	return &workflowservice.RequestCancelWorkflowExecutionResponse{}, nil
}

func (e *fixedEngine) UpdateWorkflowExecution(_ context.Context, request *workflowservice.UpdateWorkflowExecutionRequest) (*workflowservice.UpdateWorkflowExecutionResponse, error) {
	switch e.state {
	case enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING:
		return &workflowservice.UpdateWorkflowExecutionResponse{
			Stage:     enumspb.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED,
			UpdateRef: &updatepb.UpdateRef{WorkflowExecution: request.WorkflowExecution, UpdateId: request.GetRequest().GetMeta().GetUpdateId()},
			Outcome:   &updatepb.Outcome{Value: &updatepb.Outcome_Success{}},
		}, nil
	case 0:
		return nil, errNoRun
	}
	return nil, serviceerror.NewNotFound("workflow execution already completed")
}

func (e *fixedEngine) StartWorkflowExecution(context.Context, *workflowservice.StartWorkflowExecutionRequest) (*workflowservice.StartWorkflowExecutionResponse, error) {
	if e.state == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		e.late = false
		return nil, serviceerror.NewWorkflowExecutionAlreadyStarted("Workflow execution is already running", "", "r")
	}
	e.began++
	return &workflowservice.StartWorkflowExecutionResponse{RunId: "r"}, nil
}

func (e *fixedEngine) CreateSchedule(context.Context, *workflowservice.CreateScheduleRequest) (*workflowservice.CreateScheduleResponse, error) {
	return &workflowservice.CreateScheduleResponse{}, e.refusal
}

// GetWorkflowExecutionHistory is asked for the end of the run. One at work completes.
func (e *fixedEngine) GetWorkflowExecutionHistory(context.Context, *workflowservice.GetWorkflowExecutionHistoryRequest) (*workflowservice.GetWorkflowExecutionHistoryResponse, error) {
	event := &historypb.HistoryEvent{EventId: 9}
	switch e.state {
	case running, completed:
		event.EventType = enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED
		event.Attributes = &historypb.HistoryEvent_WorkflowExecutionCompletedEventAttributes{WorkflowExecutionCompletedEventAttributes: &historypb.WorkflowExecutionCompletedEventAttributes{Result: payloads(e.result)}}
	case enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED:
		event.EventType = enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED
		event.Attributes = &historypb.HistoryEvent_WorkflowExecutionCanceledEventAttributes{WorkflowExecutionCanceledEventAttributes: &historypb.WorkflowExecutionCanceledEventAttributes{}}
	case enumspb.WORKFLOW_EXECUTION_STATUS_FAILED:
		event.EventType = enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED
		event.Attributes = &historypb.HistoryEvent_WorkflowExecutionFailedEventAttributes{WorkflowExecutionFailedEventAttributes: &historypb.WorkflowExecutionFailedEventAttributes{Failure: &failurepb.Failure{
			Message: "AccessDeniedException", FailureInfo: &failurepb.Failure_ApplicationFailureInfo{ApplicationFailureInfo: &failurepb.ApplicationFailureInfo{Type: typeFatal, NonRetryable: true, Details: payloads(Hint{"allow it"})}},
		}}}
	default:
		return nil, errNoRun
	}
	return &workflowservice.GetWorkflowExecutionHistoryResponse{History: &historypb.History{Events: []*historypb.HistoryEvent{event}}}, nil
}
