package main

import (
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"cognito-confirm/report"
)

// Firing is what a schedule starts: an order, and the ID that excludes others.
type Firing struct {
	ID    string `json:"id"`
	Order Order  `json:"order"`
}

// Skipped is what a firing comes to while another run has the quota.
const Skipped = "skipped: another run has the quota"

// Scheduled starts Run under its fixed ID, and waits for it. A schedule cannot do so
// by itself: it appends the time to the ID, which then excludes nobody.
func Scheduled(ctx workflow.Context, firing Firing) (string, error) {
	ctx = workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID:            firing.ID,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		ParentClosePolicy:     enumspb.PARENT_CLOSE_POLICY_REQUEST_CANCEL,
		WaitForCancellation:   true,
		StaticSummary:         summaryOf(firing.Order),
	})
	var counts report.Counts
	err := workflow.ExecuteChildWorkflow(ctx, Run, firing.Order).Get(ctx, &counts)
	if temporal.IsWorkflowExecutionAlreadyStartedError(err) {
		return Skipped, nil
	}
	return "", err
}

// summaryOf is one line about a run for the engine's own tools.
func summaryOf(order Order) string { return "confirm users of " + order.UserPoolID }
