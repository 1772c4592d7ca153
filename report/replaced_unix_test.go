//go:build unix

package report_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// stranger is somebody who does not run the tests.
const stranger = 12345

// giveAway makes a file somebody else's, which only root can do.
func giveAway(t *testing.T, path string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	if err := os.Chown(path, stranger, stranger); err != nil {
		t.Fatal(err)
	}
}

func ownerOf(t *testing.T, path string) int {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return int(info.Sys().(*syscall.Stat_t).Uid)
}

// TestOverwriteLeavesOtherNamesAlone: what is to be overwritten may have another
// name, under which somebody still wants it.
func TestOverwriteLeavesOtherNamesAlone(t *testing.T) {
	dir := t.TempDir()
	o := optionsIn(dir)
	o.Overwrite = true
	for _, path := range []string{o.Report, o.Failed, o.Malformed} {
		precious := filepath.Join(t.TempDir(), "precious")
		put(t, precious, "precious\n")
		if err := os.Link(precious, path); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if got := read(t, precious); got != "precious\n" || mode(t, precious) != 0o644 {
				t.Errorf("what %s was is %q under its other name, mode %v", filepath.Base(path), got, mode(t, precious))
			}
		}()
	}
	write(t, o, result(2, "alice", worker.StatusFailed))
	if got := read(t, o.Failed); got != "username\nalice\n" {
		t.Errorf("failed rows: %q", got)
	}
	if got := lines(t, read(t, o.Report)); len(got) != 1 {
		t.Errorf("lines in the report: %v", got)
	}
}

// TestOverwriteTakesOwnership: whoever owned the file before could read the
// usernames.
func TestOverwriteTakesOwnership(t *testing.T) {
	dir := t.TempDir()
	o := optionsIn(dir)
	o.Overwrite = true
	for _, path := range []string{o.Report, o.Failed} {
		put(t, path, "what was there before\n")
		giveAway(t, path)
	}
	write(t, o, result(2, "alice", worker.StatusFailed))
	for _, path := range []string{o.Report, o.Failed} {
		if got := ownerOf(t, path); got != os.Geteuid() || mode(t, path) != fs.FileMode(0o600) {
			t.Errorf("%s is the user %d's, mode %v", filepath.Base(path), got, mode(t, path))
		}
	}
}

// TestEmptyFilesOfOthers: what a killed run leaves empty is its user's alone and
// has one name. Other empty files are somebody's.
func TestEmptyFilesOfOthers(t *testing.T) {
	spoil := map[string]func(*testing.T, string){
		"of another user": giveAway,
		"with another name": func(t *testing.T, path string) {
			if err := os.Link(path, path+".other"); err != nil {
				t.Fatal(err)
			}
		},
	}
	for _, name := range []string{"users.report.csv", "users.failed.csv", "users.malformed.csv"} {
		for kind, spoil := range spoil {
			t.Run(name+" "+kind, func(t *testing.T) {
				dir := t.TempDir()
				path := filepath.Join(dir, name)
				if err := os.WriteFile(path, nil, 0o600); err != nil {
					t.Fatal(err)
				}
				spoil(t, path)
				before := tree(t, dir)
				_, err := report.Open(t.Context(), optionsIn(dir))
				if exists, ok := errors.AsType[*report.ExistsError](err); !ok || exists.Path != path {
					t.Errorf("Open: %v, want that %s exists", err, name)
				}
				untouched(t, dir, before)
			})
		}
	}
}

// TestLinkThatIsMoved to another report of the same input: its failed rows are those
// of the report that it led to.
func TestLinkThatIsMoved(t *testing.T) {
	dir := t.TempDir()
	latest := named(dir, "latest.report.csv", "latest.failed.csv")
	for _, name := range []string{"one.csv", "two.csv"} {
		put(t, filepath.Join(dir, name), header+"2,alice,confirmed,,,1,0,r,,1,,\n")
	}
	if err := os.Symlink("one.csv", latest.Report); err != nil {
		t.Fatal(err)
	}
	latest.Resume = true
	n := resumption{input: "username\nalice\nbad.bob\n"}
	r, _, err := n.beginWith(t, latest)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	record(t, r, result(3, "bad.bob", worker.StatusFailed))
	closeRecorder(t, r)
	if err := errors.Join(os.Remove(latest.Report), os.Symlink("two.csv", latest.Report)); err != nil {
		t.Fatal(err)
	}
	before := tree(t, dir)
	_, _, err = n.beginWith(t, latest)
	if foreign, ok := errors.AsType[*report.ForeignError](err); !ok || foreign.Report != "one.csv" {
		t.Errorf("resume: %v", err)
	}
	untouched(t, dir, before)
}

// TestOwnerThroughLinks: whose a file is does not depend on the way by which
// somebody comes to it.
func TestOwnerThroughLinks(t *testing.T) {
	dir, link := t.TempDir(), filepath.Join(t.TempDir(), "a", "link")
	deep := filepath.Join(dir, "x", "deep")
	for _, made := range []string{deep, filepath.Dir(link)} {
		if err := os.MkdirAll(made, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(deep, link); err != nil {
		t.Fatal(err)
	}
	o := named(dir, "r.csv", "f.csv")
	for i, through := range []string{link, deep, link} {
		o.Failed, o.Resume = filepath.Join(through, "f.csv"), i > 0
		n := resumption{input: "username\nbad.alice\nbob\ncarol\n"}
		r, _, err := n.beginWith(t, o)
		if err != nil {
			t.Fatalf("through %s: %v", through, err)
		}
		if err := r.Start(); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			record(t, r, result(2, "bad.alice", worker.StatusFailed))
		}
		closeRecorder(t, r)
	}
	if got := read(t, filepath.Join(deep, "f.csv")); !strings.Contains(got, "\nbad.alice,") {
		t.Errorf("failed rows: %q", got)
	}
}
