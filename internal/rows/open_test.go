package rows

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// zipped is the text as gzip.
func zipped(t testing.TB, text string) string {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := io.WriteString(w, text)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return packed.String()
}

// put makes a file and returns its path.
func put(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// The same users come out of a file, of standard input, and of standard input
// that was redirected from the file.
func TestOpen(t *testing.T) {
	const users = "username,note\nann,1\nbob,2\n"
	tests := []struct{ name, file, content string }{
		{"plain", "users.csv", users},
		{"gzip", "users.csv.gz", zipped(t, users)},
		{"gzip, in capitals", "USERS.CSV.GZ", zipped(t, users)},
		{"gzip without its name", "users.csv", zipped(t, users)},
		{"two gzip files in a row", "users.csv.gz", zipped(t, "username,note\nann,1\n") + zipped(t, "bob,2\n")},
		{"a byte order mark", "users.csv", "\ufeff" + users},
		{"a byte order mark in gzip", "users.csv.gz", zipped(t, "\ufeff"+users)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := put(t, test.file, test.content)
			file, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			want, err := file.Stat()
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range []Options{
				{Path: path},
				{Path: "-", Stdin: strings.NewReader(test.content)},
				{Path: "-", Stdin: file},
			} {
				in, err := Open(t.Context(), o)
				if err != nil {
					t.Fatalf("%+v: %v", o, err)
				}
				wantRows(t, remainingRows(t, in.Reader), []readRow{goodRow(2, "ann", "ann", "1"), goodRow(3, "bob", "bob", "2")})
				_, isPipe := o.Stdin.(*strings.Reader)
				if info := in.Info(); isPipe != (info == nil) || info != nil && !os.SameFile(info, want) {
					t.Errorf("%+v: info %v", o, info)
				}
				if err := in.Close(); err != nil {
					t.Error(err)
				}
			}
			if err := file.Close(); err != nil {
				t.Errorf("standard input was closed: %v", err)
			}
		})
	}
}

// What cannot be used is refused for what it is.
func TestOpenUnusable(t *testing.T) {
	const (
		empty    = "the input is empty"
		wantName = "remove .gz from its name if it is plain CSV"
		needs    = "it needs a header line with a column of usernames, or users alone and --no-header"
	)
	tests := []struct{ name, file, content, reason, hint string }{
		{"empty", "users.csv", "", empty, needs},
		{"an empty gzip", "users.csv.gz", zipped(t, ""), empty, needs},
		{"UTF-16 in a gzip", "users.csv.gz", zipped(t, inUTF16("username\r\n", binary.LittleEndian)),
			"the input is not UTF-8 text; it looks like UTF-16 without a byte order mark", `save it as "CSV UTF-8", or convert it: iconv -f UTF-16 -t UTF-8`},
		{"empty, called gzip", "users.csv.gz", "", empty, needs},
		{"plain, called gzip", "users.csv.gz", "username\nann and bob\n", "the input is not gzip", wantName},
		{"plain, called gzip in capitals", "USERS.CSV.GZ", "username\nann and bob\n", "the input is not gzip", wantName},
		{"short and plain, called gzip", "users.csv.gz", "a\n", "the input is not gzip", wantName},
		{"gzip cut off in its header", "users.csv", zipped(t, "username\n")[:6], "the gzip file is torn: it ends in the middle",
			"make or copy the file again; what was read before that is done, and is not done twice when the whole file is given with --resume"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Open(t.Context(), Options{Path: put(t, test.file, test.content)})
			wantUnusable(t, err, test.reason, test.hint)
		})
	}
	_, err := Open(t.Context(), Options{Path: "-"})
	wantUnusable(t, err, empty, needs)
	dir := t.TempDir()
	_, err = Open(t.Context(), Options{Path: dir})
	wantUnusable(t, err, dir+" is a directory", "name the CSV file in it")
}

