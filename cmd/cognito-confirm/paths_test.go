package main

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// zipped is a text as gzip packs it.
func zipped(t testing.TB, text string) string {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.String()
}

func TestWhereTheFilesGo(t *testing.T) {
	const users = "username\nalice\n\"\"\n"
	tests := []struct {
		input          string // a name in the directory, or "-"
		args           []string
		report, failed string
	}{
		{input: "users.csv", report: "users.report.csv", failed: "users.failed.csv"},
		{input: "users.CSV", report: "users.report.csv", failed: "users.failed.csv"},
		{input: "users.csv.gz", report: "users.report.csv", failed: "users.failed.csv"},
		{input: "users.Csv.GZ", report: "users.report.csv", failed: "users.failed.csv"},
		{input: "users.gz", report: "users.gz.report.csv", failed: "users.gz.failed.csv"},
		{input: "users.txt", report: "users.txt.report.csv", failed: "users.txt.failed.csv"},
		{input: "users", report: "users.report.csv", failed: "users.failed.csv"},
		{input: "a.csv.csv", report: "a.csv.report.csv", failed: "a.csv.failed.csv"},
		{input: "users.failed.csv", report: "users.failed.report.csv", failed: "users.failed.failed.csv"},
		{input: "users.csv", args: []string{"--report", "<dir>/r"}, report: "r", failed: "users.failed.csv"},
		{input: "users.csv", args: []string{"--failed", "<dir>/f"}, report: "users.report.csv", failed: "f"},
		{input: "-", args: []string{"--report", "<dir>/out.report.csv"}, report: "out.report.csv", failed: "out.failed.csv"},
		{input: "-", args: []string{"--report", "<dir>/out.csv"}, report: "out.csv", failed: "out.failed.csv"},
		{input: "-", args: []string{"--report", "<dir>/out"}, report: "out", failed: "out.failed.csv"},
		{input: "-", args: []string{"--report", "<dir>/r.csv", "--failed", "<dir>/f.csv"}, report: "r.csv", failed: "f.csv"},
	}
	for _, test := range tests {
		t.Run(strings.Join(append([]string{test.input}, test.args...), " "), func(t *testing.T) {
			t.Parallel()
			s := start(t)
			dir, err := os.MkdirTemp(t.TempDir(), "")
			if err != nil {
				t.Fatal(err)
			}
			input, stdin := test.input, ""
			want := test.report + " " + test.failed
			if input == "-" {
				stdin = users
			} else {
				content := users
				if strings.HasSuffix(strings.ToLower(input), ".gz") {
					content = zipped(t, users)
				}
				input = put(t, dir, input, content)
				want += " " + test.input
			}
			got := invokeWith(t, t.Context(), nil, stdin, inDirectory(dir, s.args(input, test.args...)...)...)
			got.wantStatus(t, 3)
			for _, name := range strings.Fields(want) {
				if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
					t.Errorf("%v; in the directory: %s", err, names(t, dir))
				}
			}
			if left := names(t, dir); len(left) != len(want) {
				t.Errorf("in the directory: %s, want %s", left, want)
			}
			got.wantError(t, "report: "+filepath.Join(dir, test.report), "failed rows: "+filepath.Join(dir, test.failed)+";")
		})
	}
}

// TestStandardInputNeedsAReport: said at once, not after somebody has typed a header.
func TestStandardInputNeedsAReport(t *testing.T) {
	t.Parallel()
	for _, stdin := range []string{"username\nalice\n", ""} {
		got := invokeWith(t, t.Context(), nil, stdin, "run", "--user-pool-id", testPool, "-")
		got.wantStatus(t, 2)
		got.wantError(t, "standard input has no name to derive the report's from", "hint: give --report")
	}
}

// TestOutputsThatAreInTheWay refuses what would write one file over another,
// by whatever name, and leaves every one of them alone.
func TestOutputsThatAreInTheWay(t *testing.T) {
	const users = "username\nalice\n"
	tests := map[string][]string{
		"report is the input":                   {"--report", "<dir>/users.csv"},
		"report is the input, another name":     {"--report", "<dir>/sub/../users.csv"},
		"report is the input, symbolic link":    {"--report", "<dir>/symbolic.csv"},
		"report is the input, hard link":        {"--report", "<dir>/hard.csv"},
		"report is the input, relative":         {"--report", "users.csv"},
		"failed rows are the input":             {"--failed", "<dir>/users.csv"},
		"failed rows are the input, symbolic":   {"--failed", "<dir>/symbolic.csv"},
		"failed rows are the input, hard link":  {"--failed", "<dir>/hard.csv"},
		"summary is the input":                  {"--summary", "<dir>/users.csv"},
		"summary is the input, linked":          {"--summary", "<dir>/symbolic.csv"},
		"summary is the input, hard link":       {"--summary", "<dir>/hard.csv"},
		"report is the failed rows":             {"--report", "<dir>/new.csv", "--failed", "<dir>/new.csv"},
		"report is the failed rows, other name": {"--report", "<dir>/new.csv", "--failed", "<dir>/linked/new.csv"},
		"report is the failed rows, relative":   {"--report", "new.csv", "--failed", "<dir>/sub/../new.csv"},
		"summary is the report":                 {"--summary", "<dir>/users.report.csv"},
		"summary is the report, relative":       {"--summary", "./users.report.csv"},
		"summary is the failed rows":            {"--summary", "<dir>/users.failed.csv"},
		"link to nowhere is the report":         {"--report", "<dir>/new.csv", "--summary", "<dir>/nowhere.csv"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			s, dir := start(t), t.TempDir()
			t.Chdir(dir)
			input := put(t, dir, "users.csv", users)
			for _, err := range []error{
				os.Mkdir(filepath.Join(dir, "sub"), 0o700),
				os.Symlink(".", filepath.Join(dir, "linked")),
				os.Symlink("users.csv", filepath.Join(dir, "symbolic.csv")),
				os.Symlink("new.csv", filepath.Join(dir, "nowhere.csv")),
				os.Link(input, filepath.Join(dir, "hard.csv")),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
			before := names(t, dir)
			got := invoke(t, inDirectory(dir, s.args(input, append(args, "--overwrite")...)...)...)
			got.wantStatus(t, 2)
			got.wantError(t, "are the same file")
			if after := names(t, dir); after != before || read(t, input) != users || s.Counts().Calls != 0 {
				t.Errorf("in the directory: %s, was %s; the input is %q; %d calls", after, before, read(t, input), s.Counts().Calls)
			}
		})
	}
}

// TestRedirectedInputIsNotOverwritten: a shell's < hides the name, not the file.
func TestRedirectedInputIsNotOverwritten(t *testing.T) {
	t.Parallel()
	const users = "username\nalice\n"
	dir, s := t.TempDir(), start(t)
	input := put(t, dir, "users.csv", users)
	stdin, err := os.Open(input)
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	var stdout, stderr safeBuffer
	status := run(t.Context(), s.args("-", "--report", input, "--overwrite"), nil, stdin, &stdout, &stderr)
	got := outcome{status: status, stderr: stderr.String()}
	got.wantStatus(t, 2)
	got.wantError(t, "the input and the report are the same file")
	if read(t, input) != users || s.Counts().Calls != 0 {
		t.Errorf("the input is now %q; %d calls", read(t, input), s.Counts().Calls)
	}
}
