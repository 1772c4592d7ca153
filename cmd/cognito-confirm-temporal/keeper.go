package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"cognito-confirm/internal/lease"
	"cognito-confirm/internal/store"
)

const (
	// beatEvery is how often the engine hears of an activity that holds a lease.
	beatEvery = 5 * time.Second
	// beatAgain is how soon it is told again when it has not answered.
	beatAgain = time.Second
	// beatTime is how long a heartbeat may take.
	beatTime = 4 * time.Second
)

// Why an activity ends early.
var (
	errCanceled  = errors.New("canceled")
	errStopping  = errors.New("this worker stops")
	errTakenOver = errors.New("another worker has taken over")
)

// recorder of heartbeats is a part of the engine's client.
type heartbeats interface {
	RecordActivityHeartbeat(ctx context.Context, taskToken []byte, details ...any) error
}

// keeper keeps the lease of an activity by heartbeats of its own, each of which waits
// for its answer. Those of the SDK are held back for most of the timeout and then
// tried again for as long, so that it learns too late that another worker has the
// activity.
type keeper struct {
	heartbeats heartbeats
	token      []byte
	details    func() any
	lease      *lease.Lease
	// work is the context of what the activity does, end ends it.
	work context.Context
	end  context.CancelCauseFunc
	stop context.CancelFunc
	wait sync.WaitGroup
}

// keep takes the lease of an activity, with the first heartbeat. The context that it
// returns ends when the activity is canceled, when the worker stops and when the lease
// is lost, with the reason as its cause. Call release at the end.
func keep(ctx context.Context, h heartbeats, details func() any) (work context.Context, k *keeper) {
	k = &keeper{heartbeats: h, token: activity.GetInfo(ctx).TaskToken, details: details, lease: lease.New(store.LeaseLength)}
	k.work, k.end = context.WithCancelCause(context.WithoutCancel(ctx))
	beating, stop := context.WithCancel(ctx)
	k.stop = stop
	k.beat(ctx)
	k.wait.Go(func() { k.run(beating, ctx) })
	k.wait.Go(func() {
		select {
		case <-activity.GetWorkerStopChannel(ctx):
			k.end(errStopping)
		case <-beating.Done():
		}
	})
	return k.work, k
}

// release ends the heartbeats.
func (k *keeper) release() {
	k.stop()
	k.wait.Wait()
	k.end(nil)
}

func (k *keeper) run(beating, ctx context.Context) {
	for wait := beatEvery; ; {
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-beating.Done():
			timer.Stop()
			return
		}
		if wait = beatEvery; !k.beat(ctx) {
			wait = beatAgain
		}
	}
}

// beat tells the engine once, and reports whether it has answered.
func (k *keeper) beat(ctx context.Context) bool {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), beatTime)
	defer cancel()
	sent := time.Now()
	err := k.heartbeats.RecordActivityHeartbeat(limited, k.token, k.details())
	var gone *serviceerror.NotFound
	switch {
	case err == nil:
		k.lease.Renew(sent)
	case temporal.IsCanceledError(err):
		// The engine still counts on this worker, and waits for the end.
		k.lease.Renew(sent)
		activity.RecordHeartbeat(ctx, k.details()) // for the SDK to know it too
		k.end(errCanceled)
	case errors.Is(err, activity.ErrActivityPaused), errors.Is(err, activity.ErrActivityReset):
		k.lease.Renew(sent)
		k.end(errStopping)
	case errors.As(err, &gone):
		k.lease.Lose(errTakenOver)
		k.end(errTakenOver)
	default:
		if errors.Is(context.Cause(k.work), errStopping) && k.lease.Check() != nil {
			// Nobody waits for an engine that is away. The journal is where the next worker finds it.
			k.lease.Lose(errStopping)
		}
		return false
	}
	return true
}
