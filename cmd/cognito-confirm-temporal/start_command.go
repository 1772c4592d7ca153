package main

import (
	"context"
	"fmt"
	"path/filepath"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"cognito-confirm/internal/flags"
	"cognito-confirm/internal/store"
	"cognito-confirm/ratelimit"
)

// orderFlags set what is to be done: the flags of a run of cognito-confirm, and where
// the files are.
type orderFlags struct {
	flags.Input
	flags.Pool
	queueFlag

	Store       string `required:"" placeholder:"URL" help:"Where the input, the plan, the journals and the reports are: s3://bucket/prefix, or a directory that all workers share."`
	QuotaDomain string `placeholder:"NAME" help:"What has a quota of its own: runs in one domain exclude each other. Default: the Region of the user pool, for one account."`
	ChunkRows   int    `placeholder:"N" help:"Rows that a worker is given at a time. Default: those of about five minutes."`

	Rate flags.Rate `default:"40" placeholder:"N" help:"Attempts a second at most, retries included; 'auto' finds the quota. Default: ${default}."`
	flags.Calls
}

// check refuses flags that make no sense, and completes the store.
func (f *orderFlags) check() error {
	if _, err := f.Input.Options(nil); err != nil {
		return err
	}
	if err := f.Calls.Check(); err != nil {
		return err
	}
	if err := f.Target().Check(); err != nil {
		return err
	}
	if f.ChunkRows < 0 {
		return &flags.UsageError{Message: "--chunk-rows must be at least 0"}
	}
	if f.Path == "-" {
		return &flags.UsageError{Message: "the input must be a file, for it is read twice"}
	}
	if store.IsAddress(f.Store) {
		_, err := store.ParseAddress(f.Store)
		return err
	}
	var err error
	f.Store, err = filepath.Abs(f.Store) // for workers that are elsewhere
	return err
}

func (f *orderFlags) domain() string { return domainOf(f.UserPoolID, f.QuotaDomain) }

func (f *orderFlags) order() Order {
	return Order{Store: f.Store, UserPoolID: f.UserPoolID, ChunkRows: f.ChunkRows, Rate: float64(f.Rate)}
}

func (f *orderFlags) settings() Settings {
	s := Settings{
		UsernameColumn: f.UsernameColumn, NoHeader: f.NoHeader,
		UserPoolID: f.UserPoolID, Region: f.Region, Profile: f.Profile, EndpointURL: f.EndpointURL,
		ClientMetadata: f.ClientMetadata, Dedicated: f.Pace.Pace() == ratelimit.Dedicated,
		Concurrency: f.Concurrency, MaxAttempts: f.MaxAttempts, Timeout: f.Timeout,
		StallTimeout: f.StallTimeout, MaxConsecutiveFailures: f.MaxConsecutiveFailures,
	}
	if f.Delimiter != 0 {
		s.Delimiter = string(f.Delimiter)
	}
	return s
}

// startCommand begins a run, or goes on with it.
type startCommand struct {
	orderFlags
	Wait bool `help:"Wait for the end of the run, and exit as it."`
	// ContinueAfter is for tests: a history becomes long after days.
	ContinueAfter int `hidden:""`
}

// memoRun is the name of the run in the memo of its workflow, which can be read
// without a worker.
const memoRun = "run"

// Run is called by kong.
func (s *startCommand) Run(ctx context.Context, c *console) error {
	if err := s.check(); err != nil {
		return err
	}
	engine, err := c.connect(ctx)
	if err != nil {
		return err
	}
	defer engine.Close()
	id := workflowID(s.domain())
	order := s.order()
	order.ContinueAfter = s.ContinueAfter
	input, err := copyInput(ctx, s.Path, s.settings(), "")
	if err != nil {
		return err
	}
	defer input.Close()
	order.Run = input.run
	// The input has personal data: it goes nowhere where nobody needs it.
	holder, err := look(ctx, engine, id)
	switch {
	case is[*serviceerror.NotFound](err):
	case err != nil:
		return err
	case holder.State == stateRunning && holder.Run != order.Run:
		return &lockedError{s.domain(), holder.Run}
	}
	if err := input.put(ctx, order.Store, ""); err != nil {
		return err
	}
	_, err = engine.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: id, TaskQueue: s.TaskQueue,
		WorkflowIDConflictPolicy:                 enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowIDReusePolicy:                    enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		StaticSummary:                            summaryOf(order),
		Memo:                                     map[string]any{memoRun: order.Run},
	}, Run, order)
	switch {
	case is[*serviceerror.WorkflowExecutionAlreadyStarted](err):
		holder, err := look(ctx, engine, id)
		if err != nil {
			return err
		}
		if holder.Run != order.Run {
			c.infof("a copy of the input is in %s", order.Store+"/"+order.Run)
			return &lockedError{s.domain(), holder.Run}
		}
		text := fmt.Sprintf("run %s is at work already", order.Run)
		if holder.Status != nil && holder.Status.Progress.Rate != order.Rate {
			text += fmt.Sprintf("; its rate is %s, and 'rate %s' changes that", perSecond(holder.Status.Progress.Rate), rateFlag(order.Rate))
		}
		c.infof("%s", text)
	case err != nil:
		return err
	default:
		c.infof("run %s has begun; its files are in %s", order.Run, order.Store+"/"+order.Run)
	}
	c.warnOfNoWorker(ctx, engine, id)
	if !s.Wait {
		return nil
	}
	return c.wait(ctx, engine, id)
}
