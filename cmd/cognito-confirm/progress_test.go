package main

import (
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/ratelimit"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// TestProgress: a line every ten seconds, with what has happened since the last.
func TestProgress(t *testing.T) {
	for _, quiet := range []bool{false, true} {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			recorder, err := report.Open(context.Background(), report.Options{Report: filepath.Join(dir, "r.csv"), Failed: filepath.Join(dir, "f.csv")})
			if err == nil {
				err = recorder.Start()
			}
			if err != nil {
				t.Fatal(err)
			}
			record := func(rows, attempts, throttled int, status worker.Status) {
				for range rows {
					if err := recorder.Record(worker.Result{Status: status, Attempts: attempts, Throttled: throttled}); err != nil {
						t.Fatal(err)
					}
				}
			}
			var stderr safeBuffer
			type view struct {
				pace   ratelimit.State
				outage time.Time
			}
			var now atomic.Value
			now.Store(view{pace: ratelimit.State{Rate: 300, Reason: ratelimit.Finding, Answered: 3000, Throttled: 1500}})
			ctx, end := context.WithCancelCause(t.Context())
			defer end(nil)
			stop := progress{
				console: &console{stderr: &stderr, quiet: quiet}, tally: recorder.Tally(),
				pace:     func() ratelimit.State { return now.Load().(view).pace },
				outage:   func() (time.Time, string) { return now.Load().(view).outage, "connection: refused" },
				inFlight: func() int { return 7 },
				limit:    func() string { return "limited by --concurrency 8" },
			}.show(ctx)
			record(1500, 2, 1, worker.StatusConfirmed)
			time.Sleep(10*time.Second - 1)
			synctest.Wait()
			if got := stderr.String(); got != "" {
				t.Errorf("said too early: %q", got)
			}
			time.Sleep(time.Nanosecond)
			synctest.Wait()
			record(5, 1, 0, worker.StatusFailed)
			pace := ratelimit.State{Rate: 45.2, Ceiling: 50.1, Reason: ratelimit.Yielding, Answered: 3005, Throttled: 1500}
			now.Store(view{pace: pace})
			time.Sleep(10 * time.Second)
			synctest.Wait()
			pace.Reason = ratelimit.Limited
			now.Store(view{pace: pace, outage: time.Now().Add(-3 * time.Second)})
			time.Sleep(10 * time.Second)
			synctest.Wait()
			now.Store(view{pace: pace})
			time.Sleep(10 * time.Second)
			synctest.Wait()
			end(&interruption{os.Interrupt})
			time.Sleep(2 * time.Second)
			synctest.Wait()
			stop()
			time.Sleep(time.Minute)
			if err := recorder.Close(); err != nil {
				t.Error(err)
			}
			want := "cognito-confirm: 1,500 rows done in 10s, 300.0 answers/s, 0 not successful, 1,500 throttled; rate 300.0/s, finding the quota\n" +
				"cognito-confirm: 1,505 rows done in 20s, 0.5 answers/s, 5 not successful, 1,500 throttled; rate 45.2/s of 50.1/s found, yielding to other traffic\n" +
				"cognito-confirm: nothing gets through since 13s, the last call ended with connection: refused\n" +
				"cognito-confirm: 1,505 rows done in 30s, 0.0 answers/s, 5 not successful, 1,500 throttled; all rows wait while one at a time tries whether it is over\n" +
				"cognito-confirm: 1,505 rows done in 40s, 0.0 answers/s, 5 not successful, 1,500 throttled; limited by --concurrency 8\n" +
				"cognito-confirm: waiting for what is on the wire, calls: 7; another signal ends the run without their answers\n"
			if quiet {
				want = ""
			}
			if got := stderr.String(); got != want {
				t.Errorf("progress:\n%swant\n%s", got, want)
			}
		})
	}
}
