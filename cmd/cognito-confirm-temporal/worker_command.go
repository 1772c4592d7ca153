package main

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/worker"
	"google.golang.org/grpc"

	"cognito-confirm/internal/program"
)

// workerCommand does what there is to do.
type workerCommand struct {
	queueFlag
	Scratch string `placeholder:"DIR" help:"Where files are on the way to S3. Default: the directory for temporary files."`
}

// stopTimeout is how long a worker may take to end its calls and to write what it has.
const stopTimeout = 3 * time.Minute

// stickyTimeout is after how long another worker goes on with a workflow, when the one
// that has it in its memory does not. There is little to read again.
const stickyTimeout = time.Second

// Run is called by kong. It works until a signal comes.
func (w *workerCommand) Run(ctx context.Context, c *console) error {
	var requests polls
	engine, err := c.connect(ctx, grpc.WithChainUnaryInterceptor(requests.intercept))
	if err != nil {
		return err
	}
	defer engine.Close()
	fatal := make(chan error, 1)
	process := worker.New(engine, w.TaskQueue, worker.Options{
		WorkerStopTimeout:            stopTimeout,
		StickyScheduleToStartTimeout: stickyTimeout,
		OnFatalError:                 func(err error) { fatal <- err },
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
	c.infof("stopping: up to %d s for the answers of the engine, then the calls on their way", pollTime/time.Second)
	requests.drain()
	process.Stop()
	return context.Cause(ctx)
}
