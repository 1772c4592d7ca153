package store

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// retryEvery is how often a store that does not answer is asked.
const retryEvery = time.Second

// UnreachableError means that a store did not do what was asked for so long.
type UnreachableError struct {
	After time.Duration
	Err   error // the last
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("the store was not to be reached for %s: %v", e.After.Round(time.Second), e.Err)
}

// Unwrap returns the last failure.
func (e *UnreachableError) Unwrap() error { return e.Err }

// Persist does something until it succeeds, until the failure is one that asking
// again does not change, or for as long as the patience lasts, which then makes an
// [*UnreachableError]. It returns the cause of ctx when that ends first.
func Persist(ctx context.Context, patience time.Duration, do func(context.Context) error) error {
	began := time.Now()
	for {
		err := do(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if isFinal(err) {
			return err
		}
		if took := time.Since(began); took >= patience {
			return &UnreachableError{took, err}
		}
		if err := pause(ctx, retryEvery); err != nil {
			return err
		}
	}
}

// pause waits, and returns the cause of ctx when that ends first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// within gives a request a time limit of its own.
func within(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, limit, errNoAnswer)
}

var errNoAnswer = errors.New("no answer in time")
