package main

import (
	"context"
	"os"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/job"
	"cognito-confirm/ratelimit"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// TestProgress: a line every ten seconds, with what has happened since the last.
func TestProgress(t *testing.T) {
	for _, quiet := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var stderr safeBuffer
			now := job.Snapshot{
				Report:      report.State{ThisRun: report.Counts{Rows: 1500, Confirmed: 1500}},
				Limiter:     ratelimit.State{Rate: 300, Reason: ratelimit.Finding, Answered: 3000, Throttled: 1500},
				Pool:        worker.State{InFlight: 7},
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
			ctx, end := context.WithCancelCause(t.Context())
			defer end(nil)
			stop := showProgress(ctx, &console{stderr: &stderr, quiet: quiet}, func() job.Snapshot { return *shown.Load() })

			wait(10*time.Second - 1)
			if got := stderr.String(); got != "" {
				t.Errorf("said too early: %q", got)
			}
			wait(1)
			now.Report.ThisRun.Rows, now.Report.ThisRun.FailedRows = 1505, 5
			now.Limiter = ratelimit.State{Rate: 45.2, Ceiling: 50.1, Reason: ratelimit.Yielding, Answered: 3005, Throttled: 1500}
			show()
			wait(10 * time.Second)
			now.Limiter.Reason = ratelimit.Limited
			now.Pool.Outage = time.Now().Add(-3 * time.Second)
			now.Pool.Last = worker.Answer{Code: "connection", Message: "refused"}
			show()
			wait(10 * time.Second)
			now.Pool.Outage = time.Time{}
			show()
			wait(10 * time.Second)
			now.Pool.InFlight = 6
			show()
			wait(10 * time.Second)
			end(&interruption{os.Interrupt})
			wait(time.Second - 1)
			before := stderr.String()
			wait(1)
			if !quiet && before == stderr.String() {
				t.Error("nothing said a second after the signal")
			}
			stop()
			time.Sleep(time.Minute)

			want := "cognito-confirm: 1,500 rows done in 10s, 300.0 answers/s, 0 not successful, 1,500 throttled; rate 300.0/s, finding the quota\n" +
				"cognito-confirm: 1,505 rows done in 20s, 0.5 answers/s, 5 not successful, 1,500 throttled; rate 45.2/s of 50.1/s found, yielding to other traffic\n" +
				"cognito-confirm: nothing gets through, for 13s now; the last call ended with connection\n" +
				"cognito-confirm: 1,505 rows done in 30s, 0.0 answers/s, 5 not successful, 1,500 throttled; all rows wait, and one at a time tries whether it is over\n" +
				"cognito-confirm: 1,505 rows done in 40s, 0.0 answers/s, 5 not successful, 1,500 throttled; limited by --concurrency 8: answers take long; raise it\n" +
				"cognito-confirm: 1,505 rows done in 50s, 0.0 answers/s, 5 not successful, 1,500 throttled; limited by the input: rows come more slowly than they could be sent\n" +
				"cognito-confirm: waiting for 6 calls in flight; another signal ends the run without the answers\n"
			if quiet {
				want = ""
			}
			if got := stderr.String(); got != want {
				t.Errorf("progress:\n%swant\n%s", got, want)
			}
		})
	}
}

// TestProgressWithoutASignal says nothing about calls in flight: something else ended the run.
func TestProgressWithoutASignal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var stderr safeBuffer
		ctx, end := context.WithCancel(t.Context())
		stop := showProgress(ctx, &console{stderr: &stderr}, func() job.Snapshot { return job.Snapshot{} })
		end()
		time.Sleep(5 * time.Second)
		stop()
		if got := stderr.String(); got != "" {
			t.Errorf("said %q", got)
		}
	})
}
