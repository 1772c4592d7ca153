package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cognito-confirm/internal/program"
	"cognito-confirm/report"
)

// fastDemo has every kind of user and fault that the usual one has, in less time.
func fastDemo(dir string) demo {
	return demo{
		dir: dir, seed: 1, users: 720, quota: 900, live: 100, cap: 850, timeout: 3 * time.Second,
		outageAt: 200, interruptAt: 400, outage: 100 * time.Millisecond,
	}
}

func TestDemo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var stdout, stderr safeBuffer
	c := newConsole(started(), nil, &stdout, &stderr)
	err := fastDemo(dir).run(t.Context(), c)
	c.close()
	if err != nil {
		t.Fatalf("%v:\n%s", err, stderr.String())
	}
	got := outcome{stdout: stdout.String(), stderr: stderr.String()}
	got.wantError(t, "720 made-up users of every status in "+filepath.Join(dir, "users.csv"),
		"quota 900/s, live sign-ups 100/s", "720 rows in ", "report: "+filepath.Join(dir, "users.report.csv"),
		"failed rows: "+filepath.Join(dir, "users.failed.csv"), "live sign-ups: ",
		"act 1 of 3: ", "act 2 of 3: ", "act 3 of 3: ", "interrupted by SIG", "earlier runs did ",
		"look at the report, sorted as the input is: ")
	if got.stdout != "" {
		t.Errorf("standard output: %q", got.stdout)
	}

	statuses, lost := make(map[string]int), 0
	file, err := os.Open(filepath.Join(dir, "users.report.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for line, err := range report.Scan(file) {
		if err != nil {
			t.Fatal(err)
		}
		key := string(line.Status)
		if !line.Status.Succeeded() { // an answer that comes late makes one of the other
			key += " " + line.Code
		}
		statuses[key]++
		if strings.HasPrefix(line.Message, "confirmed, most likely by an earlier attempt of this run") {
			lost++
		}
	}
	want := map[string]int{
		"failed NotAuthorizedException":                6, // 3, 2 and 1 of the statuses that cannot be confirmed
		"failed UserNotFoundException":                 1,
		"trigger_failed UserLambdaValidationException": 1,
		"invalid username_not_allowed":                 1,
	}
	for key, n := range want {
		if statuses[key] != n {
			t.Errorf("%d rows are %s, want %d", statuses[key], key, n)
		}
	}
	if confirmed := statuses["confirmed"] + statuses["already_confirmed"]; confirmed != 720-9 || statuses["already_confirmed"] == 0 {
		t.Errorf("in the report: %v", statuses)
	}
	if lost == 0 {
		t.Error("no row in the report whose answer was lost: the demo does not show the best of it")
	}
}

// TestUsualDemo finds the quota by itself, plays all acts, and takes as long as
// somebody watches.
func TestUsualDemo(t *testing.T) {
	d := usualDemo("", 1)
	if d.cap != 0 || d.outageAt >= d.interruptAt || d.interruptAt >= int64(d.users)*9/10 {
		t.Errorf("%+v", d)
	}
	const search = 7 // seconds in which the quota is found
	if seconds := search + d.outage.Seconds() + float64(d.users)/(d.quota-d.live); seconds < 20 || seconds > 35 {
		t.Errorf("it takes %.0f s", seconds)
	}
}

// TestDemoIsInterrupted, as most will be. It makes its own directory and tells where.
func TestDemoIsInterrupted(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	ctx, cancel := context.WithCancelCause(t.Context())
	started := begin(ctx, strings.NewReader(""), "demo")
	var made string
	eventually(t, "the first rows are in the report", func() bool {
		made = filepath.Join(dir, names(t, dir))
		report, err := os.ReadFile(filepath.Join(made, "users.report.csv"))
		return err == nil && strings.Count(string(report), "\n") > 20
	})
	cancel(&program.Interruption{Signal: os.Interrupt})
	got := started.end()
	got.wantStatus(t, 130)
	got.wantError(t, "in "+filepath.Join(made, "users.csv"), "interrupted by SIGINT", "look at the report")
	if strings.Contains(got.stderr, "to finish") {
		t.Errorf("a demo cannot be resumed:\n%s", got.stderr)
	}
	if info, err := os.Stat(made); err != nil || info.Mode().Perm() != 0o700 {
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
