package job

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/internal/store"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// TestMachinesThatAreLost cuts machine after machine off at random moments, gives
// each job to another machine with an empty disk, and lets the lost ones come back.
func TestMachinesThatAreLost(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { loseMachines(t, rand.New(rand.NewPCG(seed, 13))) })
		})
	}
}

func loseMachines(t *testing.T, random *rand.Rand) {
	const users, rate = 1000, 38
	c := newCloud(t)
	c.put("in/users.csv", usersCSV(users))
	options := func(m *machine) Options {
		o := m.options()
		o.Rate, o.Resume, o.Pool.Concurrency = rate, true, 16
		return o
	}
	type lost struct {
		machine *machine
		attempt attempt
		cutAt   time.Time
	}
	var all []lost
	for range 3 {
		m := c.machine()
		a := start(t, options(m))
		time.Sleep(time.Duration(random.Int64N(int64(8 * time.Second))))
		m.cut()
		all = append(all, lost{m, a, time.Now()})
	}
	last := start(t, options(c.machine()))
	for _, l := range all {
		l.machine.repair()
	}
	for _, l := range all {
		if err := <-l.attempt.done; !errors.Is(err, report.ErrLocked) {
			t.Errorf("a machine that came back: %v", err)
		}
		for _, at := range l.machine.sent() {
			if late := at.Sub(l.cutAt); late > store.LeaseLength {
				t.Errorf("it has sent a call %v after it was cut off", late)
			}
		}
	}
	if err := <-last.done; err != nil {
		t.Fatal(err)
	}
	c.checkReport("in/users.report.csv", users)
	if got := c.keys(); strings.Contains(got, ".parts/") || strings.Contains(got, ".lock") {
		t.Errorf("left in the bucket: %s", got)
	}
	// What was done in the last 2 s, and what a part then took.
	again := len(strings.Fields(c.bench.called())) - users
	if most := len(all) * rate * 3; again > most {
		t.Errorf("%d calls were made again, at most %d are to be", again, most)
	}
}

// TestInputIsReplacedInTheMiddle: rows of two versions are never mixed.
func TestInputIsReplacedInTheMiddle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		padding := strings.Repeat("x", 4000)
		var text strings.Builder
		text.WriteString("username,note\n")
		for i := range 2200 {
			fmt.Fprintf(&text, "user%05d,%s\n", i, padding)
		}
		c.put("in/users.csv", text.String())
		o := c.machine().options()
		o.Pool = worker.Options{Concurrency: 4}
		o.Bucket = unversioned(o.Bucket)
		a := start(t, o)
		time.Sleep(time.Second)
		c.put("in/users.csv", strings.ReplaceAll(text.String(), "user", "resu"))
		if err := <-a.done; !errors.Is(err, ErrInputChanged) {
			t.Errorf("got %v", err)
		}
		if strings.Contains(c.get("in/users.report.csv"), "resu") {
			t.Error("a row of the new input was done")
		}
	})
}

// unversioned opens buckets that keep no versions.
func unversioned(open func(context.Context, string) (store.Store, error)) func(context.Context, string) (store.Store, error) {
	return func(ctx context.Context, name string) (store.Store, error) {
		s, err := open(ctx, name)
		return withoutVersions{s}, err
	}
}

type withoutVersions struct{ store.Store }

func (s withoutVersions) Stat(ctx context.Context, name string) (store.Info, error) {
	info, err := s.Store.Stat(ctx, name)
	info.Pin = ""
	return info, err
}

// TestLateAnswersAndWrites: the report in the bucket is another than was found, because
// the answer to the upload was lost, or because a run that was taken over from has
// uploaded its own since. Nothing is lost of either.
func TestLateAnswersAndWrites(t *testing.T) {
	const key = "in/users.report.csv"
	late := reportHeader + "3,user00001,confirmed,,,1,0,,,5,,us-east-1_Test\n"
	tests := map[string]struct {
		disturb func(c *cloud, s store.Store, body io.ReadSeeker, a store.Attributes) error
		want    string // of user00001, which fails in this run
	}{
		"a lost answer": {func(c *cloud, s store.Store, body io.ReadSeeker, a store.Attributes) error {
			if _, err := s.Write(c.t.Context(), key, body, a); err != nil {
				return err
			}
			return errors.New("the answer is lost")
		}, "user00001,failed"},
		"a late report": {func(c *cloud, _ store.Store, _ io.ReadSeeker, _ store.Attributes) error {
			c.put(key, late)
			return store.ErrConflict
		}, "user00001,confirmed"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCloud(t)
				c.put("in/users.csv", usersCSV(3))
				c.bench.server.SetFault("user00001", fakecognito.Fault{Code: "UserNotFoundException"})
				m := c.machine()
				o := m.options()
				var once atomic.Bool
				o.Bucket = m.disturbed(func(s store.Store, name string, body io.ReadSeeker, a store.Attributes) error {
					if name != key || once.Swap(true) {
						return nil
					}
					return test.disturb(c, s, body, a)
				})
				runToEnd(t, o)
				c.checkReport(key, 3)
				if text := c.get(key); !strings.Contains(text, test.want) {
					t.Errorf("the report is %s", text)
				}
				if left := filesIn(t, m.disk); len(left) > 0 {
					t.Errorf("left on the disk: %q", left)
				}
			})
		})
	}
}
