package store

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/lease"
)

// TestWhile: whoever was taken over from changes nothing more, however often a
// request is repeated.
func TestWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		l := lease.New(LeaseLength)
		held := While(l, s)
		l.Renew(time.Now())
		put(t, held, "a", "1")
		time.Sleep(LeaseLength)
		if err := held.Remove(t.Context(), "a"); !errors.Is(err, lease.ErrLapsed) || s.text("a") != "1" {
			t.Errorf("without the lease: %v", err)
		}
		time.AfterFunc(30*time.Second-1, func() { l.Renew(time.Now()) })
		began := time.Now()
		if err := RemoveAll(t.Context(), held, []string{"a"}, time.Minute); err != nil || time.Since(began) != 30*time.Second {
			t.Errorf("removed after %v: %v", time.Since(began), err)
		}
		taken := &LockedError{TakenOver: true}
		l.Lose(taken)
		err := Persist(t.Context(), time.Minute, func(ctx context.Context) error { return writeText(ctx, held, "a", []byte("2")) })
		if !errors.Is(err, taken) || len(s.names("")) > 0 {
			t.Errorf("once it is lost: %v, %q", err, s.names(""))
		}
	})
}

// TestARemovalEndsBeforeATakeover: no condition protects what it removes.
func TestARemovalEndsBeforeATakeover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		l := lease.New(LeaseLength)
		asked := time.Now()
		l.Renew(asked)
		time.Sleep(LeaseLength - 1)
		ctx := make(chan context.Context, 1)
		go While(l, spy{s, ctx}).Remove(t.Context(), "a")
		<-(<-ctx).Done()
		if took := time.Since(asked); took >= takeOverAfter {
			t.Errorf("it may last until %v after the renewal", took)
		}
	})
}

// spy shows the context of a removal.
type spy struct {
	Store
	removing chan context.Context
}

func (s spy) Remove(ctx context.Context, _ string) error {
	s.removing <- ctx
	<-ctx.Done()
	return ctx.Err()
}
