package job

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/report"
)

// TestLimit: that many rows are sent, whatever becomes of them. The rest is for
// another run, which is finished when its limit covers them.
func TestLimit(t *testing.T) {
	b := newBench(t.TempDir())
	b.put(t, "users.csv", "username\nann\n\"\"\nbob\ncarol\n\"\"\ndave\n")
	b.server.SetFault("ann", fakecognito.Fault{Code: "TooManyRequestsException", Times: 1}, fakecognito.Fault{Code: "UserNotFoundException"})
	o := b.options()
	o.Resume, o.Limit = true, 1
	for _, want := range []struct {
		limit        int
		rows, called string
		asked        bool
	}{
		{1, "ann", "ann ann", true},
		{2, "ann bob carol", "ann ann bob carol", true}, // and the two rows that are not sent
		{1, "", "ann ann bob carol dave", false},
		{1, "", "ann ann bob carol dave", false},
	} {
		o.Limit = want.limit
		j := open(t, o)
		err := j.Run(t.Context())
		enough, asked := errors.AsType[*EnoughError](err)
		if b.called() != want.called || asked != want.asked || asked && enough.Rows != want.limit || !asked && err != nil {
			t.Errorf("limit %d: called %s, error %v", want.limit, b.called(), err)
		}
		if s := j.Summary(); asked && (s.Outcome != report.Stopped || s.Reason != err.Error()) || !asked && s.Outcome != report.Finished {
			t.Errorf("limit %d: %s, %s", want.limit, s.Outcome, s.Reason)
		}
		j.Close()
	}
	if got := b.read(t, "users.report.csv"); strings.Count(got, "\n") != 7 {
		t.Errorf("report\n%s", got)
	}
}

// TestLimitOfRetry: the rows beyond it are not lost, any later run does them.
func TestLimitOfRetry(t *testing.T) {
	b := newBench(t.TempDir())
	b.put(t, "users.csv", "username\nann\nbob\ncarol\n")
	b.server.SetFaultShare(1, fakecognito.Fault{Code: "UserNotFoundException"})
	o := b.options()
	if err := open(t, o).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.server.ClearFaults()
	o.Resume, o.Retry, o.Limit = true, report.Retry{Failed: true}, 1
	j := open(t, o)
	if err := j.Run(t.Context()); err == nil || err.Error() != "1 row as asked, resume for the rest" {
		t.Errorf("error %v", err)
	}
	j.Close()
	o.Retry, o.Limit = report.Retry{}, 0
	j = open(t, o)
	if err := j.Run(t.Context()); err != nil || j.Summary().Confirmed != 3 {
		t.Errorf("error %v, %+v", err, j.Summary().Counts)
	}
	if got, want := b.called(), "ann bob carol ann bob carol"; got != want {
		t.Errorf("called %s, want %s", got, want)
	}
}

// TestUntil: no call is begun after it, and the answers of those in flight are
// waited for. It is the time of the day that counts, also in an outage.
func TestUntil(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(*bench)
		after   time.Duration
		rows    int
	}{
		"in the middle":    {func(*bench) {}, 1030 * time.Millisecond, 20},
		"over before":      {func(*bench) {}, -time.Hour, 0},
		"during an outage": {func(b *bench) { b.server.SetFaultShare(1, fakecognito.Fault{Code: "InternalErrorException"}) }, time.Minute, 0},
		"after the end":    {func(*bench) {}, time.Hour, 100},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(dir)
				b.put(t, "users.csv", "username\n"+strings.Repeat("ann\n", 100))
				test.prepare(b)
				o := b.options()
				o.Until = time.Now().Add(test.after)
				j := open(t, o)
				start := time.Now()
				err := j.Run(t.Context())
				enough, asked := errors.AsType[*EnoughError](err)
				if asked != (test.rows < 100) || asked && !enough.Until.Equal(o.Until) || !asked && err != nil {
					t.Errorf("error %v", err)
				}
				if took := time.Since(start); asked && took > max(0, test.after)+latency+200*time.Millisecond {
					t.Errorf("took %v", took)
				}
				if s := j.Summary(); s.Rows != test.rows || s.Confirmed != s.Rows || asked && s.Outcome != report.Stopped {
					t.Errorf("%d rows, %s", s.Rows, s.Outcome)
				}
				calls := b.server.Calls()
				for _, call := range calls {
					if call.Received.After(o.Until) || call.Answered.IsZero() {
						t.Errorf("a call at %v", call.Received)
					}
				}
			})
		})
	}
}

// TestSignalWithinBounds: a signal before the bounds is the error of the run.
func TestSignalWithinBounds(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(dir)
		b.put(t, "users.csv", "username\n"+strings.Repeat("ann\n", 100))
		o := b.options()
		o.Limit, o.Until = 50, time.Now().Add(time.Minute)
		j := open(t, o)
		signal := errors.New("a signal")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(signal) })
		if err := j.Run(ctx); !errors.Is(err, signal) || j.Summary().Outcome != report.Interrupted {
			t.Errorf("error %v, %s", err, j.Summary().Outcome)
		}
	})
}
