package program

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// TestNobodyReadsTheOutput: a signal ends a write that nobody takes, a second
// later, and nothing is written afterwards.
func TestNobodyReadsTheOutput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		reader, writer := io.Pipe()
		defer reader.Close() // which wakes the write that was left waiting
		out := Output(ctx, writer)
		interrupted := &Interruption{Signal: os.Interrupt}
		time.AfterFunc(time.Hour, func() { cancel(interrupted) })
		begun := time.Now()
		for range 2 {
			if n, err := out.Write([]byte("{}\n")); n != 0 || err != error(interrupted) {
				t.Errorf("wrote %d bytes: %v", n, err)
			}
		}
		if waited := time.Since(begun); waited != time.Hour+Patience {
			t.Errorf("ended after %v", waited)
		}
	})
}

// TestOutputAfterASignal is written when somebody reads it, within a second.
func TestOutputAfterASignal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		reader, writer := io.Pipe()
		text := make(chan string)
		go func() {
			time.Sleep(Patience - 1)
			all, _ := io.ReadAll(reader)
			text <- string(all)
		}()
		out := Output(ctx, writer)
		for _, part := range []string{"a", "b"} {
			if n, err := io.WriteString(out, part); n != 1 || err != nil {
				t.Errorf("wrote %d bytes: %v", n, err)
			}
		}
		writer.Close()
		if got := <-text; got != "ab" {
			t.Errorf("wrote %q", got)
		}
	})
}

// TestOutputToAFile never waits for a reader, and stays known as that file.
func TestOutputToAFile(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "summary.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if Output(t.Context(), file) != io.Writer(file) {
		t.Error("it is another writer")
	}
}
