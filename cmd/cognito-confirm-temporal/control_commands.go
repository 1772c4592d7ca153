package main

import (
	"context"
	"strconv"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"cognito-confirm/internal/flags"
)

// pauseCommand ends the calls of a run for the time being.
type pauseCommand struct{ domainFlags }

// Run is called by kong.
func (p *pauseCommand) Run(ctx context.Context, c *console) error {
	return c.update(ctx, p.domainFlags, "paused: no calls are made before resume", updatePause)
}

// resumeCommand goes on with a run.
type resumeCommand struct{ domainFlags }

// Run is called by kong.
func (r *resumeCommand) Run(ctx context.Context, c *console) error {
	return c.update(ctx, r.domainFlags, "resumed", updateResume)
}

// rateCommand gives a run another rate.
type rateCommand struct {
	Rate flags.Rate `arg:"" help:"Attempts a second at most, or 'auto'."`
	domainFlags
}

// Run is called by kong.
func (r *rateCommand) Run(ctx context.Context, c *console) error {
	return c.update(ctx, r.domainFlags, "the rate is now "+perSecond(float64(r.Rate)), updateRate, float64(r.Rate))
}

// rateFlag returns a rate as it is given on a command line.
func rateFlag(rate float64) string {
	if rate == 0 {
		return "auto"
	}
	return strconv.FormatFloat(rate, 'f', -1, 64)
}

// perSecond returns a rate as a person reads it.
func perSecond(rate float64) string {
	if rate == 0 {
		return rateFlag(rate)
	}
	return rateFlag(rate) + " a second"
}

// update asks a run for something, waits until that is done, and reports it.
func (c *console) update(ctx context.Context, which domainFlags, done, name string, args ...any) error {
	return c.onRun(ctx, which, func(engine client.Client, id string) error {
		handle, err := engine.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
			WorkflowID: id, UpdateName: name, Args: args, WaitForStage: client.WorkflowUpdateStageCompleted,
		})
		if err == nil {
			err = handle.Get(ctx, nil)
		}
		if err != nil {
			return err
		}
		c.infof("%s", done)
		return nil
	})
}

// cancelCommand ends a run.
type cancelCommand struct{ domainFlags }

// Run is called by kong. It waits until the calls on their way have ended.
func (k *cancelCommand) Run(ctx context.Context, c *console) error {
	return c.onRun(ctx, k.domainFlags, func(engine client.Client, id string) error {
		if err := engine.CancelWorkflow(ctx, id, ""); err != nil {
			return err
		}
		switch err := engine.GetWorkflow(ctx, id, "").Get(ctx, nil); {
		case err == nil:
			c.infof("the run had completed before: nothing was canceled")
		case temporal.IsCanceledError(err):
			c.infof("canceled; start goes on with it")
		default:
			return ended(err)
		}
		return nil
	})
}
