package main

import (
	"io"
	"os"
	"path/filepath"
	"testing"
)

// TestNoReportIsReplaced by what a flag asks for, not with --overwrite either.
func TestNoReportIsReplaced(t *testing.T) {
	t.Parallel()
	s, dir := start(t), t.TempDir()
	input := put(t, dir, "users.csv", "username\nalice\n")
	precious := filepath.Join(dir, "a.csv")
	invoke(t, s.args(input, "--report", precious)...).wantStatus(t, 0)
	before, err := os.ReadFile(precious)
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(dir, "b.csv")
	for _, flag := range []string{"--summary", "--html", "--metrics-file"} {
		got := invoke(t, s.args(input, "--report", other, "--overwrite", flag, precious)...)
		got.wantStatus(t, 2)
		got.wantError(t, precious+" is the report of a run", "hint: give another name: a report is never replaced")
	}
	invoke(t, "html", precious, "--out", precious, "--overwrite").wantStatus(t, 2)
	for _, args := range [][]string{{"list", "-o", precious, "--overwrite"}, {"check", input, "--details", precious}} {
		got := invoke(t, append(args, "--user-pool-id", testPool, "--endpoint-url", s.url)...)
		got.wantStatus(t, 2)
		got.wantError(t, precious+" is the report of a run", "hint: give another name: a report is never replaced")
	}
	if after, err := os.ReadFile(precious); err != nil || string(after) != string(before) {
		t.Errorf("%v: the report is now %q", err, after)
	}
	if _, err := os.Stat(other); err == nil {
		t.Error("a run began")
	}
}

// TestNoLateReportIsReplaced: the report may come after the look at the file.
func TestNoLateReportIsReplaced(t *testing.T) {
	t.Parallel()
	s, dir := start(t), t.TempDir()
	path := put(t, dir, "a.csv", "worthless")
	page := newPageFile(path, nil, io.Discard, true)
	if err := page.check(t.Context()); err != nil {
		t.Fatal(err)
	}
	invoke(t, s.args(put(t, dir, "users.csv", "username\nalice\n"), "--report", path, "--overwrite")...).wantStatus(t, 0)
	before := read(t, path)
	if err := page.outputFile.write(func(io.Writer) error { return nil }); err == nil || read(t, path) != before {
		t.Errorf("%v: the report is %q now", err, read(t, path))
	}
}
