package report_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// swap has every descriptor that this process has on the path refer to another
// file: from now on that one is written and synced.
func swap(t *testing.T, path string, other *os.File) {
	t.Helper()
	const descriptors = "/proc/self/fd"
	entries, err := os.ReadDir(descriptors)
	if err != nil {
		t.Skip(err)
	}
	swapped := 0
	for _, entry := range entries {
		if target, err := os.Readlink(filepath.Join(descriptors, entry.Name())); err != nil || target != path {
			continue
		}
		descriptor, err := strconv.Atoi(entry.Name())
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Dup3(int(other.Fd()), descriptor, syscall.O_CLOEXEC); err != nil {
			t.Fatal(err)
		}
		swapped++
	}
	if swapped == 0 {
		t.Fatalf("no descriptor on %s", path)
	}
}

// piped opens a recorder whose report is a pipe from now on; see toPipe.
func piped(t *testing.T, o report.Options) *report.Recorder {
	t.Helper()
	r := open(t, o)
	toPipe(t, o)
	return r
}

// toPipe makes the report a pipe: it can be written, and to sync it is an
// error. That makes the moment of a sync visible.
func toPipe(t *testing.T, o report.Options) {
	t.Helper()
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	swap(t, o.Report, in)
	t.Cleanup(func() {
		in.Close()
		out.Close()
	})
}

func resolved(t *testing.T, dir string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// isSyncOf reports whether the error is that a file could not be synced.
func isSyncOf(err error, path string) bool {
	failed, ok := errors.AsType[*fs.PathError](err)
	return ok && failed.Op == "sync" && failed.Path == path
}

func TestReportIsSyncedEverySecond(t *testing.T) {
	o := optionsIn(resolved(t, t.TempDir()))
	synctest.Test(t, func(t *testing.T) {
		opened := time.Now()
		var at atomic.Int64
		o.OnFailure = func(error) { at.Store(int64(time.Since(opened))) }
		synced := func() time.Duration { return time.Duration(at.Load()) }
		r := open(t, o)
		later(2500 * time.Millisecond)
		toPipe(t, o)
		record(t, r, result(2, "alice", worker.StatusConfirmed))
		later(3*time.Second - 1 - time.Since(opened))
		if synced() != 0 {
			t.Fatalf("synced after %v, want 3s", synced())
		}
		later(1)
		if synced() != 3*time.Second {
			t.Fatalf("synced after %v, want 3s", synced())
		}
		if err := r.Close(); !isSyncOf(err, o.Report) {
			t.Errorf("Close: %v, want the error of the sync", err)
		}
		if got := r.State(); got.ThisRun.Rows != 1 || got.Lost != 0 {
			t.Errorf("%d rows, %d lost; want 1, 0", got.ThisRun.Rows, got.Lost)
		}
	})
}

func TestReportIsSyncedAtTheEnd(t *testing.T) {
	o := optionsIn(resolved(t, t.TempDir()))
	synctest.Test(t, func(t *testing.T) {
		var failures atomic.Int64
		o.OnFailure = func(error) { failures.Add(1) }
		r := piped(t, o)
		record(t, r, result(2, "alice", worker.StatusConfirmed))
		if err := r.Close(); !isSyncOf(err, o.Report) {
			t.Errorf("Close: %v, want the error of the sync", err)
		}
		if failures.Load() != 1 {
			t.Errorf("OnFailure was called %d times", failures.Load())
		}
	})
}

// TestCheckpoint: a row is reported to be on the disk after the sync that brought
// it there, and not before.
func TestCheckpoint(t *testing.T) {
	o := optionsIn(t.TempDir())
	synctest.Test(t, func(t *testing.T) {
		type checkpoint struct {
			after time.Duration
			rows  int
		}
		checkpoints := make(chan checkpoint, 10)
		opened := time.Now()
		o.OnCheckpoint = func(rows int) { checkpoints <- checkpoint{time.Since(opened), rows} }
		r := open(t, o)
		wantCheckpoints := func(want ...checkpoint) {
			t.Helper()
			synctest.Wait()
			var got []checkpoint
			for len(checkpoints) > 0 {
				got = append(got, <-checkpoints)
			}
			if !slices.Equal(got, want) {
				t.Fatalf("new checkpoints %v, want %v", got, want)
			}
		}
		later(2500 * time.Millisecond)
		wantCheckpoints()
		record(t, r, result(2, "alice", worker.StatusConfirmed), result(3, "bob", worker.StatusFailed))
		later(400 * time.Millisecond)
		wantCheckpoints()
		later(600 * time.Millisecond)
		wantCheckpoints(checkpoint{3 * time.Second, 2})
		later(5 * time.Second)
		wantCheckpoints() // nothing was written
		record(t, r, result(4, "carol", worker.StatusConfirmed))
		closeRecorder(t, r)
		wantCheckpoints(checkpoint{8500 * time.Millisecond, 3})
	})
}

// TestNoCheckpointWithoutASync: rows that may not be on the disk get no
// checkpoint.
func TestNoCheckpointWithoutASync(t *testing.T) {
	o := optionsIn(resolved(t, t.TempDir()))
	synctest.Test(t, func(t *testing.T) {
		o.OnCheckpoint = func(rows int) { t.Errorf("checkpoint at %d rows", rows) }
		r := piped(t, o)
		record(t, r, result(2, "alice", worker.StatusConfirmed))
		later(1500 * time.Millisecond)
		if err := r.Close(); err == nil {
			t.Error("the sync did not fail: the test tests nothing")
		}
	})
}
