//go:build unix

package report_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// kinds are what may stand in the place of a file.
func kinds(t *testing.T, precious string) map[string]func(path string) error {
	t.Helper()
	return map[string]func(path string) error{
		"a link":      func(path string) error { return os.Symlink(precious, path) },
		"a hard link": func(path string) error { return os.Link(precious, path) },
		"a pipe":      func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"a directory": func(path string) error { return os.Mkdir(path, 0o700) },
		"a file":      func(path string) error { return os.WriteFile(path, []byte("half-made"), 0o600) },
	}
}

// TestNamesThatAreNotOurs: no run opens, empties or removes them, and none
// waits for a pipe.
func TestNamesThatAreNotOurs(t *testing.T) {
	for _, name := range []string{"users.failed.csv.tmp", "users.malformed.csv.tmp", "users.report.csv.tmp", ".users.failed.csv.tmp", ".users.failed.csv.x.tmp", ".other.failed.csv.1.tmp"} {
		elsewhere := filepath.Join(t.TempDir(), "precious")
		put(t, elsewhere, "precious")
		for kind, make := range kinds(t, elsewhere) {
			dir := t.TempDir()
			path := filepath.Join(dir, name)
			if err := make(path); err != nil {
				t.Fatal(err)
			}
			before, err := os.Lstat(path)
			if err != nil {
				t.Fatal(err)
			}
			n := resumption{input: "username\nbad.alice\nbad.bob\na\"b\ncarol\n"}
			n.mustRun(t, dir, 3)
			n.mustRun(t, dir, everyRow)
			after, err := os.Lstat(path)
			if err != nil || !os.SameFile(before, after) || after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) {
				t.Errorf("%s as %s: it is %v now, %v", name, kind, after, err)
			}
			if got := read(t, elsewhere); got != "precious" {
				t.Errorf("%s as %s: wrote %q through it", name, kind, got)
			}
		}
	}
}

// TestLinksAndPipesInPlaceOfOurFiles: they are refused without waiting, whatever
// the run may do, and stay.
func TestLinksAndPipesInPlaceOfOurFiles(t *testing.T) {
	for _, name := range []string{"users.report.csv", "users.failed.csv", "users.malformed.csv", "users.report.csv.endpoint", "users.report.csv.shard", "users.failed.csv.owner"} {
		for _, kind := range []string{"a link", "a pipe", "a directory"} {
			for mode, set := range map[string]func(*report.Options){
				"new": func(*report.Options) {}, "resume": func(o *report.Options) { o.Resume = true }, "overwrite": func(o *report.Options) { o.Overwrite = true },
			} {
				if name == "users.report.csv" && kind == "a link" && mode != "new" {
					continue // people keep reports elsewhere
				}
				elsewhere := filepath.Join(t.TempDir(), "precious")
				put(t, elsewhere, "precious")
				dir := t.TempDir()
				o := optionsIn(dir)
				set(&o)
				if name != "users.report.csv" && mode != "new" {
					put(t, o.Report, header+"2,alice,failed,X,,1,0,r,,1,,\n")
				}
				if err := kinds(t, elsewhere)[kind](filepath.Join(dir, name)); err != nil {
					t.Fatal(err)
				}
				before := listed(t, dir)
				if r, err := report.Open(t.Context(), o); err == nil {
					t.Errorf("%s as %s, %s: opened", name, kind, mode)
					r.Close()
				}
				if after := listed(t, dir); !slices.Equal(after, before) || read(t, elsewhere) != "precious" {
					t.Errorf("%s as %s, %s: files %v, want %v; %q", name, kind, mode, after, before, read(t, elsewhere))
				}
			}
		}
	}
}

// listed returns the names and kinds of the files in a directory.
func listed(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Type().String()+" "+entry.Name())
	}
	return names
}

// TestFailedRowsReplaceNoLink: not even one that comes while the input is read.
func TestFailedRowsReplaceNoLink(t *testing.T) {
	dir := t.TempDir()
	n := resumption{input: "username\nbad.alice\nbob\n"}
	n.mustRun(t, dir, 1)
	r, _, err := n.begin(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := filepath.Join(dir, "precious")
	put(t, elsewhere, "precious")
	o := optionsIn(dir)
	if err := errors.Join(os.Remove(o.Failed), os.Symlink(elsewhere, o.Failed)); err != nil {
		t.Fatal(err)
	}
	if err := r.Start(); !errors.As(err, new(*report.ChangedError)) {
		t.Errorf("Start: %v, want that the file was replaced", err)
	}
	r.Close()
	if got := read(t, elsewhere); got != "precious" {
		t.Errorf("wrote %q through the link", got)
	}
}

// TestDescriptors: what a run needs it has from the start, however many it may
// have in the end.
func TestDescriptors(t *testing.T) {
	o := optionsIn(t.TempDir())
	r := open(t, o)
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	none := limit
	none.Cur = 1
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none); err != nil {
		t.Fatal(err)
	}
	_, opened := os.Open(os.DevNull)
	malformed := worker.Result{
		Row:    worker.Row{Line: 3, Raw: "a\"b\n", Invalid: &worker.Invalid{Code: "malformed_record"}},
		Status: worker.StatusInvalid, Code: "malformed_record",
	}
	record(t, r, result(2, "alice", worker.StatusFailed), malformed)
	err := r.Close()
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if err != nil || opened == nil {
		t.Errorf("Close: %v; another file: %v", err, opened)
	}
	if read(t, o.Failed) != "username\nalice\n" || read(t, o.Malformed) != "username\na\"b\n" {
		t.Errorf("failed rows %q, malformed records %q", read(t, o.Failed), read(t, o.Malformed))
	}
}
