package report_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/worker"
)

// TestFullDisk has the report on a device that is full as soon as it is open.
func TestFullDisk(t *testing.T) {
	o := optionsIn(resolved(t, t.TempDir()))
	synctest.Test(t, func(t *testing.T) {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Skip(err)
		}
		defer full.Close()
		failures := make(chan error, 9)
		o.OnFailure = func(err error) { failures <- err }
		r := open(t, o)
		swap(t, o.Report, full)

		record(t, r, result(2, "alice", worker.StatusConfirmed), result(3, "bob", worker.StatusFailed))
		later(flushTime - 1)
		if len(failures) != 0 {
			t.Fatalf("failed before it was written: %v", <-failures)
		}
		later(1)
		if len(failures) != 1 {
			t.Fatalf("OnFailure was called %d times", len(failures))
		}
		if err := <-failures; !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("OnFailure: %v, want ENOSPC", err)
		}
		for line := 4; line < 2000; line++ { // more than fit into memory: none may block
			if err := r.Record(result(line, "carol", worker.StatusConfirmed)); !errors.Is(err, syscall.ENOSPC) {
				t.Fatalf("Record: %v, want ENOSPC", err)
			}
		}
		if err := r.Close(); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("Close: %v, want ENOSPC", err)
		}
		later(time.Minute)
		if len(failures) != 0 {
			t.Errorf("OnFailure was called again, %d times", len(failures))
		}
		if got := r.State(); got.ThisRun.Rows != 0 || got.Lost != 1998 || got.ThisRun.Confirmed != 0 {
			t.Errorf("%d rows, %d lost; want 0, 1998", got.ThisRun.Rows, got.Lost)
		}
	})
}

// TestFailedRowsCannotBeWritten: they are as much a part of the run as the report.
func TestFailedRowsCannotBeWritten(t *testing.T) {
	o := optionsIn(resolved(t, t.TempDir()))
	synctest.Test(t, func(t *testing.T) {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Skip(err)
		}
		defer full.Close()
		var failures atomic.Int64
		o.OnFailure = func(error) { failures.Add(1) }
		r := open(t, o)
		swap(t, o.Failed, full)
		record(t, r, result(2, "alice", worker.StatusConfirmed))
		later(flushTime)
		record(t, r, result(3, "bob", worker.StatusConfirmed), result(4, "carol", worker.StatusFailed))
		later(flushTime)
		if err := r.Record(result(5, "dave", worker.StatusConfirmed)); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("Record: %v, want ENOSPC", err)
		}
		if err := r.Close(); !errors.Is(err, syscall.ENOSPC) || failures.Load() != 1 {
			t.Errorf("Close: %v, OnFailure called %d times; want the error, and 1", err, failures.Load())
		}
		if got := r.State(); got.ThisRun.Rows != 1 || got.Lost != 3 {
			t.Errorf("%d rows, %d lost; want 1, 3", got.ThisRun.Rows, got.Lost)
		}
	})
	wantRows(t, o, 1)
}

// TestFileFillsUp has the files end in the middle of a batch and of a line, in
// a process of its own that may write no more.
func TestFileFillsUp(t *testing.T) {
	for _, role := range []string{roleFill, "fill failed rows"} {
		t.Run(role, func(t *testing.T) {
			dir := t.TempDir()
			cmd, stdin, stdout := startHelper(t, role, dir)
			stdin.Close()
			var saw filled
			if err := json.NewDecoder(stdout).Decode(&saw); err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err != nil {
				t.Fatal(err)
			}
			want, o := syscall.EFBIG.Error(), optionsIn(dir)
			for from, message := range map[string]string{"Record": saw.RecordError, "OnFailure": saw.FailureError, "Close": saw.CloseError} {
				if !strings.Contains(message, want) {
					t.Errorf("%s: %q, want %q", from, message, want)
				}
			}
			if saw.Failures != 1 {
				t.Errorf("OnFailure was called %d times", saw.Failures)
			}
			if saw.Recorded != fillRows || saw.Refused == 0 {
				t.Errorf("%d of %d rows were refused", saw.Refused, saw.Recorded)
			}
			content := read(t, o.Report)
			inReport := len(lines(t, content))
			if role == roleFill && inReport == 0 {
				t.Error("no row in the report: the test tests nothing")
			}
			if saw.Rows != inReport || inReport+saw.Lost != saw.Recorded {
				t.Errorf("%d rows in the report, %d counted, %d lost, %d recorded", inReport, saw.Rows, saw.Lost, saw.Recorded)
			}
			if !strings.HasSuffix(content, "\n") {
				t.Error("the report ends in the middle of a line")
			}
			// Without a whole row, there is no file.
			wantWholeRows(t, strings.TrimPrefix(contents(t, o.Failed), "(none)"), inReport)
		})
	}
}

// wantWholeRows makes sure that no half of a username is left for the next run
// to confirm, and that every failed row of the report is there.
func wantWholeRows(t *testing.T, failed string, atLeast int) {
	t.Helper()
	if failed != "" && !strings.HasSuffix(failed, "\n") {
		t.Error("the failed rows end in the middle of a line")
	}
	_, rows := newSource(t, failed, false, ',').all(t)
	for i, fields := range rows {
		if want := fmt.Sprint("user", i); fields[0] != want || strings.Trim(fields[1], "x") != "" {
			t.Errorf("failed row %d: %q", i, fields)
		}
	}
	if len(rows) < atLeast {
		t.Errorf("%d failed rows, %d of them in the report", len(rows), atLeast)
	}
}
