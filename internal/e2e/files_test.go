//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// numberedUsers is a CSV of n users, user-001 and so on.
func usersNumbered(n int) string {
	var users strings.Builder
	users.WriteString("username\n")
	for i := range n {
		fmt.Fprintf(&users, "user-%03d\n", i+1)
	}
	return users.String()
}

// confirmedRows are the report's lines of the first n of these users.
func confirmedRows(n int) map[int]reported {
	want := make(map[int]reported, n)
	for i := range n {
		want[i+2] = reported{fmt.Sprintf("user-%03d", i+1), "confirmed", "", 1}
	}
	return want
}

// TestFewDescriptors: with fewer descriptors than calls in flight no row fails,
// and one line tells what would help.
func TestFewDescriptors(t *testing.T) {
	t.Parallel()
	e := startEmulator(t, "", "--latency", "100ms")
	dir := t.TempDir()
	const rows = 400
	put(t, dir, "users.csv", usersNumbered(rows))
	got := finish(t, newCommand(t, dir, credentials(), "sh", "-c", `ulimit -n 25; exec cognito-confirm "$@"`, "sh",
		"run", "users.csv", "--user-pool-id", poolID, "--endpoint-url", e.url, "--rate", "2000"))
	if got.status != 0 || !strings.Contains(got.stderr, "ulimit -n") {
		t.Errorf("status %d\n%s", got.status, got.stderr)
	}
	eachReported(t, filepath.Join(dir, "users.report.csv"), func(line int, got reported) {
		if got.status != "confirmed" {
			t.Errorf("line %d: %+v", line, got)
		}
	})
	if counts := e.end(t); counts.confirmed != rows || counts.calls != rows || counts.connections > 25 {
		t.Errorf("the emulator counted %+v", counts)
	}
}

// started is a run that goes on while a test does something to its files.
type started struct {
	dir   string
	ended chan outcome
}

// startRun starts a run of users.csv and waits until some rows are in the report.
func startRun(t *testing.T, dir string, e *emulator, flags ...string) *started {
	t.Helper()
	flags = append([]string{"run", "users.csv", "--user-pool-id", poolID, "--endpoint-url", e.url}, flags...)
	s := &started{dir: dir, ended: make(chan outcome, 1)}
	command := newCommand(t, dir, credentials(), "cognito-confirm", flags...)
	go func() { s.ended <- finish(t, command) }()
	for start := time.Now(); strings.Count(read(t, dir, "users.report.csv"), "\n") < 10; {
		if time.Since(start) > time.Minute {
			t.Fatal("no rows in the report")
		}
		time.Sleep(20 * time.Millisecond)
	}
	return s
}

// TestReportThatIsTruncated by somebody else, as log rotation does: the run stops
// and tells so, and does not go on into a file with a hole.
func TestReportThatIsTruncated(t *testing.T) {
	for _, test := range []struct {
		name string
		harm func(path string) error
	}{
		{"to nothing", func(path string) error { return os.Truncate(path, 0) }},
		{"by a shell", func(path string) error { return os.WriteFile(path, nil, 0o600) }},
		{"in part", func(path string) error { return os.Truncate(path, 300) }},
		{"renamed", func(path string) error { return os.Rename(path, path+".1") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := startEmulator(t, "")
			dir := t.TempDir()
			put(t, dir, "users.csv", usersNumbered(900))
			run := startRun(t, dir, e, "--rate", "50")
			if err := test.harm(filepath.Join(dir, "users.report.csv")); err != nil {
				t.Fatal(err)
			}
			got := <-run.ended
			if got.status != 1 || !strings.Contains(got.stderr, "users.report.csv was ") || !strings.Contains(got.stderr, "while the run was writing to it") {
				t.Errorf("status %d\n%s", got.status, got.stderr)
			}
			if counts := e.end(t); counts.calls >= 900 {
				t.Errorf("the run went on: %+v", counts)
			}
			if strings.ContainsRune(read(t, dir, "users.report.csv"), 0) {
				t.Error("the report has a hole")
			}
		})
	}
}

// TestGrowingInput: half a username at the end of a file that somebody writes to
// is left, the run ends with status 1, and --resume does the rest.
func TestGrowingInput(t *testing.T) {
	t.Parallel()
	e := startEmulator(t, "")
	dir := t.TempDir()
	const rows = 150
	whole := usersNumbered(rows + 20)
	half := usersNumbered(rows) + "user-1" // of user-151, and whole for somebody else
	put(t, dir, "users.csv", half)
	run := startRun(t, dir, e, "--rate", "50")
	file, err := os.OpenFile(filepath.Join(dir, "users.csv"), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteString(whole[len(half):]); err != nil {
		t.Fatal(err)
	}
	got := <-run.ended
	if got.status != 1 || !strings.Contains(got.stderr, "left for the next --resume") || !strings.Contains(got.stderr, "--resume") {
		t.Errorf("status %d\n%s", got.status, got.stderr)
	}
	checkReport(t, filepath.Join(dir, "users.report.csv"), confirmedRows(rows))
	again := finish(t, newCommand(t, dir, credentials(), "cognito-confirm", "run", "users.csv", "--user-pool-id", poolID, "--endpoint-url", e.url, "--rate", "500", "--resume"))
	if again.status != 0 {
		t.Errorf("resumed: status %d\n%s", again.status, again.stderr)
	}
	checkReport(t, filepath.Join(dir, "users.report.csv"), confirmedRows(rows+20))
	if counts := e.end(t); counts.calls != rows+20 {
		t.Errorf("the emulator counted %+v", counts)
	}
}
