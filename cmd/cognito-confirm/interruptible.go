package main

import (
	"context"
	"io"
)

// interruptible reads until a signal comes. Nothing can wake a read from a
// terminal or a pipe that stays silent, so such a read is left behind.
type interruptible struct {
	ctx    context.Context
	in     io.Reader
	buffer []byte // the reading goroutine's own, as it may outlive the call
}

// Read reads, or returns why the context ended.
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
