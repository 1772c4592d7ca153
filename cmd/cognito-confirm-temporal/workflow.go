package main

import (
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"cognito-confirm/report"
)

const (
	// heartbeatTimeout is after how long of silence another worker gets a chunk. It is
	// 5 s longer than the lease, for the last calls to end. A worker that dies right
	// after a heartbeat costs 17 s of silence, retryEvery, and up to 2 s in which the
	// next one gets the chunk, opens it and makes its first call: less than 20 s.
	heartbeatTimeout = 17 * time.Second
	// patientTimeout is that of work that calls nobody.
	patientTimeout = 2 * time.Minute
	// retryEvery is how long the engine waits before it gives an activity to a worker
	// again. It does not grow: a failover is no reason to wait longer each time.
	retryEvery = 100 * time.Millisecond
	// longest is how long a chunk may take, pauses of the service included.
	longest = 7 * 24 * time.Hour
)

// The names of the activities, which are methods of Activities.
const (
	activityImport  = "Import"
	activityPlan    = "Plan"
	activityConfirm = "Confirm"
	activityMerge   = "Merge"
)

// Run is the workflow: plan, then chunk after chunk, then the merge. Its ID is the
// quota domain, so that in each there is one at a time. One chunk is in flight, and
// a pause or another rate ends it; the same chunk then goes on with the rest.
func Run(ctx workflow.Context, order Order) (report.Counts, error) {
	r := &supervision{order: order, Progress: Progress{Rate: order.Rate}}
	if order.Progress != nil {
		r.Progress = *order.Progress
	}
	if err := r.listen(ctx); err != nil {
		return report.Counts{}, err
	}
	if order.Progress == nil {
		if err := r.plan(ctx); err != nil {
			return report.Counts{}, err
		}
	}
	if r.Planned.Finished != nil {
		return *r.Planned.Finished, nil
	}
	for began := r.Next; r.Next < r.Planned.Chunks; {
		if r.isLong(ctx, r.Next-began) {
			return report.Counts{}, r.continueAsNew(ctx)
		}
		if err := r.step(ctx); err != nil {
			return report.Counts{}, err
		}
	}
	return r.merge(ctx)
}

// supervision is the state of a workflow.
type supervision struct {
	order Order
	Progress
	// interrupt ends the chunk that is in flight, nil while none is. started counts
	// the chunks, those that go on included.
	interrupt workflow.CancelFunc
	started   int
	merging   bool
}

// plan finds out what the input is.
func (r *supervision) plan(ctx workflow.Context) error {
	if r.order.Source != "" {
		if err := r.do(ctx, "import the input", patientTimeout, activityImport, r.order, &r.order); err != nil {
			return err
		}
	}
	return r.do(ctx, "plan", patientTimeout, activityPlan, r.order, &r.Planned)
}

// step does the next chunk, or what is left of it.
func (r *supervision) step(ctx workflow.Context) error {
	r.describe(ctx)
	if err := workflow.Await(ctx, func() bool { return !r.Paused }); err != nil {
		return err
	}
	r.describe(ctx)
	chunkCtx, interrupt := workflow.WithCancel(ctx)
	r.interrupt = interrupt
	r.started++
	var done Done
	chunk := Chunk{Order: r.order, Index: r.Next, Rate: r.Rate, Part: r.Part, Pace: r.Pace}
	chunk.Order.Progress = nil
	err := r.do(chunkCtx, fmt.Sprintf("chunk %d of %d", r.Next+1, r.Planned.Chunks), heartbeatTimeout, activityConfirm, chunk, &done)
	r.interrupt = nil
	if err != nil {
		r.learn(err)
		if temporal.IsCanceledError(err) && ctx.Err() == nil {
			return nil // a pause, or another rate
		}
		return err
	}
	r.Next++
	r.Done, r.Part, r.Pace = r.Done.Plus(done.Counts), report.Counts{}, done.Pace
	return nil
}

// learn keeps what a chunk that has ended early had done and learned. One that has not
// begun tells nothing, and neither does a failure in an older worker.
func (r *supervision) learn(err error) {
	done := Done{Counts: r.Part, Pace: r.Pace}
	if canceled, ok := errors.AsType[*temporal.CanceledError](err); ok {
		_ = canceled.Details(&done)
	} else if failed, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		_ = failed.Details(&Hint{}, &done)
	}
	r.Part, r.Pace = done.Counts, done.Pace
}

// merge puts the chunks together.
func (r *supervision) merge(ctx workflow.Context) (report.Counts, error) {
	r.merging = true
	r.describe(ctx)
	var counts report.Counts
	err := r.do(ctx, "merge", heartbeatTimeout, activityMerge, r.order, &counts)
	if err != nil {
		return report.Counts{}, err
	}
	r.Done = counts
	return counts, workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
}

// do has an activity done, by whichever worker and however often it takes.
func (r *supervision) do(ctx workflow.Context, summary string, silence time.Duration, activity string, order, result any) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: longest,
		HeartbeatTimeout:    silence,
		WaitForCancellation: true,
		Summary:             summary,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: retryEvery, BackoffCoefficient: 1},
	})
	return workflow.ExecuteActivity(ctx, activity, order).Get(ctx, result)
}

// isLong reports that the history is as long as it should be.
func (r *supervision) isLong(ctx workflow.Context, chunks int) bool {
	return r.order.ContinueAfter > 0 && chunks >= r.order.ContinueAfter || workflow.GetInfo(ctx).GetContinueAsNewSuggested()
}

// continueAsNew goes on in a workflow with an empty history.
func (r *supervision) continueAsNew(ctx workflow.Context) error {
	if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
		return err
	}
	order := r.order
	order.Progress = &r.Progress
	return workflow.NewContinueAsNewError(ctx, Run, order)
}

// describe tells people in the engine's own tools how far the run has come.
func (r *supervision) describe(ctx workflow.Context) {
	text := fmt.Sprintf("%d of %d rows, chunk %d of %d", r.Done.Rows+r.Part.Rows, r.Planned.Rows, min(r.Next+1, r.Planned.Chunks), r.Planned.Chunks)
	switch {
	case r.merging:
		text = fmt.Sprintf("%d of %d rows, merging", r.Done.Rows, r.Planned.Rows)
	case r.Paused:
		text += ", paused"
	case r.Pace.Rate > 0:
		text += fmt.Sprintf(", %.1f/s", r.Pace.Rate)
	}
	workflow.SetCurrentDetails(ctx, text)
}
