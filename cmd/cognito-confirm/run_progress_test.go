package main

import (
	"context"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/job"
	"cognito-confirm/internal/live"
	"cognito-confirm/internal/program"
	"cognito-confirm/ratelimit"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// TestRunProgress: what the lines of a log tell about a run, and when.
func TestRunProgress(t *testing.T) {
	for _, quiet := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var stderr safeBuffer
			c := newConsole(started(), nil, io.Discard, &stderr)
			c.quiet.Store(quiet)
			c.mode = live.Lines
			if quiet {
				c.mode = live.None
			}
			now := job.Snapshot{
				Report:      report.State{Earlier: report.Counts{Rows: 100}, ThisRun: report.Counts{Rows: 1500, Confirmed: 1500}},
				Limiter:     ratelimit.State{Rate: 300, Reason: ratelimit.Finding, Answered: 3000, Throttled: 1500},
				Pool:        worker.State{InFlight: 7, Concurrency: 8},
				Concurrency: 8,
			}
			var shown atomic.Pointer[job.Snapshot]
			show := func() {
				s := now
				shown.Store(&s)
			}
			wait := func(d time.Duration) {
				time.Sleep(d)
				synctest.Wait()
			}
			show()
			r := &runProgress{console: c, snapshot: func() job.Snapshot { return *shown.Load() }, isEnding: func() bool { return false }}
			r.options.Pool.StallTimeout = 5 * time.Minute
			r.total.Store(4000)
			stop := c.show(0, r.look)
			wait(500 * time.Millisecond) // between two looks
			for range 10 {               // 100 rows and calls a second
				now.Report.ThisRun.Rows += 100
				now.Limiter.Answered += 100
				show()
				wait(time.Second)
			}
			now.Limiter = ratelimit.State{Rate: 45.2, Ceiling: 50.1, Reason: ratelimit.Yielding, Answered: now.Limiter.Answered, Throttled: 1500}
			now.Report.ThisRun.FailedRows = 5
			show()
			wait(7 * time.Second)
			now.Pool.Outage = time.Now()
			now.Pool.Last = worker.Answer{Code: "connection", Message: "alice was refused"}
			show()
			wait(43 * time.Second)
			now.Pool.Outage = time.Time{}
			show()
			wait(10 * time.Second)
			for range 10 { // half as fast as before the outage
				now.Report.ThisRun.Rows += 50
				now.Limiter.Answered += 50
				show()
				wait(time.Second)
			}
			stop()
			wait(time.Hour)
			c.close()

			want := `cognito-confirm: 00:00:10 65 %, 2,600 of 4,000, 14 s left, 100/s, finding, 0 not successful
cognito-confirm: nothing gets through: the last call ended with a connection error; all rows wait, and one at a time tries whether it is over
cognito-confirm: 00:00:20 65 %, 2,600 of 4,000, nothing gets through for 3 s, stops in 4m58s
cognito-confirm: 00:00:30 65 %, 2,600 of 4,000, nothing gets through for 13 s, stops in 4m48s
cognito-confirm: 00:00:40 65 %, 2,600 of 4,000, nothing gets through for 23 s, stops in 4m38s
cognito-confirm: 00:00:50 65 %, 2,600 of 4,000, nothing gets through for 33 s, stops in 4m28s
cognito-confirm: 00:01:00 65 %, 2,600 of 4,000, nothing gets through for 43 s, stops in 4m18s
cognito-confirm: calls get through again, after 44 s
cognito-confirm: 00:01:10 65 %, 2,600 of 4,000, -- left, 0/s of 50/s, yielding, 5 not successful
cognito-confirm: 00:01:20 77 %, 3,100 of 4,000, 34 s left, 50/s of 50/s, yielding, 5 not successful
`
			if quiet {
				want = ""
			}
			if got := stderr.String(); got != want {
				t.Errorf("progress:\n%swant\n%s", got, want)
			}
		})
	}
}

// TestWaiting: a second after a signal, a line tells what the run waits for.
func TestWaiting(t *testing.T) {
	snapshot := func() job.Snapshot { return job.Snapshot{Pool: worker.State{InFlight: 1}} }
	for name, test := range map[string]struct {
		cause error
		ends  time.Duration // after that
		want  string
	}{
		"a signal":          {&program.Interruption{Signal: os.Interrupt}, time.Minute, "cognito-confirm: waiting for 1 call in flight; another signal ends the run without the answers\n"},
		"over in a second":  {&program.Interruption{Signal: os.Interrupt}, time.Second - 1, ""},
		"something else":    {io.ErrUnexpectedEOF, time.Minute, ""},
		"nothing before it": {nil, 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var stderr safeBuffer
				c := newConsole(started(), nil, io.Discard, &stderr)
				ctx, end := context.WithCancelCause(t.Context())
				defer end(nil)
				stop := sayWaiting(ctx, c, snapshot)
				if test.cause != nil {
					end(test.cause)
				}
				time.Sleep(test.ends)
				stop()
				c.close()
				if got := stderr.String(); got != test.want {
					t.Errorf("%q, want %q", got, test.want)
				}
			})
		})
	}
}

// stalledReader takes nothing until the test is over.
type stalledReader struct{ over chan struct{} }

func (r stalledReader) Write(p []byte) (int, error) {
	<-r.over
	return len(p), nil
}

// TestNobodyReadsStandardError: a run ends a second after it is done.
func TestNobodyReadsStandardError(t *testing.T) {
	t.Parallel()
	s, dir := start(t), t.TempDir()
	stderr := stalledReader{make(chan struct{})}
	defer close(stderr.over)
	ended := make(chan int)
	go func() {
		ended <- run(t.Context(), started(s.args(put(t, dir, "users.csv", numbered(50)))...), nil, strings.NewReader(""), io.Discard, stderr)
	}()
	select {
	case status := <-ended:
		if status != 0 {
			t.Errorf("exit status %d", status)
		}
	case <-time.After(time.Minute):
		t.Fatal("the run does not end")
	}
}

// TestDisplay: what is asked for, as far as it makes sense.
func TestDisplay(t *testing.T) {
	for _, test := range []struct {
		flags displayFlags
		quiet bool
		want  live.Mode
	}{
		{displayFlags{"auto", "text"}, false, live.Lines},
		{displayFlags{"auto", "text"}, true, live.None},
		{displayFlags{"lines", "json"}, true, live.None},
		{displayFlags{"none", "text"}, false, live.None},
		{displayFlags{"none", "json"}, false, live.None},
		{displayFlags{"bar", "json"}, false, live.Lines},
	} {
		c := newConsole(started(), nil, io.Discard, io.Discard)
		test.flags.set(c, test.quiet)
		c.close()
		if c.mode != test.want || c.quiet.Load() != test.quiet || c.width() != 0 {
			t.Errorf("%+v: mode %d, quiet %v, width %d", test, c.mode, c.quiet.Load(), c.width())
		}
	}
}
