package store

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/lease"
)

const (
	lockName = "users.report.csv.lock"
	patience = 5 * time.Minute
)

// sender is a run as far as its lock goes.
type sender struct {
	lock  *Lock
	lease *lease.Lease
}

func acquire(t *testing.T, s Store, run string) (sender, error) {
	t.Helper()
	l := lease.New(LeaseLength)
	lock, err := Acquire(t.Context(), s, lockName, Holder{Run: run, Host: "host-of-" + run, Process: 7}, l, patience)
	if err == nil {
		t.Cleanup(lock.Stop)
	}
	return sender{lock, l}, err
}

func mustAcquire(t *testing.T, s Store, run string) sender {
	t.Helper()
	got, err := acquire(t, s, run)
	if err != nil {
		t.Fatalf("%s: %v", run, err)
	}
	return got
}

func TestLockIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		first := mustAcquire(t, s, "first")
		for range 100 {
			time.Sleep(time.Second)
			if err := first.lease.Check(); err != nil {
				t.Fatal(err)
			}
		}
		if err := first.lock.Release(t.Context()); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		second := mustAcquire(t, s, "second")
		if took := time.Since(start); took != 0 || second.lock.Before() != "" {
			t.Errorf("after a release: %v, taken over from %q", took, second.lock.Before())
		}
		second.lock.Stop()
	})
}

// TestSecondRunIsRefused: the second run sees the lock move, and names its holder.
func TestSecondRunIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		first := mustAcquire(t, s, "first")
		time.Sleep(time.Minute + 300*time.Millisecond)
		start := time.Now()
		_, err := acquire(t, s, "second")
		locked, ok := errors.AsType[*LockedError](err)
		if !ok || locked.Holder.Run != "first" || !strings.Contains(err.Error(), "host host-of-first, process 7") {
			t.Fatalf("got %v", err)
		}
		if took := time.Since(start); took > renewEvery+lookEvery {
			t.Errorf("refused after %v", took)
		}
		if err := first.lease.Check(); err != nil {
			t.Errorf("the first run: %v", err)
		}
		first.lock.Stop()
	})
}

// TestTakeover: the lock of a dead run is taken over after 20 s, and so long that
// the dead one, had it been only frozen, has stopped before.
func TestTakeover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		dead := mustAcquire(t, s, "dead")
		time.Sleep(11 * time.Second)
		dead.lock.Stop() // as kill -9 or a freeze does
		start := time.Now()
		second := mustAcquire(t, s, "second")
		if took := time.Since(start); took != takeOverAfter {
			t.Errorf("taken over after %v, want %v", took, takeOverAfter)
		}
		if err := dead.lease.Check(); !errors.Is(err, lease.ErrLapsed) || time.Since(dead.lease.LapsedAt()) < takeOverAfter-LeaseLength {
			t.Errorf("the dead run's lease: %v, lapsed at %v", err, dead.lease.LapsedAt())
		}
		if second.lock.Before() != "dead" {
			t.Errorf("taken over from %q", second.lock.Before())
		}
		second.lock.Stop()
	})
}

// TestFrozenRunComesBack: its next renewal fails, and its lease is lost for good.
func TestFrozenRunComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		frozen := mustAcquire(t, s, "frozen")
		frozen.lock.Stop()
		second := mustAcquire(t, s, "second")
		if err := frozen.lease.Check(); !errors.Is(err, lease.ErrLapsed) {
			t.Errorf("before it has looked: %v", err)
		}
		err := frozen.lock.renew(t.Context())
		locked, ok := errors.AsType[*LockedError](frozen.lease.Check())
		if !ok || !locked.TakenOver || locked.Holder.Run != "second" {
			t.Errorf("got %v and %v", err, frozen.lease.Check())
		}
		if err := frozen.lock.Release(t.Context()); err == nil || s.text(lockName) == "" {
			t.Error("it has removed the lock of the other one")
		}
		if err := second.lease.Check(); err != nil {
			t.Error(err)
		}
		second.lock.Stop()
	})
}

func TestLockRemovedBySomebody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		first := mustAcquire(t, s, "first")
		s.Remove(t.Context(), lockName)
		time.Sleep(renewEvery + 1)
		if err := first.lease.Check(); !errors.Is(err, ErrUnlocked) {
			t.Errorf("got %v", err)
		}
	})
}

