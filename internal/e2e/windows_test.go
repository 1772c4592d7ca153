//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// wine runs the program that was built for Windows.
type wine struct {
	program, prefix string
}

// newWine builds the program and makes a Windows for it. The test is skipped
// where there is no Wine.
func newWine(t *testing.T) *wine {
	t.Helper()
	if _, err := exec.LookPath("wine"); err != nil {
		t.Skip("needs wine")
	}
	dir := t.TempDir()
	w := &wine{program: filepath.Join(dir, "cognito-confirm.exe"), prefix: filepath.Join(dir, "prefix")}
	build := exec.Command("go", "build", "-trimpath", "-o", w.program, "../../cmd/cognito-confirm")
	build.Env = append(os.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	t.Cleanup(func() {
		stop := exec.Command("wineserver", "-k")
		stop.Env = w.env(nil)
		stop.Run() // it writes to the prefix until it is gone
		stop = exec.Command("wineserver", "-w")
		stop.Env = w.env(nil)
		stop.Run()
	})
	boot := newCommand(t, dir, w.env(nil), "wine", "wineboot", "--init")
	if out, err := boot.CombinedOutput(); err != nil {
		t.Skipf("wine does not start: %v\n%s", err, out)
	}
	library := filepath.Join(w.prefix, "drive_c", "windows", "system32", "bcryptprimitives.dll")
	if _, err := os.Stat(library); err != nil {
		if err := os.WriteFile(library, randomDLL(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

func (w *wine) env(more []string) []string {
	// Without menus, .NET and a browser.
	return append([]string{"WINEPREFIX=" + w.prefix, "WINEDEBUG=-all", "WINEDLLOVERRIDES=mscoree,mshtml,winemenubuilder.exe=", "DISPLAY="}, more...)
}

func (w *wine) command(t *testing.T, dir string, arguments ...string) *exec.Cmd {
	t.Helper()
	return newCommand(t, dir, w.env(credentials()), "wine", append([]string{w.program}, arguments...)...)
}

// TestWindows needs one Windows, which takes Wine a while to make.
func TestWindows(t *testing.T) {
	t.Parallel()
	w := newWine(t)
	t.Run("run", func(t *testing.T) {
		t.Parallel()
		runOnWindows(t, w)
	})
	t.Run("demo", func(t *testing.T) {
		t.Parallel()
		if got := finish(t, w.command(t, t.TempDir(), "demo")); got.status != 0 || !strings.Contains(got.stderr, "users.report.csv") {
			t.Errorf("status %d\n%s", got.status, got.stderr)
		}
	})
}

// runOnWindows: the program holds its report, is killed, goes on and replaces
// files on Windows, too, as far as Wine is Windows.
func runOnWindows(t *testing.T, w *wine) {
	e := startEmulator(t, "")
	dir := t.TempDir()
	const rows = 600
	put(t, dir, "users.csv", usersNumbered(rows))
	run := func(flags ...string) *exec.Cmd {
		return w.command(t, dir, append([]string{"run", "users.csv", "--user-pool-id", poolID, "--endpoint-url", e.url}, flags...)...)
	}
	want := func(got outcome, status int, said string) {
		t.Helper()
		if got.status != status || !strings.Contains(got.stderr, said) {
			t.Errorf("status %d, want %d and %q\n%s", got.status, status, said, got.stderr)
		}
		for _, word := range []string{"panic", "goroutine ", "WARNING"} {
			if strings.Contains(got.stderr, word) {
				t.Errorf("%q in\n%s", word, got.stderr)
			}
		}
	}
	want(finish(t, w.command(t, dir, "check", "users.csv")), 0, "600 rows")

	// Killed in the middle, with another run at the same time.
	first := run("--rate", "30")
	var said strings.Builder
	first.Stderr = &said
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	for start := time.Now(); strings.Count(read(t, dir, "users.report.csv"), "\n") < 10; {
		if time.Since(start) > time.Minute {
			t.Fatalf("no rows in the report\n%s", &said)
		}
		time.Sleep(20 * time.Millisecond)
	}
	want(finish(t, run("--resume")), 4, "another run holds")
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	first.Wait()
	want(finish(t, run("--rate", "500")), 2, "--resume continues it")
	want(finish(t, run("--rate", "500", "--resume", "--summary", "summary.json")), 0, "0 trigger failed, 0 failed, 0 invalid")
	eachReported(t, filepath.Join(dir, "users.report.csv"), func(line int, got reported) {
		if !strings.HasSuffix(got.status, "confirmed") {
			t.Errorf("line %d: %+v", line, got)
		}
	})
	if !strings.Contains(read(t, dir, "summary.json"), `"confirmed": `) {
		t.Errorf("summary %s", read(t, dir, "summary.json"))
	}
	want(finish(t, run("--resume")), 0, "nothing left to do")
	want(finish(t, run("--rate", "500", "--overwrite", "--summary", "summary.json")), 0, "already confirmed")

	// Rows that do not succeed, and their files.
	put(t, dir, "some.csv", "username\nalice\nnobody\nb\"ad\nbob\n")
	broken := startEmulator(t, "username\nalice\nbob\n")
	for _, flag := range []string{"--overwrite", "--overwrite", "--resume"} {
		want(finish(t, w.command(t, dir, "run", "some.csv", "--user-pool-id", poolID, "--endpoint-url", broken.url, flag)), 3, "1 failed, 1 invalid")
		if failed, malformed := read(t, dir, "some.failed.csv"), read(t, dir, "some.malformed.csv"); !strings.HasPrefix(failed, "username") || !strings.Contains(failed, "nobody") || !strings.Contains(malformed, `b"ad`) {
			t.Errorf("failed %q, malformed %q", failed, malformed)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if strings.Contains(entry.Name(), ".tmp") {
			t.Errorf("%s was left behind", entry.Name())
		}
	}
}
