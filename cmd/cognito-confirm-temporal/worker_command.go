package main

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/worker"

	"cognito-confirm/internal/program"
)

// workerCommand does what there is to do.
type workerCommand struct {
	queueFlag
	Scratch string `placeholder:"DIR" help:"Where files are on the way to S3. Default: the directory for temporary files."`
}

// stopTimeout is how long a worker may take to end its calls and to write what it has.
const stopTimeout = 3 * time.Minute

// Run is called by kong. It works until a signal comes.
func (w *workerCommand) Run(ctx context.Context, c *console) error {
	engine, err := c.connect(ctx)
	if err != nil {
		return err
	}
	defer engine.Close()
	fatal := make(chan error, 1)
	process := worker.New(engine, w.TaskQueue, worker.Options{
		WorkerStopTimeout: stopTimeout,
		OnFatalError:      func(err error) { fatal <- err },
	})
	process.RegisterWorkflow(Run)
	process.RegisterWorkflow(Scheduled)
	process.RegisterActivity(&Activities{heartbeats: engine, scratch: w.Scratch, version: program.Version()})
	if err := process.Start(); err != nil {
		return fmt.Errorf("start worker: %w", err)
	}
	c.infof("at work for the task queue %s", w.TaskQueue)
	select {
	case err := <-fatal:
		process.Stop()
		return fmt.Errorf("worker: %w", err)
	case <-ctx.Done():
	}
	c.infof("ending the calls that are on their way")
	process.Stop()
	return context.Cause(ctx)
}
