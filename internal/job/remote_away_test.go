package job

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/store"
	"cognito-confirm/report"
)

// TestStoreThatIsAway holds the run as an outage does, and loses nothing.
func TestStoreThatIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const users = 2000
		c := newCloud(t)
		c.put("in/users.csv", usersCSV(users))
		m := c.machine()
		o := m.options()
		o.Rate, o.Pool.Concurrency = 40, 16
		var away atomic.Bool
		o.Bucket = m.disturbed(func(store.Store, string, io.ReadSeeker, store.Attributes) error {
			if away.Load() {
				return errors.New("away")
			}
			return nil
		})
		a := start(t, o)
		time.Sleep(10 * time.Second)
		away.Store(true)
		began := time.Now()
		time.Sleep(30 * time.Second)
		before := a.job.Snapshot().Pool.Outage
		time.Sleep(30 * time.Second)
		s := a.job.Snapshot()
		if !s.Pool.Outage.Equal(before) {
			t.Errorf("the outage began at %v, and a while later at %v", before, s.Pool.Outage)
		}
		if s.Pool.Outage.IsZero() || s.Pool.Last.Code != codeStore {
			t.Errorf("the outage is not shown: %+v", s.Pool)
		}
		away.Store(false)
		for _, at := range m.sent() {
			if late := at.Sub(began); late > store.LeaseLength {
				t.Errorf("a call was sent %v after the store had gone", late)
			}
		}
		if err := <-a.done; err != nil {
			t.Fatal(err)
		}
		c.checkReport("in/users.report.csv", users)
		if got := len(m.sent()); got != users {
			t.Errorf("%d calls for %d users", got, users)
		}
	})
}

// TestStoreThatStaysAway ends the run. What the store does not have is on the disk,
// and the next run on this machine finds it there.
func TestStoreThatStaysAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const users = 1000
		c := newCloud(t)
		c.put("in/users.csv", usersCSV(users))
		m := c.machine()
		o := m.options()
		o.Rate, o.Pool.Concurrency, o.Pool.StallTimeout = 40, 16, time.Minute
		var away atomic.Bool
		o.Bucket = m.disturbed(func(store.Store, string, io.ReadSeeker, store.Attributes) error {
			if away.Load() {
				return errors.New("away")
			}
			return nil
		})
		a := start(t, o)
		time.Sleep(10 * time.Second)
		away.Store(true)
		err := <-a.done
		if _, ok := errors.AsType[*store.UnreachableError](err); !ok {
			t.Errorf("ended with %v", err)
		}
		if warnings := strings.Join(a.job.Warnings(), "\n"); !strings.Contains(warnings, "on this machine only") {
			t.Errorf("warnings: %s", warnings)
		}
		away.Store(false)
		fresh := o
		if _, err := Open(t.Context(), fresh); !isExists(err) {
			t.Errorf("without --resume: %v", err)
		}
		o.Resume = true
		runToEnd(t, o)
		c.checkReport("in/users.report.csv", users)
		if got := len(m.sent()); got != users {
			t.Errorf("%d calls for %d users", got, users)
		}
		if left := filesIn(t, m.disk); len(left) > 0 {
			t.Errorf("left on the disk: %q", left)
		}
	})
}

func isExists(err error) bool {
	_, ok := errors.AsType[*report.ExistsError](err)
	return ok
}

// A disturbance may answer a write to a store with an error.
type disturbance func(s store.Store, name string, body io.ReadSeeker, a store.Attributes) error

// disturbed opens the buckets of the machine so that their writes are disturbed.
func (m *machine) disturbed(disturb disturbance) func(context.Context, string) (store.Store, error) {
	return func(ctx context.Context, name string) (store.Store, error) {
		s, err := m.open(ctx, name)
		return &disturbedStore{s, disturb}, err
	}
}

type disturbedStore struct {
	store.Store
	disturb disturbance
}

func (s *disturbedStore) Write(ctx context.Context, name string, body io.ReadSeeker, a store.Attributes) (string, error) {
	if err := s.disturb(s.Store, name, body, a); err != nil {
		return "", err
	}
	return s.Store.Write(ctx, name, body, a)
}
