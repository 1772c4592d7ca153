package main

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"cognito-confirm/internal/flags"
	"cognito-confirm/internal/program"
	"cognito-confirm/internal/words"
	"cognito-confirm/report"
)

// waitCommand waits for the end of a run.
type waitCommand struct{ domainFlags }

// Run is called by kong.
func (w *waitCommand) Run(ctx context.Context, c *console) error {
	return c.onRun(ctx, w.domainFlags, func(engine client.Client, id string) error {
		c.warnOfNoWorker(ctx, engine, id)
		return c.wait(ctx, engine, id)
	})
}

// onRun does something with the run that is meant.
func (c *console) onRun(ctx context.Context, which domainFlags, do func(engine client.Client, id string) error) error {
	domain, err := which.domain()
	if err != nil {
		return err
	}
	engine, err := c.connect(ctx)
	if err != nil {
		return err
	}
	defer engine.Close()
	id := workflowID(domain)
	if err := do(engine, id); !is[*serviceerror.NotFound](err) {
		return err
	}
	_, err = engine.DescribeWorkflow(ctx, id, "")
	switch {
	case err == nil:
		return flags.Usage("the run has ended", "status tells how")
	case is[*serviceerror.NotFound](err):
		return flags.Usage("there is no run for "+domain, "start begins one; --user-pool-id or --quota-domain tells which is meant")
	}
	return err
}

// wait waits for the end of a run, and tells what it came to.
func (c *console) wait(ctx context.Context, engine client.Client, id string) error {
	workflow := engine.GetWorkflow(ctx, id, "")
	run := workflow.GetRunID() // now, before another run begins
	var counts report.Counts
	if err := workflow.Get(ctx, &counts); err != nil {
		return ended(err)
	}
	c.infof("%s: %s", words.Count(counts.Rows, "row"), statuses(counts))
	c.tellCodes(counts)
	if status, err := ask(ctx, engine, id, run); err == nil {
		c.tellFiles(status.Order, counts)
	}
	if counts.Unsuccessful() > 0 {
		return &alreadySaid{program.Unsuccessful}
	}
	return nil
}

var (
	errRunCanceled   = errors.New("the run was canceled; start goes on with it")
	errRunTerminated = errors.New("the run was terminated; start goes on with it")
)

// ended makes one sentence of how a run ended.
func ended(err error) error {
	if failed, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		return &stoppedError{failed}
	}
	switch {
	case temporal.IsCanceledError(err):
		return errRunCanceled
	case temporal.IsTerminatedError(err):
		return errRunTerminated
	}
	return err
}

// stoppedError is what has stopped a run.
type stoppedError struct{ failed *temporal.ApplicationError }

func (e *stoppedError) Error() string {
	return fmt.Sprintf("the run was stopped: %s", e.failed.Message())
}

// Unwrap returns what the engine knows of it.
func (e *stoppedError) Unwrap() error { return e.failed }
