package main

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"go.temporal.io/sdk/activity"

	"cognito-confirm/report"
)

// Activities are what the workers do. The methods are known to the engine by their names.
type Activities struct {
	heartbeats heartbeats
	// scratch is the local directory for what goes to S3. Empty: that for temporary files.
	scratch string
	version string
}

// Import copies the input of a schedule into the store, and returns the order for it.
func (a *Activities) Import(ctx context.Context, order Order) (Order, error) {
	stop := remind(ctx)
	defer stop()
	l, err := open(ctx, order.Store, "", a.scratch)
	if err != nil {
		return Order{}, failure(ctx, err)
	}
	var s scheduleFile
	if err := l.readJSON(ctx, order.Source, &s); err != nil {
		return Order{}, failure(ctx, err)
	}
	order.Run, err = importInput(ctx, order.Store, s.Source, s.Settings, a.scratch)
	order.Source = ""
	return order, failure(ctx, err)
}

// Plan cuts the input into chunks, unless that was done before, and tells whether the
// whole run was.
func (a *Activities) Plan(ctx context.Context, order Order) (Planned, error) {
	stop := remind(ctx)
	defer stop()
	planned, err := a.plan(ctx, order)
	return planned, failure(ctx, err)
}

func (a *Activities) plan(ctx context.Context, order Order) (Planned, error) {
	l, err := open(ctx, order.Store, order.Run, a.scratch)
	if err != nil {
		return Planned{}, err
	}
	var summary report.Summary
	err = l.readJSON(ctx, summaryName, &summary)
	if err == nil {
		counts := summary.Counts
		return Planned{Rows: counts.Rows, Finished: &counts}, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return Planned{}, err
	}
	j, object, err := l.openInput(ctx)
	if err != nil {
		return Planned{}, err
	}
	var p plan
	err = l.readJSON(ctx, planName, &p)
	if errors.Is(err, fs.ErrNotExist) {
		p, err = makePlan(ctx, j, object, rowsEach(order), func(int) {})
		if err == nil {
			err = l.writeJSON(ctx, planName, p)
		}
	}
	if err == nil && p.SHA256 != j.SHA256 {
		err = &damagedError{planName}
	}
	return Planned{Rows: p.Rows, Chunks: len(p.Chunks)}, err
}

// remindEvery is how often the engine hears of work that calls nobody.
const remindEvery = 20 * time.Second

// remind tells the engine that the activity is at work, until stop is called.
func remind(ctx context.Context) (stop func()) {
	done := make(chan struct{})
	go func() {
		tick := time.NewTicker(remindEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				activity.RecordHeartbeat(ctx)
			case <-done:
				return
			}
		}
	}()
	return func() { close(done) }
}
