// Package lease keeps a sender within the time in which it may send.
//
// The one idea in it: whoever may be taken over from stops by itself, and before
// anybody else may begin. A lease is counted from before it was asked for, on the
// monotonic clock of this process alone, so it holds whatever the network does and
// whatever other machines take the time for.
package lease

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ErrLapsed means that a lease is not held at the moment, and may be again.
var ErrLapsed = errors.New("the lease could not be renewed")

// Lease is held for a length of time after each renewal, until it is lost. It is
// safe for concurrent use. Make one with New.
type Lease struct {
	length time.Duration

	mu      sync.Mutex
	until   time.Time
	lost    error         // for good
	changed chan struct{} // closed by the next renewal, or when it is lost
}

// New returns a lease that is not held before its first renewal, and for that
// length after each.
func New(length time.Duration) *Lease {
	return &Lease{length: length, changed: make(chan struct{})}
}

// Renew holds the lease for its length after sent, which is when the renewal was
// asked for and not when it was granted. It never shortens the lease. A lost lease
// stays lost.
func (l *Lease) Renew(sent time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if until := sent.Add(l.length); l.lost == nil && until.After(l.until) {
		l.until = until
		l.announce()
	}
}

// Lose ends the lease for good, for the reason err. Only the first one counts.
func (l *Lease) Lose(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost == nil {
		l.lost = err
		l.announce()
	}
}

func (l *Lease) announce() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// Check returns nil while the lease is held, the reason once it is lost, and
// ErrLapsed otherwise.
func (l *Lease) Check() error {
	_, held, lost := l.look()
	if !held && lost == nil {
		return ErrLapsed
	}
	return lost
}

// look also returns a channel that is closed when the answer may be another one.
func (l *Lease) look() (changed <-chan struct{}, held bool, lost error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.changed, l.lost == nil && time.Now().Before(l.until), l.lost
}

// LapsedAt returns when the lease lapsed, which is zero while it is held, and for one
// that was never held.
func (l *Lease) LapsedAt() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Now().Before(l.until) {
		return time.Time{}
	}
	return l.until
}

// Wait returns nil as soon as the lease is held. The error is why it was lost, or
// the cause of ctx when that ends first.
func (l *Lease) Wait(ctx context.Context) error {
	for {
		changed, held, lost := l.look()
		if held || lost != nil {
			return lost
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
