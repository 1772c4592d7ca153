package report_test

import (
	"bufio"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

func TestReportHasOneRunAtATime(t *testing.T) {
	dir := t.TempDir()
	o := optionsIn(dir)
	first := open(t, o)
	record(t, first, result(2, "alice", worker.StatusFailed))

	second := o
	second.Overwrite = true
	if _, err := report.Open(context.Background(), second); !errors.Is(err, report.ErrLocked) {
		t.Fatalf("Open of a report that is held: %v, want ErrLocked", err)
	}
	link := filepath.Join(dir, "link.csv")
	if err := os.Symlink(o.Report, link); err != nil {
		t.Fatal(err)
	}
	second.Report = link
	if _, err := report.Open(context.Background(), second); !errors.Is(err, report.ErrLocked) {
		t.Fatalf("Open through a link of a report that is held: %v, want ErrLocked", err)
	}
	// That a run holds the file is reported before that it exists.
	if _, err := report.Open(context.Background(), o); !errors.Is(err, report.ErrLocked) {
		t.Errorf("Open without Overwrite: %v, want ErrLocked", err)
	}

	record(t, first, result(3, "bob", worker.StatusConfirmed))
	closeRecorder(t, first)
	if got := lines(t, read(t, o.Report)); len(got) != 2 {
		t.Errorf("lines in the report of the first run: %v", got)
	}
	if got := read(t, o.Failed); got != "username\nalice\n" {
		t.Errorf("failed rows of the first run: %q", got)
	}

	o.Overwrite = true
	write(t, o, result(2, "carol", worker.StatusConfirmed))
}

// TestFailedRowsHaveOneRunAtATime: nobody takes away what a run is writing to,
// whatever it is allowed to.
func TestFailedRowsHaveOneRunAtATime(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		o := optionsIn(dir)
		first := open(t, o)
		record(t, first, result(2, "alice", worker.StatusFailed))
		later(flushTime) // the file is created by now
		second := o
		second.Report, second.Overwrite = filepath.Join(dir, "other.csv"), true
		if _, err := report.Open(context.Background(), second); !errors.Is(err, report.ErrLocked) {
			t.Errorf("Open with the failed rows of another run: %v, want ErrLocked", err)
		}
		record(t, first, result(3, "bob", worker.StatusFailed))
		closeRecorder(t, first)
		if got := read(t, o.Failed); got != "username\nalice\nbob\n" {
			t.Errorf("failed rows of the first run: %q", got)
		}
	})
}

// TestOtherReportIsFree: the lock is on one report, not on the directory.
func TestOtherReportIsFree(t *testing.T) {
	dir := t.TempDir()
	o := optionsIn(dir)
	first := open(t, o)
	o.Report, o.Failed = filepath.Join(dir, "other.csv"), filepath.Join(dir, "other.failed.csv")
	o.Malformed = filepath.Join(dir, "other.malformed.csv")
	write(t, o)
	closeRecorder(t, first)
}

// TestRefusalReleasesTheReport: a run that does not begin holds nothing.
func TestRefusalReleasesTheReport(t *testing.T) {
	o := optionsIn(t.TempDir())
	put(t, o.Failed, "in the way\n")
	if _, err := report.Open(context.Background(), o); err == nil {
		t.Fatal("opened")
	}
	o.Overwrite = true
	write(t, o)
}

// TestLockEndsWithItsHolder kills a process that holds a report.
func TestLockEndsWithItsHolder(t *testing.T) {
	dir := t.TempDir()
	o := optionsIn(dir)
	o.Overwrite = true
	cmd, _, stdout := startHelper(t, roleHold, dir)
	if line, err := bufio.NewReader(stdout).ReadString('\n'); err != nil || line != "held\n" {
		t.Fatalf("the other process printed %q, %v", line, err)
	}
	if _, err := report.Open(context.Background(), o); !errors.Is(err, report.ErrLocked) {
		t.Errorf("Open: %v, want ErrLocked", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	write(t, o, result(2, "alice", worker.StatusConfirmed))

	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("in the directory: %v, %v; want the report alone", entries, err)
	}
}
