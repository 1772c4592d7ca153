package report_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

func mode(t *testing.T, path string) fs.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode()
}

func TestOverwriteTakesFilesFromOthers(t *testing.T) {
	o := optionsIn(t.TempDir())
	o.Overwrite = true
	for _, path := range []string{o.Report, o.Failed} {
		put(t, path, strings.Repeat("what was there before\n", 100))
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(t, o, result(2, "alice", worker.StatusFailed))
	for _, path := range []string{o.Report, o.Failed} {
		if got := mode(t, path); got != 0o600 {
			t.Errorf("%s has mode %v", filepath.Base(path), got)
		}
	}
	if got := lines(t, read(t, o.Report)); len(got) != 1 || got[0] != "2" {
		t.Errorf("lines in the report: %v", got)
	}
	if got := read(t, o.Failed); got != "username\nalice\n" {
		t.Errorf("failed rows: %q", got)
	}
}

func TestExistingFilesAreRefused(t *testing.T) {
	for _, name := range []string{"users.report.csv", "users.failed.csv"} {
		dir := t.TempDir()
		o := optionsIn(dir)
		path := filepath.Join(dir, name)
		put(t, path, "precious\n")
		r, err := report.Open(context.Background(), o)
		exists, ok := errors.AsType[*report.ExistsError](err)
		if !ok || exists.Path != path {
			t.Errorf("%s: Open: %v, %v; want an ExistsError for it", name, r, err)
		}
		if got := read(t, path); got != "precious\n" {
			t.Errorf("%s is now %q", name, got)
		}
		if got := mode(t, path); got != 0o644 {
			t.Errorf("%s: mode is now %v", name, got)
		}
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) != 1 {
			t.Errorf("%s: left behind: %v, %v", name, entries, err)
		}
		// What was in the way is out of the way: nothing holds the place.
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		write(t, o)
	}
}

// TestExistingLinkToNowhereIsRefused: a link that dangles is somebody's too.
func TestExistingLinkToNowhereIsRefused(t *testing.T) {
	for _, name := range []string{"users.report.csv", "users.failed.csv"} {
		dir := t.TempDir()
		target := filepath.Join(dir, "elsewhere")
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		if _, err := report.Open(context.Background(), optionsIn(dir)); err == nil {
			t.Errorf("%s: opened through a link to nowhere", name)
		}
		missing(t, target)
	}
}

// TestNoFailedRowsNoFile: what is held from the start is gone at the end.
func TestNoFailedRowsNoFile(t *testing.T) {
	o := optionsIn(t.TempDir())
	r := open(t, o)
	record(t, r, result(2, "alice", worker.StatusConfirmed), result(3, "bob", worker.StatusAlreadyConfirmed),
		worker.Result{Row: worker.Row{Line: 4}, Status: worker.StatusInvalid, Code: "malformed_record"})
	closeRecorder(t, r)
	missing(t, o.Failed)
	if got := r.FailedPath(); got != "" {
		t.Errorf("FailedPath: %q without a failed row", got)
	}

	o.Overwrite = true
	r = write(t, o, result(2, "alice", worker.StatusConfirmed), result(3, "bob", worker.StatusFailed))
	if got := read(t, o.Failed); got != "username\nbob\n" {
		t.Errorf("failed rows: %q", got)
	}
	if got := r.FailedPath(); got != o.Failed {
		t.Errorf("FailedPath: %q, want %q", got, o.Failed)
	}
}

func TestOldFailedRowsAreGoneAfterARunWithoutFailures(t *testing.T) {
	o := optionsIn(t.TempDir())
	write(t, o, result(2, "alice", worker.StatusFailed))
	o.Overwrite = true
	r := open(t, o)
	if got := read(t, o.Failed); got != "" {
		t.Errorf("failed rows of an earlier run: %q", got)
	}
	record(t, r, result(2, "alice", worker.StatusConfirmed))
	closeRecorder(t, r)
	missing(t, o.Failed)
}

func TestFilesThatCannotBeMade(t *testing.T) {
	tests := map[string]func(o *report.Options, dir string){
		"report: directory missing":      func(o *report.Options, dir string) { o.Report = filepath.Join(dir, "no", "r.csv") },
		"report: is a directory":         func(o *report.Options, dir string) { o.Report, o.Overwrite = dir, true },
		"failed rows: directory missing": func(o *report.Options, dir string) { o.Failed = filepath.Join(dir, "no", "f.csv") },
		"failed rows: the same missing directory, overwriting": func(o *report.Options, dir string) {
			o.Failed, o.Overwrite = filepath.Join(dir, "no", "f.csv"), true
		},
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			o := optionsIn(dir)
			spoil(&o, dir)
			if _, err := report.Open(context.Background(), o); err == nil {
				t.Fatal("opened")
			}
			entries, err := os.ReadDir(dir)
			if err != nil || len(entries) != 0 {
				t.Errorf("left behind: %v, %v", entries, err)
			}
		})
	}
}

// TestFailedRefusalKeepsTheReport: nothing of an earlier run is lost to a run
// that does not begin.
func TestFailedRefusalKeepsTheReport(t *testing.T) {
	dir := t.TempDir()
	o := optionsIn(dir)
	put(t, o.Report, "precious\n")
	o.Overwrite, o.Failed = true, filepath.Join(dir, "no", "f.csv")
	if _, err := report.Open(context.Background(), o); err == nil {
		t.Fatal("opened")
	}
	if got := read(t, o.Report); got != "precious\n" {
		t.Errorf("the report is now %q", got)
	}
}