// A file that cannot be opened or read is not the same as one that cannot be used.
func TestOpenErrors(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none.csv")
	_, err := Open(t.Context(), Options{Path: missing})
	if !errors.Is(err, fs.ErrNotExist) || err.Error() != "open input: open "+missing+": no such file or directory" {
		t.Errorf("error %v", err)
	}
	for _, start := range []string{"", "u", "username", zipped(t, "username\nann\n")[:5], zipped(t, "username\nann\n")[:12]} {
		_, err := Open(t.Context(), Options{Path: "-", Stdin: failingAfter(start, errDisk)})
		if !errors.Is(err, errDisk) || err.Error() != "read input: input/output error" {
			t.Errorf("%q: error %v, want %v", start, err, errDisk)
		}
	}
	if os.Geteuid() == 0 {
		return // root may read everything
	}
	locked := put(t, "users.csv", "username\nann\n")
	if err := os.Chmod(locked, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Options{Path: locked}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("error %v, want that of a permission", err)
	}
}

// errStopped stands for the signal that ended a context.
var errStopped = errors.New("stopped by a signal")

// The end of the context ends the wait for the first bytes and for the header.
func TestOpenInterrupted(t *testing.T) {
	for _, start := range []string{"", "u", "user", "\x1f\x8b\x08", zipped(t, "")[:10]} {
		for _, o := range []Options{{Path: "-"}, {Path: "-", NoHeader: true}} {
			ctx, cancel := context.WithCancelCause(t.Context())
			pipe, writer := io.Pipe()
			o.Stdin = pipe
			go func() {
				io.WriteString(writer, start)
				cancel(errStopped)
			}()
			if _, err := Open(ctx, o); err != errStopped {
				t.Errorf("%q: error %v, want %v", start, err, errStopped)
			}
			pipe.Close()
		}
	}
}

// Next waits for somebody who types, until the context ends.
func TestNextInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	pipe, writer := io.Pipe()
	defer pipe.Close()
	go io.WriteString(writer, "username\nann\nbo")
	in, err := Open(ctx, Options{Path: "-", Stdin: pipe})
	if err != nil {
		t.Fatal(err)
	}
	if row, err := next(t, in.Reader); err != nil || row.Username != "ann" {
		t.Fatalf("%s, error %v; want ann", rowText(row), err)
	}
	cancel(errStopped)
	for range 2 {
		row, err := next(t, in.Reader)
		if !errors.Is(err, errStopped) || err.Error() != "read input: stopped by a signal" {
			t.Errorf("%s, error %v; want %v", rowText(row), err, errStopped)
		}
	}
}

// readerFunc is a reader made of its one method.
type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// A read that is left waiting must not write to memory that its caller uses
// for something else by now.
func TestInterruptibleLeavesTheBufferAlone(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	waits, typed, done := make(chan bool), make(chan string), make(chan bool)
	in := &interruptible{ctx: ctx, in: readerFunc(func(p []byte) (int, error) {
		waits <- true
		n := copy(p, <-typed)
		done <- true
		return n, nil
	})}
	p := []byte("ann")
	go func() {
		<-waits
		cancel(errStopped)
	}()
	if n, err := in.Read(p); n != 0 || err != errStopped {
		t.Errorf("%d bytes, error %v; want %v", n, err, errStopped)
	}
	typed <- "bob"
	<-done
	if string(p) != "ann" {
		t.Errorf("the buffer has %q", p)
	}
}

// However the pieces come, all of them come.
func TestInterruptibleReads(t *testing.T) {
	text := strings.Repeat("user\n", 2000)
	for name, wrap := range inPieces() {
		t.Run(name, func(t *testing.T) {
			in := &interruptible{ctx: t.Context(), in: wrap(strings.NewReader(text))}
			if got, err := io.ReadAll(in); err != nil || string(got) != text {
				t.Errorf("%d of %d bytes, error %v", len(got), len(text), err)
			}
		})
	}
}
