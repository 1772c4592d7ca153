package rows

import (
	"context"
	"io"
	"os"
)

// openFile opens a file for reading. Opening a named pipe waits for somebody to
// write to it, and nothing can wake it: when ctx ends first, it is left waiting.
func openFile(ctx context.Context, path string) (*os.File, error) {
	type opened struct {
		file *os.File
		err  error
	}
	done := make(chan opened)
	go func() {
		file, err := os.Open(path)
		select {
		case done <- opened{file, err}:
		case <-ctx.Done():
			file.Close() // of nil, it does nothing
		}
	}()
	select {
	case got := <-done:
		return got.file, got.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// interruptible reads until ctx ends. Nothing can wake a read from a terminal
// or a pipe that stays silent, so such a read is left waiting.
type interruptible struct {
	ctx    context.Context
	in     io.Reader
	buffer []byte // belongs to the goroutine that reads, which may outlive the call
}

// Read reads, or returns the cause of the context.
func (r *interruptible) Read(p []byte) (int, error) {
	if r.ctx.Err() != nil {
		return 0, context.Cause(r.ctx)
	}
	if len(r.buffer) < len(p) {
		r.buffer = make([]byte, len(p))
	}
	type read struct {
		n   int
		err error
	}
	buffer, done := r.buffer[:len(p)], make(chan read, 1)
	go func() {
		n, err := r.in.Read(buffer)
		done <- read{n, err}
	}()
	select {
	case got := <-done:
		return copy(p, buffer[:got.n]), got.err
	case <-r.ctx.Done():
		return 0, context.Cause(r.ctx)
	}
}
