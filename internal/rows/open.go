package rows

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"sync/atomic"

	"cognito-confirm/internal/oneline"
)

// Input is an opened input with its header read. Close it after use.
type Input struct {
	*Reader
	file *os.File    // nil for standard input
	info os.FileInfo // nil when there is no regular file
	// stat describes the regular file as it is now.
	stat func() (os.FileInfo, error)
	// read counts the bytes of the file that were read.
	read *atomic.Int64
	// again reads the regular file from where it was when it was opened, or the
	// object from its start, nil when there is none.
	again   func() io.Reader
	options Options
}

// Open opens the input, unpacks gzip and reads as far as the header. It waits
// for a named pipe's writer and for the header itself; ctx ends that wait, and
// later that of [Reader.Next].
//
// The error is an [*UnusableError] for an input that is no CSV of users, the
// cause of ctx when that has ended, and a wrapped error of the file otherwise.
func Open(ctx context.Context, o Options) (*Input, error) {
	in, err := open(ctx, o)
	if err != nil && ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return in, err
}

func open(ctx context.Context, o Options) (*Input, error) {
	in := &Input{options: o, read: new(atomic.Int64)}
	source := o.Stdin
	if source == nil {
		source = strings.NewReader("")
	}
	switch {
	case o.Object != nil:
		in.again = func() io.Reader { return o.Object.NewReader(0, o.Object.Size()) }
		source = in.again()
	case o.Path != "-":
		if err := refuseURL(o.Path); err != nil {
			return nil, err
		}
		file, err := openFile(ctx, o.Path)
		if err != nil {
			return nil, fmt.Errorf("open input: %w", err)
		}
		in.file, source = file, file
	}
	err := in.inspect(source, o.Path)
	if err == nil {
		in.Reader, err = readRows(ctx, &metered{source, in.read}, o, in.Changed)
	}
	if err != nil {
		in.Close()
		return nil, err
	}
	return in, nil
}

// readRows puts the layers up to the rows on top of the bytes of a file.
func readRows(ctx context.Context, source io.Reader, o Options, changed func() bool) (*Reader, error) {
	unpacked, isGzip, err := unpack(&interruptible{ctx: ctx, in: source}, o.Path)
	if err != nil {
		return nil, err
	}
	reader, err := newReader(unpacked, o, changed)
	if err != nil {
		return nil, err
	}
	reader.found.Gzip = isGzip
	if o.Section != nil {
		err = reader.enter(ctx, o)
	}
	return reader, err
}

// inspect refuses a directory and keeps the information about a regular file,
// also of one that standard input was redirected from.
func (i *Input) inspect(source io.Reader, path string) error {
	file, ok := source.(*os.File)
	if !ok {
		return nil
	}
	info, err := file.Stat()
	switch {
	case err != nil:
		return fmt.Errorf("open input: %w", err)
	case info.IsDir():
		return &UnusableError{Reason: oneline.Escape(path) + " is a directory", Hint: "name the CSV file in it"}
	case info.Mode().IsRegular():
		from, err := file.Seek(0, io.SeekCurrent)
		if err != nil {
			return fmt.Errorf("open input: %w", err)
		}
		i.info, i.stat = info, file.Stat
		i.again = func() io.Reader { return io.NewSectionReader(file, from, math.MaxInt64-from) }
	}
	return nil
}

// Info describes the regular file that is read, as it was when it was opened.
// It is nil for a pipe or a terminal.
func (i *Input) Info() os.FileInfo { return i.info }

// Read returns how many bytes of the file were read so far, packed ones where
// it is packed, and how many it had when it was opened, 0 for a pipe or a
// terminal. It may be called from another goroutine.
func (i *Input) Read() (bytes, size int64) {
	switch {
	case i.info != nil:
		size = i.info.Size()
	case i.options.Object != nil:
		size = i.options.Object.Size()
	}
	return i.read.Load(), size
}

// Changed reports whether the size or the time of the regular file are no longer what
// they were when it was opened, or that there is another file in its place:
// somebody has written to it, and the rows may be of two files, or there are
// rows that nobody has read. A file that was only removed has not changed. Ask
// before Close. It may be called from another goroutine.
func (i *Input) Changed() bool {
	if i.stat == nil {
		return false
	}
	now, err := i.stat()
	if err == nil && (now.Size() != i.info.Size() || !now.ModTime().Equal(i.info.ModTime())) {
		return true
	}
	if i.file == nil {
		return false // standard input has no place
	}
	there, err := os.Stat(i.file.Name())
	return err == nil && !os.SameFile(i.info, there)
}

// Close closes the file. It leaves standard input open.
func (i *Input) Close() error {
	if i.file == nil {
		return nil
	}
	return i.file.Close()
}
