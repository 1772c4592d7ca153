package main

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestDemo is the whole of it, of twenty seconds.
func TestDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("the demo takes 20 seconds")
	}
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "demo")
	got := invoke(t, "demo", "--dir", dir)
	got.wantStatus(t, 0)
	got.wantError(t, "3,000 made-up users of every status in "+filepath.Join(dir, "users.csv"),
		"quota 200/s, live sign-ups 40/s", "3,000 rows in ", "report: "+filepath.Join(dir, "users.report.csv"),
		"failed rows: "+filepath.Join(dir, "users.failed.csv"), "the live sign-ups: ",
		"look at the report, sorted as the input is: ")
	if got.stdout != "" {
		t.Errorf("standard output: %q", got.stdout)
	}

	statuses, unanswered := make(map[string]int), 0
	for _, line := range readReport(t, filepath.Join(dir, "users.report.csv")) {
		statuses[strings.TrimSpace(line["status"]+" "+line["code"])]++
		if line["message"] == "confirmed, most likely by an earlier attempt of this run whose answer was lost" {
			unanswered++
		}
	}
	want := map[string]int{
		"confirmed": 2924,
		"already_confirmed NotAuthorizedException":     30,
		"failed NotAuthorizedException":                29,
		"failed UserNotFoundException":                 7,
		"trigger_failed UserLambdaValidationException": 4,
		"invalid username_not_allowed":                 6,
	}
	if !maps.Equal(statuses, want) {
		t.Errorf("in the report: %v, want %v", statuses, want)
	}
	if unanswered == 0 {
		t.Error("no row in the report whose answer was lost: the demo does not show the best of it")
	}
	if rows := strings.Count(read(t, filepath.Join(dir, "users.failed.csv")), "\n") - 1; rows != 29+7+4+6 {
		t.Errorf("%d failed rows", rows)
	}
	if got.took < 15*time.Second {
		t.Errorf("took %v: the quota was not felt", got.took)
	}
}

// TestDemoIsInterrupted, as most will be.
func TestDemoIsInterrupted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "users.report.csv")
	ctx, cancel := context.WithCancelCause(t.Context())
	var stderr safeBuffer
	status := make(chan int, 1)
	go func() {
		status <- run(ctx, []string{"demo", "--dir", dir}, nil, strings.NewReader(""), &safeBuffer{}, &stderr)
	}()
	eventually(t, "the first rows are in the report", func() bool {
		report, err := os.ReadFile(path)
		return err == nil && strings.Count(string(report), "\n") > 20
	})
	cancel(&interruption{os.Interrupt})
	got := outcome{status: <-status, stderr: stderr.String()}
	got.wantStatus(t, 130)
	got.wantError(t, "interrupted by signal: interrupt", "report: "+path, "look at the report")
	readReport(t, path)
}

// TestDemoMakesItsOwnDirectory, and says where.
func TestDemoMakesItsOwnDirectory(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(&interruption{os.Interrupt})
	got := invokeWith(t, ctx, nil, "", "demo")
	got.wantStatus(t, 130)
	made := filepath.Join(dir, names(t, dir))
	got.wantError(t, "in "+filepath.Join(made, "users.csv"))
	info, err := os.Stat(made)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the directory: %v, %v", info, err)
	}
}

// TestDemoSparesWhatIsThere: --dir . must not cost anybody a users.csv.
func TestDemoSparesWhatIsThere(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"users.csv", "users.report.csv", "users.failed.csv"} {
		dir := t.TempDir()
		path := put(t, dir, name, "precious\n")
		got := invoke(t, "demo", "--dir", dir)
		got.wantStatus(t, 2)
		got.wantError(t, "exists", "hint: ")
		if content := read(t, path); content != "precious\n" {
			t.Errorf("%s is now %q", name, content)
		}
	}
	got := invoke(t, "demo", "--dir", filepath.Join(put(t, t.TempDir(), "file", ""), "below"))
	got.wantStatus(t, 2)
	got.wantError(t, "make directory: ")
}
