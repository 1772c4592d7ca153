package store

import (
	"context"
	"fmt"
	"io"
	"time"
)

// rangeSize is how much of an object is read at once. It is held in memory: the
// body of an answer cannot stay open while a run of hours reads it row by row.
const rangeSize = 8 << 20

// Object is one version of an object, opened for reading.
type Object struct {
	ctx      context.Context // of the run that reads it
	store    Store
	name     string
	info     Info
	patience time.Duration
}

// OpenObject finds an object. Everything that is read of it later is of this one
// version, or an error that wraps [ErrChanged]. A store that does not answer is
// asked again for as long as the patience lasts. ctx ends every read.
func OpenObject(ctx context.Context, s Store, name string, patience time.Duration) (*Object, error) {
	o := &Object{ctx: ctx, store: s, name: name, patience: patience}
	err := Persist(ctx, patience, func(ctx context.Context) (err error) {
		o.info, err = s.Stat(ctx, name)
		return err
	})
	if err != nil {
		return nil, err
	}
	return o, nil
}

// Size returns the size of the object in bytes.
func (o *Object) Size() int64 { return o.info.Size }

// NewReader returns a reader of the bytes from..to, to itself not among them. Each
// call returns one of its own, which holds up to 8 MiB. A reader is for one goroutine
// at a time.
func (o *Object) NewReader(from, to int64) io.Reader {
	return &rangeReader{object: o, from: from, end: min(to, o.info.Size)}
}

// rangeReader reads an object range by range.
type rangeReader struct {
	object *Object
	from   int64  // of the next range
	end    int64  // of all that is read
	rest   []byte // of the last one
}

// Read implements [io.Reader].
func (r *rangeReader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		if err := r.fetch(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func (r *rangeReader) fetch() error {
	o := r.object
	to := min(r.from+rangeSize, r.end)
	if r.from >= to {
		r.rest = nil
		return io.EOF
	}
	err := Persist(o.ctx, o.patience, func(ctx context.Context) (err error) {
		r.rest, err = o.store.Read(ctx, o.name, o.info, r.from, to)
		return err
	})
	if err != nil {
		return err
	}
	if int64(len(r.rest)) != to-r.from {
		return fmt.Errorf("read %s: %d bytes in place of %d: %w", o.name, len(r.rest), to-r.from, io.ErrUnexpectedEOF)
	}
	r.from = to
	return nil
}