// TestStoreAway: the lease lapses while the store is away, and is held again after.
func TestStoreAway(t *testing.T) {
	tests := map[string]struct {
		away   time.Duration
		lapsed bool
	}{
		"for less than the lease": {6 * time.Second, false},
		"for a minute":            {time.Minute, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newMemory()
				first := mustAcquire(t, s, "first")
				back := time.Now().Add(test.away)
				s.fail(func(string, string) error {
					if time.Now().Before(back) {
						return errDown
					}
					return nil
				})
				lapsed := false
				for time.Now().Before(back.Add(2 * time.Second)) {
					time.Sleep(100 * time.Millisecond)
					lapsed = lapsed || first.lease.Check() != nil
				}
				if lapsed != test.lapsed {
					t.Errorf("lapsed: %v", lapsed)
				}
				if err := first.lease.Check(); err != nil {
					t.Errorf("2 s after the store is back: %v", err)
				}
				first.lock.Stop()
			})
		})
	}
}

// TestLostAnswers: a run recognizes its own write when the answer to it was lost.
func TestLostAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		count := 0
		s.after = func(string) error {
			if count++; count%2 == 1 {
				return errDown
			}
			return nil
		}
		first := mustAcquire(t, s, "first")
		for range 60 {
			time.Sleep(time.Second)
			if err := first.lease.Check(); err != nil {
				t.Fatal(err)
			}
		}
		first.lock.Stop()
	})
}

// TestSlowStore: a lease is counted from before the request.
func TestSlowStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		s.takes = 3 * time.Second
		start := time.Now()
		first := mustAcquire(t, s, "first")
		first.lock.Stop()
		time.Sleep(time.Until(start.Add(LeaseLength)))
		if err := first.lease.Check(); !errors.Is(err, lease.ErrLapsed) {
			t.Errorf("12 s after the request: %v", err)
		}
	})
}

// TestRace: of many that come at once, and of many that wait for one that is dead,
// one gets the lock.
func TestRace(t *testing.T) {
	for _, hasDead := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := newMemory()
			if hasDead {
				mustAcquire(t, s, "dead").lock.Stop()
			}
			type result struct {
				sender
				err error
			}
			results := make(chan result)
			const runs = 16
			for i := range runs {
				go func() {
					got, err := acquire(t, s, string(rune('a'+i)))
					results <- result{got, err}
				}()
			}
			winners := 0
			for range runs {
				r := <-results
				if r.err == nil {
					winners++
					defer r.lock.Stop()
				} else if _, ok := errors.AsType[*LockedError](r.err); !ok {
					t.Error(r.err)
				}
			}
			if winners != 1 {
				t.Errorf("%d of %d have the lock", winners, runs)
			}
		})
	}
}

func TestAcquireGivesUp(t *testing.T) {
	tests := map[string]struct {
		err  error
		want time.Duration
	}{
		"a store that is away": {errDown, patience},
		"a store that refuses": {&RefusedError{"write", "lock", "AccessDenied", true}, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newMemory()
				s.fail(func(string, string) error { return test.err })
				start := time.Now()
				_, err := acquire(t, s, "first")
				if took := time.Since(start); !errors.Is(err, test.err) || took != test.want {
					t.Errorf("%v after %v, want %v after %v", err, took, test.err, test.want)
				}
			})
		})
	}
}

func TestAcquireEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		mustAcquire(t, s, "first").lock.Stop()
		ctx, end := context.WithCancelCause(t.Context())
		time.AfterFunc(7*time.Second, func() { end(errDown) })
		start := time.Now()
		_, err := Acquire(ctx, s, lockName, Holder{Run: "second"}, lease.New(LeaseLength), patience)
		if took := time.Since(start); !errors.Is(err, errDown) || took != 7*time.Second {
			t.Errorf("%v after %v", err, took)
		}
	})
}

func TestForeignLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newMemory()
		s.Write(t.Context(), lockName, strings.NewReader("hello"), Attributes{})
		_, err := acquire(t, s, "first")
		if _, ok := errors.AsType[*RefusedError](err); !ok || s.text(lockName) != "hello" {
			t.Errorf("got %v, and the object is %q", err, s.text(lockName))
		}
	})
}
