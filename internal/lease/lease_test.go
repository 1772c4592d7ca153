package lease_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/lease"
)

const length = 12 * time.Second

var errTaken = errors.New("taken over")

func TestLeaseIsCountedFromBeforeItWasAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := lease.New(length)
		if err := l.Check(); !errors.Is(err, lease.ErrLapsed) {
			t.Errorf("a lease that was never renewed: %v", err)
		}
		sent := time.Now()
		time.Sleep(4 * time.Second) // the answer takes its time
		l.Renew(sent)
		time.Sleep(8*time.Second - 1)
		if err := l.Check(); err != nil {
			t.Errorf("a nanosecond before its end: %v", err)
		}
		time.Sleep(time.Nanosecond)
		if err := l.Check(); !errors.Is(err, lease.ErrLapsed) {
			t.Errorf("12 s after it was asked for: %v", err)
		}
		time.Sleep(3 * time.Second)
		for range 2 {
			if got := l.LapsedAt().Sub(sent); got != length {
				t.Errorf("lapsed after %v, want %v", got, length)
			}
			time.Sleep(time.Second)
		}
		l.Renew(time.Now())
		if got := l.LapsedAt(); !got.IsZero() {
			t.Errorf("while it is held: %v", got)
		}
		if err := l.Check(); err != nil {
			t.Errorf("renewed after it had lapsed: %v", err)
		}
	})
}

func TestRenewNeverShortens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := lease.New(length)
		early := time.Now()
		time.Sleep(5 * time.Second)
		l.Renew(time.Now())
		l.Renew(early) // whose answer came last
		time.Sleep(length - 1)
		if err := l.Check(); err != nil {
			t.Errorf("the later renewal is forgotten: %v", err)
		}
	})
}

func TestLostIsForGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := lease.New(length)
		l.Renew(time.Now())
		l.Lose(errTaken)
		l.Lose(errors.New("another reason"))
		l.Renew(time.Now())
		if err := l.Check(); !errors.Is(err, errTaken) {
			t.Errorf("got %v, want the first reason", err)
		}
	})
}

func TestWait(t *testing.T) {
	tests := map[string]struct {
		after func(*lease.Lease, context.CancelCauseFunc)
		want  error
	}{
		"renewed": {func(l *lease.Lease, _ context.CancelCauseFunc) { l.Renew(time.Now()) }, nil},
		"lost":    {func(l *lease.Lease, _ context.CancelCauseFunc) { l.Lose(errTaken) }, errTaken},
		"lost, lapsed": {func(l *lease.Lease, _ context.CancelCauseFunc) {
			l.Lose(fmt.Errorf("%w: %w", errTaken, lease.ErrLapsed))
		}, errTaken},
		"context at end":  {func(_ *lease.Lease, end context.CancelCauseFunc) { end(errTaken) }, errTaken},
		"renewed too old": {func(l *lease.Lease, _ context.CancelCauseFunc) { l.Renew(time.Now().Add(-length)) }, context.DeadlineExceeded},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, stop := context.WithTimeout(t.Context(), time.Minute)
				defer stop()
				ctx, end := context.WithCancelCause(ctx)
				defer end(nil)
				l := lease.New(length)
				start := time.Now()
				time.AfterFunc(7*time.Second, func() { test.after(l, end) })
				err := l.Wait(ctx)
				if !errors.Is(err, test.want) || test.want == nil && err != nil {
					t.Errorf("got %v, want %v", err, test.want)
				}
				if took := time.Since(start); took != 7*time.Second && took != time.Minute {
					t.Errorf("waited for %v", took)
				}
			})
		})
	}
}
