package job

import (
	"cmp"
	"context"
	"sync"
	"time"

	"cognito-confirm/internal/lease"
	"cognito-confirm/internal/store"
)

const (
	// watchEvery is how often it is looked whether the store is back.
	watchEvery = time.Second
	// eventsEvery is how often the events follow to the store, as a whole: what is lost
	// of them with the disk changes nothing of what happens to a row.
	eventsEvery = time.Minute
)

// watch does what is to be done while the run lasts, until stopWatching.
func (r *remote) watch() {
	ctx, stop := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(func() { every(ctx, watchEvery, func() { r.look(time.Now()) }) })
	if r.files.events != nil {
		// A failed write is made again the next time; a store that stays away ends the run in look.
		group.Go(func() { every(ctx, eventsEvery, func() { _ = r.put(ctx, r.files.events, nil) }) })
	}
	r.stopWatching = func() {
		stop()
		group.Wait()
	}
}

func every(ctx context.Context, interval time.Duration, do func()) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			do()
		}
	}
}

// look notes whether the store holds the calls, and gives up one that was away for as
// long as the patience lasts.
func (r *remote) look(now time.Time) {
	leases, held := []*lease.Lease{r.sending}, time.Time{}
	if !r.isEnding.Load() {
		leases = append(leases, r.saved)
	}
	for _, l := range leases {
		lapsed := l.LapsedAt()
		if lapsed.IsZero() {
			continue
		}
		if away := now.Sub(lapsed); away >= r.patience {
			l.Lose(&store.UnreachableError{After: away, Err: cmp.Or(r.mirror.Err(), lease.ErrLapsed)})
		}
		if held.IsZero() || lapsed.Before(held) {
			held = lapsed
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	// As long as one of them is not held, it is one outage.
	if held.IsZero() || r.held.IsZero() {
		r.held = held
	}
}

// heldSince returns since when calls are held because the store does not answer,
// zero while they are not.
func (r *remote) heldSince() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.held
}
