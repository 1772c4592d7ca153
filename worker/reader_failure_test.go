package worker

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// errDisk stands for whatever a disk or a network may say.
var errDisk = errors.New("input/output error")

// failingAfter delivers the text and then fails.
func failingAfter(text string, err error) io.Reader {
	return io.MultiReader(strings.NewReader(text), iotest.ErrReader(err))
}

// What was read before a failure is delivered, a torn row is not, and the
// error says what the matter was, however often Next is called.
func TestReaderReadError(t *testing.T) {
	tests := []struct {
		name, in string
		noHeader bool
		want     []Row
	}{
		{"between two rows", "username\nann\nbob\n", false, []Row{goodRow(2, "ann", "ann"), goodRow(3, "bob", "bob")}},
		{"in the middle of a row", "username,note\nann,x\nbob,y", false, []Row{goodRow(2, "ann", "ann", "x")}},
		{"in a row whose other columns did not come", "username,note\nann,x\nbob", false, []Row{goodRow(2, "ann", "ann", "x")}},
		{"in a quoted field", "username,note\nann,x\nbob,\"y\nz", false, []Row{goodRow(2, "ann", "ann", "x")}},
		{"at the newline in a quoted field", "username,note\nann,x\nbob,\"y\n", false, []Row{goodRow(2, "ann", "ann", "x")}},
		{"behind the header", "username\n", false, nil},
		{"behind a malformed row", "username\na\"b\n", false, []Row{malformedRow(2, atByte(2, bareQuote))}},
		{"in a malformed row", "username\nann\na\"b", false, []Row{goodRow(2, "ann", "ann")}},
		{"between the two bytes of a CRLF behind a quoted field", "\"username\"\r\n\"ann\"\r\n\"bob\"\r", false, []Row{goodRow(2, "ann", "ann")}},
		{"without a header", "ann\nbob\nce", true, []Row{goodRow(1, "ann", "ann"), goodRow(2, "bob", "bob")}},
		{"without a header, in a malformed row", "ann\nb\"c", true, []Row{goodRow(1, "ann", "ann")}},
		{"without a header, behind malformed rows", "a\"b\nb\"c\ncem", true, []Row{malformedRow(1, atByte(2, bareQuote)), malformedRow(2, atByte(2, bareQuote))}},
	}
	wrappers := map[string]func(io.Reader) io.Reader{
		"as it is":         func(r io.Reader) io.Reader { return r },
		"byte by byte":     iotest.OneByteReader,
		"half by half":     iotest.HalfReader,
		"data with errors": iotest.DataErrReader,
		"passing errors":   func(r io.Reader) io.Reader { return &onceFailing{in: r} },
	}
	for _, test := range tests {
		for name, wrap := range wrappers {
			t.Run(test.name+", "+name, func(t *testing.T) {
				r, err := NewReader(wrap(failingAfter(test.in, errDisk)), ReaderOptions{NoHeader: test.noHeader})
				if err != nil {
					t.Fatal(err)
				}
				var rows []Row
				row, err := r.Next()
				for ; err == nil; row, err = r.Next() {
					rows = append(rows, row)
				}
				wantRows(t, rows, test.want)
				for range 3 {
					if !errors.Is(err, errDisk) || err.Error() != "read input: input/output error" {
						t.Errorf("error %v, want %v", err, errDisk)
					}
					_, err = r.Next()
				}
			})
		}
	}
}

// onceFailing says an error once and the end of the input from then on, as a
// file on a network may.
type onceFailing struct {
	in     io.Reader
	failed bool
}

func (o *onceFailing) Read(p []byte) (int, error) {
	if o.failed {
		return 0, io.EOF
	}
	n, err := o.in.Read(p)
	o.failed = err != nil
	return n, err
}

