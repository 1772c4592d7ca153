package main

import (
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// TestProgress: a line every ten seconds, with what has happened since the last.
func TestProgress(t *testing.T) {
	for _, quiet := range []bool{false, true} {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			recorder, err := report.Open(report.Options{Report: filepath.Join(dir, "r.csv"), Failed: filepath.Join(dir, "f.csv")})
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
			stop := showProgress(&console{stderr: &stderr, quiet: quiet}, recorder.Tally(), time.Now())
			record(1500, 2, 1, worker.StatusConfirmed)
			time.Sleep(10*time.Second - 1)
			synctest.Wait()
			if got := stderr.String(); got != "" {
				t.Errorf("said too early: %q", got)
			}
			time.Sleep(time.Nanosecond)
			record(5, 1, 0, worker.StatusFailed)
			time.Sleep(10 * time.Second)
			synctest.Wait()
			stop()
			time.Sleep(time.Minute)
			if err := recorder.Close(); err != nil {
				t.Error(err)
			}
			want := "cognito-confirm: 1,500 rows done in 10s, 300.0 attempts/s, 0 not successful, 1,500 throttled\n" +
				"cognito-confirm: 1,505 rows done in 20s, 0.5 attempts/s, 5 not successful, 1,500 throttled\n"
			if quiet {
				want = ""
			}
			if got := stderr.String(); got != want {
				t.Errorf("progress:\n%swant\n%s", got, want)
			}
		})
	}
}
