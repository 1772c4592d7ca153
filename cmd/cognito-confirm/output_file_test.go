package main

import (
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
		got.wantError(t, precious+" is the report of a run", "give another name")
	}
	invoke(t, "html", precious, "--out", precious, "--overwrite").wantStatus(t, 2)
	if after, err := os.ReadFile(precious); err != nil || string(after) != string(before) {
		t.Errorf("%v: the report is now %q", err, after)
	}
	if _, err := os.Stat(other); err == nil {
		t.Error("a run began")
	}
}
