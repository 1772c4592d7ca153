package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestOutputsThatExist are not touched without --overwrite.
func TestOutputsThatExist(t *testing.T) {
	for _, name := range []string{"users.report.csv", "users.failed.csv"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, dir := start(t), t.TempDir()
			input := put(t, dir, "users.csv", "username\nalice\n\"\"\n")
			path := put(t, dir, name, "precious\n")
			got := invoke(t, s.args(input, "--summary", filepath.Join(dir, "summary.json"))...)
			got.wantStatus(t, 2)
			got.wantError(t, path+" exists", "hint: --resume continues it, --overwrite replaces it")
			if left := names(t, dir); left != strings.Join([]string{name, "users.csv"}, " ") && left != "users.csv "+name {
				t.Errorf("left behind: %s", left)
			}
			if content := read(t, path); content != "precious\n" || s.Counts().Calls != 0 {
				t.Errorf("%s is now %q; %d calls", name, content, s.Counts().Calls)
			}
			invoke(t, s.args(input, "--overwrite")...).wantStatus(t, 3)
			if content := read(t, path); strings.Contains(content, "precious") {
				t.Errorf("%s is still %q", name, content)
			}
		})
	}
}

// TestOverwriteRemovesOldFailedRows: what the last run left must not look like this one's.
func TestOverwriteRemovesOldFailedRows(t *testing.T) {
	t.Parallel()
	s, dir := start(t), t.TempDir()
	failed := put(t, dir, "users.failed.csv", "username\nalice\n")
	invoke(t, s.args(put(t, dir, "users.csv", "username\nalice\n"), "--overwrite")...).wantStatus(t, 0)
	missing(t, failed)
}

// TestOutputsThatCannotBeMade are found out before the first call, with nothing
// left behind and nothing lost.
func TestOutputsThatCannotBeMade(t *testing.T) {
	tests := map[string][]string{
		"report, no directory":         {"--report", "<dir>/none/r.csv"},
		"failed rows, no directory":    {"--failed", "<dir>/none/f.csv"},
		"summary, no directory":        {"--summary", "<dir>/none/s.json"},
		"report is a directory":        {"--report", "<dir>/sub"},
		"failed rows are a directory":  {"--failed", "<dir>/sub"},
		"summary is a directory":       {"--summary", "<dir>/sub"},
		"report on standard output":    {"--report", "-"},
		"failed rows on standard out":  {"--failed", "-"},
		"report below a file":          {"--report", "<dir>/users.csv/r.csv"},
		"summary below a file":         {"--summary", "<dir>/users.csv/s.json"},
		"report cannot, summary can":   {"--report", "<dir>/none/r.csv", "--summary", "<dir>/s.json"},
		"failed cannot, summary could": {"--failed", "<dir>/none/r.csv", "--summary", "<dir>/s.json"},
	}
	for name, args := range tests {
		for _, overwrite := range []bool{false, true} {
			t.Run(name+map[bool]string{true: ", overwriting"}[overwrite], func(t *testing.T) {
				t.Parallel()
				s, dir := start(t), t.TempDir()
				input := put(t, dir, "users.csv", "username\nalice\n\"\"\n")
				if err := os.Mkdir(filepath.Join(dir, "sub"), 0o700); err != nil {
					t.Fatal(err)
				}
				args, old := slices.Clone(args), ""
				if overwrite {
					args = append(args, "--overwrite")
					old = put(t, dir, "users.report.csv", "precious\n")
				}
				before := names(t, dir)
				got := invoke(t, inDirectory(dir, s.args(input, args...)...)...)
				got.wantStatus(t, 2)
				got.wantError(t, "cognito-confirm: ")
				if after := names(t, dir); after != before || s.Counts().Calls != 0 {
					t.Errorf("left behind: %s, was %s; %d calls", after, before, s.Counts().Calls)
				}
				if overwrite && read(t, old) != "precious\n" {
					t.Errorf("the old report is now %q", read(t, old))
				}
			})
		}
	}
}

// TestSummaryOfARunThatDoesNotBegin leaves the one of an earlier run alone.
func TestSummaryOfARunThatDoesNotBegin(t *testing.T) {
	t.Parallel()
	s, dir := start(t), t.TempDir()
	input := put(t, dir, "users.csv", "username\nalice\n")
	put(t, dir, "users.report.csv", "precious\n")
	summary := put(t, dir, "summary.json", "precious too\n")
	invoke(t, s.args(input, "--summary", summary)...).wantStatus(t, 2)
	if got := read(t, summary); got != "precious too\n" {
		t.Errorf("the summary is now %q", got)
	}
}
