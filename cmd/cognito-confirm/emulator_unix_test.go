//go:build unix

package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"cognito-confirm/internal/program"
)

// TestEmulatorInterruptedByNobodysUsers: a named pipe in the place of the users keeps a
// signal waiting neither before somebody writes to it nor while nothing comes.
func TestEmulatorInterruptedByNobodysUsers(t *testing.T) {
	t.Parallel()
	for _, isOpened := range []bool{false, true} {
		pipe := filepath.Join(t.TempDir(), "users.csv")
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Skip(err)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		emulator := begin(ctx, strings.NewReader(""), "emulator", "--addr", "127.0.0.1:0", "--users", pipe)
		if isOpened {
			writer, err := os.OpenFile(pipe, os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer writer.Close()
		}
		cancel(&program.Interruption{Signal: syscall.SIGTERM})
		ended := emulator.end()
		ended.wantStatus(t, 143)
	}
}
