package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/report"
)

// TestExitStatus is the interface that scripts and units are written against.
func TestExitStatus(t *testing.T) {
	const users = "username\nalice\nbob\n"
	tests := []struct {
		name    string
		want    int
		input   string
		prepare func(t *testing.T, dir string, s *standIn)
		args    []string
	}{
		{name: "every row is confirmed", want: 0, input: users},
		{name: "confirmed before counts as confirmed", want: 0, input: users, prepare: func(_ *testing.T, _ string, s *standIn) {
			s.AddUser("alice", fakecognito.Confirmed)
		}},
		{name: "no rows at all", want: 0, input: "username\n"},
		{name: "stopped by an answer", want: 1, input: users, prepare: func(_ *testing.T, _ string, s *standIn) {
			s.SetFault("bob", fakecognito.Fault{Code: "AccessDeniedException"})
		}},
		{name: "stopped by failures in a row", want: 1, input: users, args: []string{"--max-consecutive-failures", "1"},
			prepare: func(_ *testing.T, _ string, s *standIn) {
				s.SetFaultShare(1, fakecognito.Fault{Code: "UserNotFoundException"})
			}},
		{name: "no credentials", want: 1, input: users, args: []string{"--profile", "nobody"}},
		{name: "unknown flag", want: 2, input: users, args: []string{"--frobnicate"}},
		{name: "flag that makes no sense", want: 2, input: users, args: []string{"--rate", "0"}},
		{name: "input that cannot be used", want: 2, input: "name\nalice\n"},
		{name: "report exists", want: 2, input: users, prepare: func(t *testing.T, dir string, _ *standIn) {
			put(t, dir, "users.report.csv", "precious\n")
		}},
		{name: "a row failed", want: 3, input: users, prepare: func(_ *testing.T, _ string, s *standIn) {
			s.SetFault("bob", fakecognito.Fault{Code: "UserNotFoundException"})
		}},
		{name: "a trigger failed", want: 3, input: users, prepare: func(_ *testing.T, _ string, s *standIn) {
			s.SetFault("bob", fakecognito.Fault{Code: "UserLambdaValidationException"})
		}},
		{name: "a row is invalid", want: 3, input: "username\nalice\nnot one\n"},
		{name: "a row is malformed", want: 3, input: "username\nalice\nbob,1\n"},
		{name: "another run holds the report", want: 4, input: users, args: []string{"--overwrite"},
			prepare: func(t *testing.T, dir string, _ *standIn) {
				other, err := report.Open(context.Background(), report.Options{
					Report: filepath.Join(dir, "users.report.csv"), Failed: filepath.Join(dir, "other.csv"),
				})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { other.Close() })
			}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir, s := t.TempDir(), start(t)
			if test.prepare != nil {
				test.prepare(t, dir, s)
			}
			input := put(t, dir, "users.csv", test.input)
			got := invoke(t, s.args(input, append(test.args, "--summary", filepath.Join(dir, "summary.json"))...)...)
			got.wantStatus(t, test.want)
			got.wantError(t)
			switch test.want {
			case 2, 4:
				missing(t, filepath.Join(dir, "summary.json"))
				fallthrough
			case 1:
				if got.stderr == "" {
					t.Error("nothing on standard error")
				}
			}
		})
	}
}

// TestExitStatusOfSignals interrupts a run that waits for its next row.
func TestExitStatusOfSignals(t *testing.T) {
	for signal, want := range map[os.Signal]int{os.Interrupt: 130, syscall.SIGTERM: 143, syscall.SIGHUP: 143} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			dir, s := t.TempDir(), start(t)
			ctx, cancel := context.WithCancelCause(t.Context())
			stdin, feed := io.Pipe()
			defer feed.Close()
			path := filepath.Join(dir, "out.report.csv")
			var stdout, stderr safeBuffer
			status := make(chan int)
			go func() { status <- run(ctx, s.args("-", "--report", path), nil, stdin, &stdout, &stderr) }()
			io.WriteString(feed, "username\nalice\nbob\n")
			eventually(t, "both rows are confirmed", func() bool { return s.Counts().Confirmed == 2 })
			cancel(&interruption{signal})
			select {
			case got := <-status:
				if got != want {
					t.Errorf("exit status %d, want %d", got, want)
				}
			case <-time.After(10 * time.Second):
				t.Fatal("a silent input holds up the end")
			}
			wantReport(t, path, map[string]string{"alice": "confirmed", "bob": "confirmed"})
			outcome{stderr: stderr.String()}.wantError(t, "interrupted by signal: "+signal.String(), "2 rows in", "report: "+path)
		})
	}
}

// TestInterruptionBeforeTheFirstRow: there is much to wait for before a run begins.
func TestInterruptionBeforeTheFirstRow(t *testing.T) {
	tests := map[string][]string{
		"header":           {"run", "--user-pool-id", testPool, "--report", "<dir>/out.csv", "-"},
		"header for check": {"check", "-"},
		"credentials":      {"run", "--user-pool-id", testPool, "--profile", "slow", "<dir>/users.csv"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			put(t, dir, "users.csv", "username\nalice\n")
			ctx, cancel := context.WithCancelCause(t.Context())
			stdin, feed := io.Pipe()
			defer feed.Close()
			var stdout, stderr safeBuffer
			status := make(chan int, 1)
			go func() { status <- run(ctx, inDirectory(dir, args...), nil, stdin, &stdout, &stderr) }()
			time.AfterFunc(50*time.Millisecond, func() { cancel(&interruption{os.Interrupt}) })
			select {
			case got := <-status:
				outcome{status: got, stderr: stderr.String()}.wantStatus(t, 130)
			case <-time.After(10 * time.Second):
				t.Fatal("the signal did not end it")
			}
			outcome{stderr: stderr.String()}.wantError(t, "interrupted by signal: interrupt")
			if got := names(t, dir); got != "users.csv" {
				t.Errorf("left behind: %s", got)
			}
		})
	}
}