// An input that fails before it has said anything is no empty input.
func TestNewReaderReadError(t *testing.T) {
	for _, in := range []string{"", "u", "usern", "\ufeff", "username", "\"username\n", "user\"na", "\"username\"\r", "\n\n"} {
		for _, noHeader := range []bool{false, true} {
			_, err := NewReader(failingAfter(in, errDisk), ReaderOptions{NoHeader: noHeader})
			if unusable := (*UnusableError)(nil); !errors.Is(err, errDisk) || errors.As(err, &unusable) {
				t.Errorf("%q, without a header %v: error %v, want %v", in, noHeader, err, errDisk)
			}
		}
	}
}

// A reader whose second Read times out and whose third one would go on: what
// follows the hole must not be taken for the next row.
func TestReaderTimeout(t *testing.T) {
	in := "username\n" + strings.Repeat("ann\n", 100_000)
	r, err := NewReader(iotest.TimeoutReader(strings.NewReader(in)), ReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for ; err == nil; rows++ {
		_, err = r.Next()
	}
	if !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("error %v, want %v", err, iotest.ErrTimeout)
	}
	if rows < 10_000 || rows > 90_000 {
		t.Errorf("%d rows before the time-out, want about one buffer of them", rows)
	}
	if _, err := r.Next(); !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("error %v behind the time-out, want it again", err)
	}
}

// In whatever pieces the input comes, the rows are the same.
func TestReaderPieces(t *testing.T) {
	in := "\ufeffid,username\r\n1,ann\r\n\r\n\"2\n\",\"bøb\"\r\nragged\r\n3,c\"\r\n4,dag"
	want := remainingRows(t, newTestReader(t, in, ReaderOptions{}))
	if len(want) != 5 {
		t.Fatalf("%d rows, want 5", len(want))
	}
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"byte by byte":                   iotest.OneByteReader,
		"half by half":                   iotest.HalfReader,
		"data with the end":              iotest.DataErrReader,
		"byte by byte, with the end":     func(r io.Reader) io.Reader { return iotest.DataErrReader(iotest.OneByteReader(r)) },
		"through a pipe, write by write": throughPipe,
	} {
		t.Run(name, func(t *testing.T) {
			r, err := NewReader(wrap(strings.NewReader(in)), ReaderOptions{})
			if err != nil {
				t.Fatal(err)
			}
			wantRows(t, remainingRows(t, r), want)
		})
	}
}

// throughPipe delivers three bytes at a time, and none before the ones before
// were taken.
func throughPipe(in io.Reader) io.Reader {
	r, w := io.Pipe()
	go func() {
		_, err := io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{in}, make([]byte, 3))
		w.CloseWithError(err)
	}()
	return r
}

func TestReaderTruncatedGzip(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	fmt.Fprintln(w, "username")
	const rows = 50_000
	for i := range rows {
		fmt.Fprintf(w, "user%d\n", i)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		size     int
		complete bool
		want     error
	}{
		"whole":               {packed.Len(), true, io.EOF},
		"without its trailer": {packed.Len() - 8, true, io.ErrUnexpectedEOF},
		"cut in two":          {packed.Len() / 2, false, io.ErrUnexpectedEOF},
	} {
		t.Run(name, func(t *testing.T) {
			unpacked, err := gzip.NewReader(bytes.NewReader(packed.Bytes()[:test.size]))
			if err != nil {
				t.Fatal(err)
			}
			r, err := NewReader(unpacked, ReaderOptions{})
			if err != nil {
				t.Fatal(err)
			}
			count := 0
			row, err := r.Next()
			for ; err == nil; row, err = r.Next() {
				if want := fmt.Sprintf("user%d", count); row.Username != want || row.Line != count+2 {
					t.Fatalf("row %d is %s, want %s", count, rowText(row), want)
				}
				count++
			}
			if !errors.Is(err, test.want) {
				t.Errorf("error %v, want %v", err, test.want)
			}
			if (count == rows) != test.complete || count == 0 {
				t.Errorf("%d of %d rows, all of them wanted: %v", count, rows, test.complete)
			}
		})
	}
}
