package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"cognito-confirm/internal/program"
)

// TestSignals ends a run that waits for its next row with each of the signals.
func TestSignals(t *testing.T) {
	for signal, want := range map[os.Signal]int{os.Interrupt: 130, syscall.SIGTERM: 143, syscall.SIGHUP: 143} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			dir, s := t.TempDir(), start(t)
			ctx, cancel := context.WithCancelCause(t.Context())
			stdin, feed := io.Pipe()
			defer feed.Close()
			path := filepath.Join(dir, "out.report.csv")
			confirming := begin(ctx, stdin, s.args("-", "--report", path)...)
			io.WriteString(feed, "username\nalice\nbob\n")
			eventually(t, "both rows are confirmed", func() bool { return s.Counts().Confirmed == 2 })
			cancel(&program.Interruption{Signal: signal})
			got := confirming.end()
			got.wantStatus(t, want)
			got.wantError(t, "interrupted by "+(&program.Interruption{Signal: signal}).Name(), "2 rows in", "report: "+path)
			if rows := strings.Count(read(t, path), ",confirmed,"); rows != 2 {
				t.Errorf("%d rows confirmed in the report", rows)
			}
		})
	}
}

// silent is an input that nobody writes to. It tells when somebody waits for it.
type silent struct{ asked, ended chan struct{} }

func (s silent) Read([]byte) (int, error) {
	close(s.asked)
	<-s.ended
	return 0, io.EOF
}

// TestSignalBeforeTheFirstRow: there is much to wait for before a run begins.
func TestSignalBeforeTheFirstRow(t *testing.T) {
	tests := map[string][]string{
		"run":   {"run", "--user-pool-id", testPool, "--report", "r.csv", "-"},
		"check": {"check", "-"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			t.Chdir(dir)
			stdin := silent{make(chan struct{}), make(chan struct{})}
			defer close(stdin.ended)
			ctx, cancel := context.WithCancelCause(t.Context())
			confirming := begin(ctx, stdin, args...)
			<-stdin.asked
			cancel(&program.Interruption{Signal: os.Interrupt})
			got := confirming.end()
			got.wantStatus(t, 130)
			got.wantError(t, "interrupted by SIGINT")
			if left := names(t, dir); left != "" {
				t.Errorf("left behind: %s", left)
			}
		})
	}
}

// TestSignalWhileCredentialsAreFetched, from a process that takes its time.
func TestSignalWhileCredentialsAreFetched(t *testing.T) {
	dir := t.TempDir()
	marker := filepath.Join(dir, "asked")
	script := put(t, dir, "slow.sh", "touch "+marker+"\nexec sleep 60 2>/dev/null\n")
	t.Setenv("AWS_CONFIG_FILE", put(t, dir, "config", "[profile slow]\ncredential_process = exec sh "+script+"\n"))
	input := put(t, dir, "users.csv", "username\nalice\n")
	ctx, cancel := context.WithCancelCause(t.Context())
	confirming := begin(ctx, nil, "run", "--user-pool-id", testPool, "--profile", "slow", input)
	eventually(t, "credentials are asked for", func() bool {
		_, err := os.Stat(marker)
		return err == nil
	})
	cancel(&program.Interruption{Signal: os.Interrupt})
	confirming.end().wantStatus(t, 130)
	if left := names(t, dir); left != "asked config slow.sh users.csv" {
		t.Errorf("left behind: %s", left)
	}
}
