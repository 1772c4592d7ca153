package main

import (
	"context"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/sdk/client"
)

// pollerLasts is for how long a worker counts as one after its last request, of which it
// makes one every pollTime. The engine remembers it for longer.
const pollerLasts = time.Minute

// hasWorker reports whether somebody does what there is to do in a task queue, as far as
// the engine can tell.
func hasWorker(ctx context.Context, engine client.Client, queue string) bool {
	found, err := engine.DescribeTaskQueue(ctx, queue, enumspb.TASK_QUEUE_TYPE_WORKFLOW)
	return err != nil || slices.ContainsFunc(found.GetPollers(), func(p *taskqueuepb.PollerInfo) bool {
		return time.Since(p.GetLastAccessTime().AsTime()) < pollerLasts
	})
}

// noWorkerFor tells that nobody does so, and what to do about it.
func noWorkerFor(queue string) (message, hint string) {
	hint = programName + " worker"
	if queue != defaultQueue {
		hint += " --task-queue " + queue
	}
	return "no worker is at work for the task queue " + queue, hint + " starts one"
}

// warnOfNoWorker tells when a run waits for a worker.
func (c *console) warnOfNoWorker(ctx context.Context, engine client.Client, id string) {
	run, err := engine.DescribeWorkflow(ctx, id, "")
	if err != nil || run.Status != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING || hasWorker(ctx, engine, run.TaskQueueName) {
		return
	}
	message, hint := noWorkerFor(run.TaskQueueName)
	c.messages.Warn(escaped(message))
	c.hint(hint)
}
