package main

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"go.temporal.io/api/serviceerror"

	"cognito-confirm/internal/lease"
	"cognito-confirm/internal/store"
)

// silentEngine does not answer between two times, and knows the activity before forgets.
type silentEngine struct {
	began             time.Time
	silent, forgets   time.Duration
	answersAgainAfter time.Duration
}

func (e *silentEngine) RecordActivityHeartbeat(ctx context.Context, _ []byte, _ ...any) error {
	now := time.Since(e.began)
	if now >= e.forgets {
		return serviceerror.NewNotFound("no such activity")
	}
	if now >= e.silent && now < e.answersAgainAfter {
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

// TestKeeper: the lease is held while the engine answers, lapses before the engine gives
// the chunk to another worker, and is lost when that has happened.
func TestKeeper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &silentEngine{began: time.Now(), silent: time.Minute, answersAgainAfter: 2 * time.Minute, forgets: time.Hour}
		work, end := context.WithCancelCause(t.Context())
		beating, stop := context.WithCancel(t.Context())
		k := &keeper{heartbeats: e, details: func() any { return nil }, lease: lease.New(store.LeaseLength), work: work, end: end, stop: stop}
		k.beat(t.Context())
		k.wait.Go(func() { k.run(beating, t.Context()) })
		var lapsed, held time.Duration
		for now := time.Duration(0); now < 3*time.Minute; now += 100 * time.Millisecond {
			err := k.lease.Check()
			switch {
			case err != nil && lapsed == 0:
				lapsed = now
			case err == nil && lapsed > 0 && held == 0:
				held = now
			}
			time.Sleep(100 * time.Millisecond)
		}
		// The last heartbeat before the silence came up to beatEvery before it.
		if lapsed < time.Minute+store.LeaseLength-beatEvery || lapsed > time.Minute+store.LeaseLength || lapsed > time.Minute-beatEvery+heartbeatTimeout {
			t.Errorf("the lease lapses %v after the engine fell silent", lapsed-time.Minute)
		}
		if late := held - 2*time.Minute; late < 0 || late > beatTime+beatAgain {
			t.Errorf("it is held again %v after the engine came back", late)
		}
		if work.Err() != nil {
			t.Errorf("the work has ended: %v", context.Cause(work))
		}
		time.Sleep(time.Hour)
		if !errors.Is(context.Cause(work), errTakenOver) || !errors.Is(k.lease.Check(), errTakenOver) {
			t.Errorf("taken over: %v, %v", context.Cause(work), k.lease.Check())
		}
		stop()
		k.wait.Wait()
	})
	if lastCalls := 5 * time.Second; store.LeaseLength+lastCalls > heartbeatTimeout {
		t.Errorf("a lease of %v leaves no room below a timeout of %v", store.LeaseLength, heartbeatTimeout)
	}
}

// TestKeeperThatStops does not wait for an engine that is away.
func TestKeeperThatStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &silentEngine{began: time.Now(), silent: time.Second, answersAgainAfter: time.Hour, forgets: time.Hour}
		work, end := context.WithCancelCause(t.Context())
		beating, stop := context.WithCancel(t.Context())
		k := &keeper{heartbeats: e, details: func() any { return nil }, lease: lease.New(store.LeaseLength), work: work, end: end, stop: stop}
		k.beat(t.Context())
		k.wait.Go(func() { k.run(beating, t.Context()) })
		time.Sleep(6 * time.Second)
		end(errStopping)
		if k.lease.Check() != nil {
			t.Error("what there is can no longer be written")
		}
		began := time.Now()
		if err := k.lease.Wait(t.Context()); err != nil {
			t.Error(err)
		}
		time.Sleep(store.LeaseLength)
		if err := k.lease.Wait(t.Context()); !errors.Is(err, errStopping) || time.Since(began) > store.LeaseLength+beatTime+beatAgain {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		stop()
		k.wait.Wait()
	})
}
