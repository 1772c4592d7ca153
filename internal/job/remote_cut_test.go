package job

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/internal/racedetector"
)

// fromLock is the first request to the bucket that a run makes once it has the lock. The
// ones before read the input and take the lock.
const fromLock = 4

// TestCutOffAtEveryRequest cuts a machine off at every request to the bucket that a run
// makes, before that is done or before its answer comes. Another machine finishes the
// work, and then the first one comes back and changes nothing.
func TestCutOffAtEveryRequest(t *testing.T) {
	racedetector.Skip(t)
	for name, change := range map[string]func(*Options){
		"new":         nil,
		"retried":     func(o *Options) { o.Resume, o.Retry.Failed = true, true },
		"overwritten": func(o *Options) { o.Overwrite = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for at, isCut := int64(1), true; isCut; at++ {
				for _, isDone := range []bool{false, true} {
					if change != nil && isDone == (at%2 == 0) {
						continue // it takes long enough
					}
					synctest.Test(t, func(t *testing.T) { isCut = cutOff(t, change, at, isDone) })
					if t.Failed() {
						t.Fatalf("cut off at request %d, which was done: %v", at, isDone)
					}
				}
			}
		})
	}
}

// cutOff reports whether the run has come to the request.
func cutOff(t *testing.T, change func(*Options), at int64, isDone bool) bool {
	const users, rate = 8, 2
	c := newCloud(t)
	c.put("in/users.csv", usersCSV(users))
	if change != nil {
		c.bench.server.SetFault("user00001", fakecognito.Fault{Code: "UserNotFoundException"})
		runToEnd(t, c.machine().options())
		c.bench.server.ClearFaults()
	}
	m := c.machine()
	m.cutAt, m.cutDone = at, isDone
	o := m.options()
	o.Rate = rate
	if change != nil {
		change(&o)
	}
	done := make(chan error, 1)
	go func() {
		j, err := Open(t.Context(), o)
		if err == nil {
			err = errors.Join(j.Run(t.Context()), j.Close())
		}
		done <- err
	}()
	time.Sleep(time.Minute)
	isCut := m.isCut()
	o = c.machine().options()
	o.Resume = true
	runToEnd(t, o)
	c.checkReport("in/users.report.csv", users)
	if got := c.keys(); strings.Contains(got, ".parts/") || strings.Contains(got, ".lock") {
		t.Errorf("left in the bucket: %s", got)
	}
	// What was done in the last 2 s, and as much while a part went up.
	if again := len(strings.Fields(c.bench.called())) - users; change == nil && again > 4*rate {
		t.Errorf("%d calls were made again", again)
	}
	if isCut {
		objects, calls := c.objects(), c.bench.called()
		m.repair()
		if err := <-done; at >= fromLock && (c.objects() != objects || c.bench.called() != calls) {
			t.Errorf("the machine that came back has changed something, and ended with %v", err)
		}
	}
	return isCut
}
