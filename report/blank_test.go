package report_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// killedEarly are files that a run leaves when it is killed before its first row.
func killedEarly() map[string]string {
	return map[string]string{
		"created": "", "torn header": header[:30], "header": header, "zeros": strings.Repeat("\x00", 4096),
		"header and zeros": header[:30] + "\x00\x00", "torn first line": header + "2,al",
	}
}

// TestKilledBeforeItBegan: what such a run leaves stops no later run, neither a new
// one nor one that resumes.
func TestKilledBeforeItBegan(t *testing.T) {
	for name, content := range killedEarly() {
		for _, resume := range []bool{false, true} {
			dir := t.TempDir()
			o := optionsIn(dir)
			o.Resume = resume
			for path, content := range map[string]string{
				o.Report: content, o.Failed: "", o.Malformed: "",
				unfinishedOf(o.Report, "1"): header + "2,al", unfinishedOf(o.Failed, "22"): "username" + reasons + "\nal", unfinishedOf(o.Malformed, "333"): "user",
				unfinishedOf(o.Report+".shard", "4"): "shard: 0/2\n", unfinishedOf(o.Report+".endpoint", "5"): "",
			} {
				if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			r, rows, err := resumption{input: "username\nalice\n"}.beginWith(t, o)
			if err != nil || rows == nil {
				t.Errorf("%s, resume %v: %v", name, resume, err)
				continue
			}
			if err := r.Start(); err != nil {
				t.Fatal(err)
			}
			record(t, r, result(2, "alice", worker.StatusConfirmed))
			closeRecorder(t, r)
			if got := lines(t, read(t, o.Report)); len(got) != 1 || len(tree(t, dir)) != 1 {
				t.Errorf("%s, resume %v: lines %v in %d files", name, resume, got, len(tree(t, dir)))
			}
		}
	}
}

// TestKilledShardBeforeItBegan: a report without a line is that of no shard yet.
func TestKilledShardBeforeItBegan(t *testing.T) {
	for name, content := range killedEarly() {
		for _, resume := range []bool{false, true} {
			for _, shard := range []worker.Shard{{}, {Index: 1, Count: 3}} {
				dir := t.TempDir()
				o := optionsIn(dir)
				o.Resume, o.Shard = resume, shard
				if err := errors.Join(os.WriteFile(o.Report, []byte(content), 0o600), os.WriteFile(o.Report+".shard", []byte("shard: 0/2\n"), 0o600)); err != nil {
					t.Fatal(err)
				}
				write(t, o, result(2, "alice", worker.StatusConfirmed))
				want := "(none)"
				if !shard.IsWhole() {
					want = "shard: 1/3\n"
				}
				if got := contents(t, o.Report+".shard"); got != want {
					t.Errorf("%s, resume %v: the note is %q, want %q", name, resume, got, want)
				}
			}
		}
	}
}

// TestHiddenFilesThatAreNotOurs stay, although they are called as a run calls what it
// has not finished; and no run that is refused removes anything.
func TestHiddenFilesThatAreNotOurs(t *testing.T) {
	dir := t.TempDir()
	o := optionsIn(dir)
	for _, path := range []string{o.Report, o.Report + ".shard", o.Report + ".endpoint", o.Failed, o.Failed + ".owner", o.Malformed} {
		put(t, unfinishedOf(path, "20261126"), "precious\n")
		keepPrivate(t, unfinishedOf(path, "20261126"))
	}
	for range 2 {
		write(t, o, result(2, "alice", worker.StatusConfirmed))
		for name, content := range tree(t, dir) {
			if name != "users.report.csv" && content != "precious\n" {
				t.Errorf("%s is %q now", name, content)
			}
		}
		if len(tree(t, dir)) != 7 {
			t.Errorf("%d files are there, want 7", len(tree(t, dir)))
		}
		o.Overwrite = true
	}
	put(t, unfinishedOf(o.Report, "1"), header)
	keepPrivate(t, unfinishedOf(o.Report, "1"))
	before := tree(t, dir)
	o.Overwrite, o.Resume = false, true
	_, _, err := resumption{input: "username\nzoe\n"}.beginWith(t, o)
	if !isError[*report.EditedError](err) {
		t.Errorf("resume: %v", err)
	}
	untouched(t, dir, before)
}

// TestNotKilledBeforeItBegan: a file that somebody else made, and a report with
// a line, are refused as before.
func TestNotKilledBeforeItBegan(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes tell a file of ours")
	}
	tests := map[string]map[string]string{
		"an empty report of somebody else":     {"users.report.csv": ""},
		"zeros of somebody else":               {"users.report.csv": "\x00"},
		"a report with a line":                 {"users.report.csv": header + "2,alice,confirmed,,,1,0,r,,1,,\n"},
		"a damaged report":                     {"users.report.csv": header + "x\n"},
		"an empty failed file of another":      {"users.failed.csv": ""},
		"failed rows of a run that was killed": {"users.report.csv": header, "users.failed.csv": "username\nalice\n"},
		"an empty malformed file of another":   {"users.malformed.csv": ""},
	}
	for name, files := range tests {
		dir := t.TempDir()
		for file, content := range files {
			put(t, filepath.Join(dir, file), content)
		}
		before := tree(t, dir)
		if _, err := report.Open(t.Context(), optionsIn(dir)); !errors.As(err, new(*report.ExistsError)) {
			t.Errorf("%s: %v, want that it exists", name, err)
		}
		untouched(t, dir, before)
	}
}
