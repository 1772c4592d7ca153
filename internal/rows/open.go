package rows

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
)

// Input is an opened input with its header read. Close it after use.
type Input struct {
	*Reader
	file *os.File    // nil for standard input
	info os.FileInfo // nil when there is no regular file
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
	in := &Input{}
	source := o.Stdin
	if source == nil {
		source = strings.NewReader("")
	}
	if o.Path != "-" {
		file, err := openFile(ctx, o.Path)
		if err != nil {
			return nil, fmt.Errorf("open input: %w", err)
		}
		in.file, source = file, file
	}
	err := in.inspect(source, o.Path)
	if err == nil {
		in.Reader, err = read(ctx, source, o)
	}
	if err != nil {
		in.Close()
		return nil, err
	}
	return in, nil
}

// read puts the layers up to the rows on top of the bytes of a file.
func read(ctx context.Context, source io.Reader, o Options) (*Reader, error) {
	unpacked, err := unpack(&interruptible{ctx: ctx, in: source}, o.Path)
	if err != nil {
		return nil, err
	}
	return NewReader(unpacked, o)
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
		return &UnusableError{Reason: path + " is a directory", Hint: "name the CSV file in it"}
	case info.Mode().IsRegular():
		i.info = info
	}
	return nil
}

// Info describes the regular file that is read, as it was when it was opened.
// It is nil for a pipe or a terminal.
func (i *Input) Info() os.FileInfo { return i.info }

// Close closes the file. It leaves standard input open.
func (i *Input) Close() error {
	if i.file == nil {
		return nil
	}
	return i.file.Close()
}
