//go:build unix

package rows

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A named pipe is read like a file. The wait for its writer ends with the context.
func TestOpenNamedPipe(t *testing.T) {
	// Two pipes: the first Open is left waiting, and would take the writer from the second.
	abandoned, path := filepath.Join(t.TempDir(), "nobody.csv"), filepath.Join(t.TempDir(), "users.csv")
	for _, pipe := range []string{abandoned, path} {
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Skip(err)
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	go cancel(errStopped)
	if _, err := Open(ctx, Options{Path: abandoned}); err != errStopped {
		t.Errorf("error %v, want %v", err, errStopped)
	}

	written := make(chan error, 1)
	go func() { written <- os.WriteFile(path, []byte("username\nann\n"), 0o600) }()
	in, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	wantRows(t, remainingRows(t, in.Reader), []readRow{goodRow(2, "ann", "ann")})
	if in.Info() != nil {
		t.Errorf("info of a pipe: %v", in.Info())
	}
	if err := <-written; err != nil {
		t.Error(err)
	}
}
