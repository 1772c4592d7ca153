package rows

import (
	"context"
	"errors"
	"io"
	"sync/atomic"

	"cognito-confirm/worker"
)

// countStep is after how many rows Count tells how far it has come.
const countStep = 4096

// Count reads a regular file or an object a second time and returns how many rows of
// the shard Next yields in all. It may be called once the input is open, from another goroutine, and
// leaves what Next reads where it is. seen is called with the rows counted so
// far, every few thousand of them.
//
// The error is [ErrOnce] for any other input, the cause of ctx
// when that ends first, and what Next would return where the input is broken.
func (i *Input) Count(ctx context.Context, shard worker.Shard, seen func(rows int)) (rows int, err error) {
	if i.again == nil {
		return 0, ErrOnce
	}
	reader, err := readRows(ctx, i.again(), i.options, i.Changed)
	source := shard.Of(reader)
	for err == nil {
		if _, err = source.Next(); err == nil {
			if rows++; rows%countStep == 0 {
				seen(rows)
			}
		}
	}
	switch {
	case errors.Is(err, io.EOF):
		return rows, nil
	case ctx.Err() != nil:
		return 0, context.Cause(ctx)
	}
	return 0, err
}

// ErrOnce means that an input can be read only once: it is a pipe or a terminal.
var ErrOnce = errors.New("the input can be read only once")

// metered counts what is read.
type metered struct {
	in    io.Reader
	bytes *atomic.Int64
}

func (c *metered) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.bytes.Add(int64(n))
	return n, err
}
