package main

import (
	"errors"
	"math"

	"go.temporal.io/sdk/workflow"
)

// The names of what a workflow answers to.
const (
	queryStatus  = "status"
	updatePause  = "pause"
	updateResume = "resume"
	updateRate   = "rate"
)

// Status is the answer to a query.
type Status struct {
	Order    Order    `json:"order"`
	Progress Progress `json:"progress"`
	// InFlight: a chunk is at work, or waits for a worker. Merging: all of them are done.
	InFlight bool `json:"in_flight"`
	Merging  bool `json:"merging"`
}

var errEnding = errors.New("all rows are done, and the reports are being merged")

// listen answers queries and updates from now on. An update returns once the chunk
// that it has ended makes no more calls.
func (r *supervision) listen(ctx workflow.Context) error {
	stillRuns := func(workflow.Context) error {
		if r.merging {
			return errEnding
		}
		return nil
	}
	return errors.Join(
		workflow.SetQueryHandler(ctx, queryStatus, func() (Status, error) {
			order := r.order
			order.Progress = nil
			return Status{Order: order, Progress: r.Progress, InFlight: r.interrupt != nil, Merging: r.merging}, nil
		}),
		workflow.SetUpdateHandlerWithOptions(ctx, updatePause, func(ctx workflow.Context) error {
			r.Paused = true
			return r.endChunk(ctx)
		}, workflow.UpdateHandlerOptions{Validator: stillRuns}),
		workflow.SetUpdateHandlerWithOptions(ctx, updateResume, func(workflow.Context) error {
			r.Paused = false
			return nil
		}, workflow.UpdateHandlerOptions{Validator: stillRuns}),
		workflow.SetUpdateHandlerWithOptions(ctx, updateRate, func(ctx workflow.Context, rate float64) error {
			if rate == r.Rate {
				return nil
			}
			r.Rate = rate
			return r.endChunk(ctx)
		}, workflow.UpdateHandlerOptions{Validator: func(ctx workflow.Context, rate float64) error {
			if !(rate >= 0) || math.IsInf(rate, 0) {
				return errors.New("the rate must be a number above 0, or 0 to find the quota")
			}
			return stillRuns(ctx)
		}}),
	)
}

// endChunk ends the chunk that is in flight, and waits until it has ended.
func (r *supervision) endChunk(ctx workflow.Context) error {
	if r.interrupt == nil {
		return nil
	}
	r.interrupt()
	ended := r.started
	return workflow.Await(ctx, func() bool { return r.interrupt == nil || r.started > ended })
}
