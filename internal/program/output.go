package program

import (
	"bytes"
	"context"
	"io"
	"os"
	"time"
)

// output is standard output where somebody has to read it. Nothing can wake a
// write to a full pipe. Once a signal has come, it gets a second more and is then
// left waiting.
type output struct {
	ctx  context.Context
	to   io.Writer
	left bool // a write was left waiting
}

// Output returns what to write to standard output with. When nobody reads that, a write
// ends a second after ctx, with its cause. A file needs no reader, and is returned as it
// is. It is for one goroutine at a time.
func Output(ctx context.Context, to io.Writer) io.Writer {
	if file, isFile := to.(*os.File); isFile {
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			return to
		}
	}
	return &output{ctx: ctx, to: to}
}

// Write writes, or returns the cause of the context.
func (o *output) Write(p []byte) (int, error) {
	if o.left {
		return 0, context.Cause(o.ctx)
	}
	type written struct {
		n   int
		err error
	}
	done, expired := make(chan written, 1), make(chan struct{})
	own := bytes.Clone(p) // the write may outlive the call
	go func() {
		n, err := o.to.Write(own)
		done <- written{n, err}
	}()
	defer context.AfterFunc(o.ctx, func() {
		time.AfterFunc(Patience, func() { close(expired) })
	})()
	select {
	case got := <-done:
		return got.n, got.err
	case <-expired:
		o.left = true
		return 0, context.Cause(o.ctx)
	}
}
