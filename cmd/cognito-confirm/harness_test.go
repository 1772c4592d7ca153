package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// testPool is the user pool of the tests.
const testPool = "eu-west-1_Test00000"

// outcome is what a command left behind in its streams.
type outcome struct {
	status         int
	stdout, stderr string
	took           time.Duration
}

// invoke runs the program with nothing in its environment and on its standard input.
func invoke(t *testing.T, args ...string) outcome {
	t.Helper()
	return invokeWith(t, t.Context(), nil, "", args...)
}

// invokeWith runs the program to its end.
func invokeWith(t *testing.T, ctx context.Context, env []string, stdin string, args ...string) outcome {
	t.Helper()
	var stdout, stderr safeBuffer
	started := time.Now()
	status := run(ctx, args, env, strings.NewReader(stdin), &stdout, &stderr)
	return outcome{status, stdout.String(), stderr.String(), time.Since(started)}
}

// safeBuffer can be read while a command still writes to it.
type safeBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

// put writes a file into a directory and returns its path.
func put(t testing.TB, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t testing.TB, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func missing(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s: %v, want that it does not exist", filepath.Base(path), err)
	}
}

// names lists a directory.
func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, entry := range entries {
		all = append(all, entry.Name())
	}
	return strings.Join(all, " ")
}

// reportLine is a line of a report, by the names of its columns.
type reportLine map[string]string

// readReport parses a report and returns its lines by the username.
func readReport(t testing.TB, path string) map[string]reportLine {
	t.Helper()
	lines := make(map[string]reportLine)
	reader := csv.NewReader(strings.NewReader(read(t, path)))
	header, err := reader.Read()
	if err != nil {
		t.Fatalf("report: %v", err)
	}
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return lines
		}
		if err != nil {
			t.Fatalf("report: %v", err)
		}
		line := make(reportLine)
		for i, name := range header {
			line[name] = record[i]
		}
		if _, twice := lines[line["username"]]; twice {
			t.Errorf("report: %s twice", line["username"])
		}
		lines[line["username"]] = line
	}
}

// wantReport compares status and code of every line in a report.
func wantReport(t *testing.T, path string, want map[string]string) {
	t.Helper()
	got := make(map[string]string)
	for username, line := range readReport(t, path) {
		got[username] = strings.TrimSpace(line["status"] + " " + line["code"])
	}
	for username, status := range want {
		if got[username] != status {
			t.Errorf("report: %q is %q, want %q", username, got[username], status)
		}
		delete(got, username)
	}
	for username, status := range got {
		t.Errorf("report: %q is %q and should not be there", username, status)
	}
}

// wantStatus checks an exit status and shows what was said if it is another one.
func (o outcome) wantStatus(t *testing.T, want int) {
	t.Helper()
	if o.status != want {
		t.Fatalf("exit status %d, want %d; standard error:\n%s", o.status, want, o.stderr)
	}
}

// wantError checks that standard error has each of the texts in it, in lines
// of the program's own form.
func (o outcome) wantError(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(o.stderr, text) {
			t.Errorf("standard error has no %q in it:\n%s", text, o.stderr)
		}
	}
	for line := range strings.Lines(o.stderr) {
		if !strings.HasPrefix(line, "cognito-confirm: ") || !strings.HasSuffix(line, "\n") {
			t.Errorf("standard error has the line %q", line)
		}
	}
}

// varying is what differs between two runs that are alike: times and speed.
var varying = regexp.MustCompile(`rows in \S+: |[\d.]+/s on average|127\.0\.0\.1:\d+|over \d+ connections|at the end: .*`)

// stable puts fixed texts in the place of what varies.
func stable(text, dir string) string {
	text = strings.ReplaceAll(text, dir, "DIR")
	return varying.ReplaceAllStringFunc(text, func(found string) string {
		switch {
		case strings.HasPrefix(found, "rows"):
			return "rows in TIME: "
		case strings.HasPrefix(found, "127"):
			return "127.0.0.1:PORT"
		case strings.HasPrefix(found, "at"):
			return "at the end: PACE"
		case strings.HasPrefix(found, "over"):
			return "over N connections"
		}
		return "RATE/s on average"
	})
}

// inDirectory puts a directory in the place of <dir> in arguments.
func inDirectory(dir string, args ...string) []string {
	replaced := make([]string, len(args))
	for i, arg := range args {
		replaced[i] = strings.ReplaceAll(arg, "<dir>", dir)
	}
	return replaced
}

// eventually waits for what another goroutine or process is about to do.
func eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}
