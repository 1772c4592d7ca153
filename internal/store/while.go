package store

import (
	"context"
	"io"
	"time"

	"cognito-confirm/internal/lease"
)

// removeTime is how long a removal may take. None can have conditions everywhere, so
// one that was asked for at the end of a lease is over before anybody may take over:
// LeaseLength and removeTime are less than takeOverAfter.
const removeTime = 6 * time.Second

// While returns the store for the holder of a lease: it writes and removes only while
// the lease is held. Otherwise the error is that of [lease.Lease.Check], and [Persist]
// asks again unless the lease is lost. A write that may outlast the lease needs a
// condition, or a name of its own.
func While(l *lease.Lease, s Store) Store { return &leased{Store: s, lease: l} }

type leased struct {
	Store
	lease *lease.Lease
}

// Write implements [Store].
func (s *leased) Write(ctx context.Context, name string, body io.ReadSeeker, a Attributes) (string, error) {
	if err := s.lease.Check(); err != nil {
		return "", err
	}
	return s.Store.Write(ctx, name, body, a)
}

// Remove implements [Store].
func (s *leased) Remove(ctx context.Context, name string) error {
	if err := s.lease.Check(); err != nil {
		return err
	}
	ctx, cancel := within(ctx, removeTime)
	defer cancel()
	return s.Store.Remove(ctx, name)
}
