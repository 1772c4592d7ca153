package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/kong"

	"cognito-confirm/worker"
)

// inputFlags say what to read and how. They are the same for every command
// that reads users.
type inputFlags struct {
	Input          string        `arg:"" help:"CSV with a column of usernames; gzip is unpacked; - reads standard input."`
	UsernameColumn string        `placeholder:"NAME" help:"Column of the usernames; without it 'username', else 'cognito:username'."`
	NoHeader       bool          `help:"The first line is already a user; the first column is the username."`
	Delimiter      delimiterFlag `default:"," placeholder:"CHAR" help:"What separates the columns: a character, or 'tab'. Default: ${default}."`
}

// delimiterFlag is one character, or the word tab.
type delimiterFlag rune

// Decode reads the flag for kong.
func (d *delimiterFlag) Decode(ctx *kong.DecodeContext) error {
	var value string
	if err := ctx.Scan.PopValueInto("delimiter", &value); err != nil {
		return err
	}
	r, size := utf8.DecodeRuneInString(value)
	switch {
	case value == "tab" || value == `\t`:
		r = '\t'
	case size != len(value) || r == utf8.RuneError || strings.ContainsRune("\"\r\n", r):
		return fmt.Errorf("%q is not one character that can separate columns", value)
	}
	*d = delimiterFlag(r)
	return nil
}

// input is an opened input with its header read.
type input struct {
	*worker.Reader
	file *os.File    // nil for standard input
	info os.FileInfo // of the file, also of one that was redirected; nil for a pipe
}

// Close closes the file.
func (i *input) Close() error {
	if i.file == nil {
		return nil
	}
	return i.file.Close()
}

// places names the input's file among those of a run; a pipe has none.
func (i *input) places(path string) []place {
	if i.info == nil {
		return nil
	}
	return []place{{role: "input", path: path, info: i.info}}
}

// open opens the input and reads its header, so that what cannot be used is
// refused before anything else is touched.
func (f inputFlags) open(ctx context.Context, stdin io.Reader) (*input, error) {
	if f.NoHeader && f.UsernameColumn != "" {
		return nil, usageError("--username-column needs a header, and --no-header says that there is none", "without a header the first column is the username")
	}
	in := &input{}
	source := stdin
	if f.Input != "-" {
		file, err := openFile(ctx, f.Input)
		if _, isSignal := errors.AsType[*interruption](err); isSignal {
			return nil, err
		}
		if err != nil {
			return nil, usageError(fmt.Sprintf("open input: %v", err), "")
		}
		in.file, source = file, file
	}
	if file, ok := source.(*os.File); ok {
		info, err := file.Stat()
		switch {
		case err != nil:
			in.Close()
			return nil, usageError(fmt.Sprintf("open input: %v", err), "")
		case info.IsDir():
			in.Close()
			return nil, usageError(fmt.Sprintf("%s is a directory", f.Input), "name the CSV file in it")
		case info.Mode().IsRegular():
			in.info = info
		}
	}
	source, err := unpacked(&interruptible{ctx: ctx, in: source}, hasSuffixFold(f.Input, ".gz"))
	if err == nil {
		in.Reader, err = worker.NewReader(source, worker.ReaderOptions{
			UsernameColumn: f.UsernameColumn,
			NoHeader:       f.NoHeader,
			Delimiter:      rune(f.Delimiter),
		})
	}
	if err != nil {
		in.Close()
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if unusable, ok := errors.AsType[*worker.UnusableError](err); ok {
			return nil, usageError(unusable.Reason, unusable.Hint)
		}
		return nil, usageError(err.Error(), "")
	}
	return in, nil
}

// openFile opens a file for reading. Opening a named pipe waits for somebody to
// write to it, and nothing can wake it: when ctx ends first it is left waiting.
func openFile(ctx context.Context, path string) (*os.File, error) {
	var file *os.File
	opened := make(chan error, 1)
	go func() {
		var err error
		file, err = os.Open(path)
		opened <- err
	}()
	select {
	case err := <-opened:
		return file, err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// unpacked reads gzip when the name or the first bytes say so: a file from
// elsewhere, or a pipe, need not have the right name.
func unpacked(source io.Reader, named bool) (io.Reader, error) {
	buffered := bufio.NewReaderSize(source, 64<<10)
	start, err := buffered.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read input: %w", err)
	}
	if !named && !bytes.Equal(start, []byte("\x1f\x8b")) {
		return buffered, nil
	}
	unpacked, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, &worker.UnusableError{Reason: fmt.Sprintf("the input is not gzip: %v", err), Hint: "take the .gz off its name if it is plain CSV"}
	}
	return unpacked, nil
}

func hasSuffixFold(s, suffix string) bool {
	return len(s) >= len(suffix) && strings.EqualFold(s[len(s)-len(suffix):], suffix)
}
