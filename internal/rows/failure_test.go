package rows

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"cognito-confirm/worker"
)

// errDisk stands for any error of a disk or a network.
var errDisk = errors.New("input/output error")

// failingAfter delivers the text and then fails.
func failingAfter(text string, err error) io.Reader {
	return io.MultiReader(strings.NewReader(text), iotest.ErrReader(err))
}

// What was read before a failure is delivered, a torn row is not, and the
// error tells what the matter was, however often Next is called.
func TestReaderReadError(t *testing.T) {
	tests := []struct {
		name, in string
		noHeader bool
		want     []readRow
	}{
		{"between two rows", "username\nann\nbob\n", false, []readRow{goodRow(2, "ann", "ann"), goodRow(3, "bob", "bob")}},
		{"in the middle of a row", "username,note\nann,x\nbob,y", false, []readRow{goodRow(2, "ann", "ann", "x")}},
		{"in a row whose other columns did not come", "username,note\nann,x\nbob", false, []readRow{goodRow(2, "ann", "ann", "x")}},
		{"in a quoted field", "username,note\nann,x\nbob,\"y\nz", false, []readRow{goodRow(2, "ann", "ann", "x")}},
		{"at the newline in a quoted field", "username,note\nann,x\nbob,\"y\n", false, []readRow{goodRow(2, "ann", "ann", "x")}},
		{"after the header", "username\n", false, nil},
		{"after a malformed row", "username\na\"b\n", false, []readRow{malformedRow(2, atByte(2, bareQuote))}},
		{"in a malformed row", "username\nann\na\"b", false, []readRow{goodRow(2, "ann", "ann")}},
		{"between the two bytes of a CRLF after a quoted field", "\"username\"\r\n\"ann\"\r\n\"bob\"\r", false, []readRow{goodRow(2, "ann", "ann")}},
		{"without a header", "ann\nbob\nce", true, []readRow{goodRow(1, "ann", "ann"), goodRow(2, "bob", "bob")}},
		{"without a header, in a malformed row", "ann\nb\"c", true, []readRow{goodRow(1, "ann", "ann")}},
		{"without a header, after malformed rows", "a\"b\nb\"c\ncem", true, []readRow{malformedRow(1, atByte(2, bareQuote)), malformedRow(2, atByte(2, bareQuote))}},
	}
	wrappers := map[string]func(io.Reader) io.Reader{
		"as it is":         func(r io.Reader) io.Reader { return r },
		"byte by byte":     iotest.OneByteReader,
		"half by half":     iotest.HalfReader,
		"data with errors": iotest.DataErrReader,
		"transient errors": func(r io.Reader) io.Reader { return &onceFailing{in: r} },
	}
	for _, test := range tests {
		for name, wrap := range wrappers {
			t.Run(test.name+", "+name, func(t *testing.T) {
				r, err := NewReader(wrap(failingAfter(test.in, errDisk)), Options{NoHeader: test.noHeader})
				if err != nil {
					t.Fatal(err)
				}
				var rows []readRow
				row, err := next(t, r)
				for ; err == nil; row, err = next(t, r) {
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

// An error that comes together with the last bytes tears no line that is complete.
func TestReaderErrorWithData(t *testing.T) {
	in := "username\n" + strings.Repeat("ann\n", 10_000) + "a\"b\n"
	r, err := NewReader(iotest.DataErrReader(failingAfter(in, errDisk)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var last readRow
	row, err := next(t, r)
	for ; err == nil; row, err = next(t, r) {
		last = row
	}
	wantRows(t, []readRow{last}, []readRow{malformedRow(10_002, atByte(2, bareQuote))})
	if !errors.Is(err, errDisk) {
		t.Errorf("error %v, want %v", err, errDisk)
	}
}

// onceFailing returns an error once and the end of the input from then on, as a
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

// An input that fails before its first row is not taken for an empty one.
func TestNewReaderReadError(t *testing.T) {
	for _, in := range []string{"", "u", "usern", "\ufeff", "username", "\"username\n", "user\"na", "\"username\"\r", "\n\n"} {
		for _, noHeader := range []bool{false, true} {
			_, err := NewReader(failingAfter(in, errDisk), Options{NoHeader: noHeader})
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
	r, err := NewReader(iotest.TimeoutReader(strings.NewReader(in)), Options{})
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
	if rows < 500 || rows > 90_000 {
		t.Errorf("%d rows before the time-out, want those of one read", rows)
	}
	if _, err := r.Next(); !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("error %v after the time-out, want it again", err)
	}
}

// inPieces are the ways in which an input may come.
func inPieces() map[string]func(io.Reader) io.Reader {
	return map[string]func(io.Reader) io.Reader{
		"as it is":                       func(r io.Reader) io.Reader { return r },
		"byte by byte":                   iotest.OneByteReader,
		"half by half":                   iotest.HalfReader,
		"data with the end":              iotest.DataErrReader,
		"byte by byte, with the end":     func(r io.Reader) io.Reader { return iotest.DataErrReader(iotest.OneByteReader(r)) },
		"through a pipe, write by write": throughPipe,
	}
}

// In whatever pieces the input comes, the rows are the same.
func TestReaderPieces(t *testing.T) {
	in := "\ufeffid,username\r\n1,ann\r\n\r\n\"2\n\",\"bøb\"\r\nragged\r\n3,c\"\r\n4,dag"
	want := remainingRows(t, newTestReader(t, in, Options{}))
	if len(want) != 5 {
		t.Fatalf("%d rows, want 5", len(want))
	}
	for name, wrap := range inPieces() {
		t.Run(name, func(t *testing.T) {
			r, err := NewReader(wrap(strings.NewReader(in)), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := remainingRows(t, r); !reflect.DeepEqual(got, want) {
				t.Errorf("rows\n%+v, want\n%+v", got, want)
			}
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
	const rows = 20_000
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
			r, err := NewReader(unpacked, Options{})
			if err != nil {
				t.Fatal(err)
			}
			count := 0
			row, err := r.Next()
			for ; err == nil; row, err = r.Next() {
				if want := fmt.Sprintf("user%d", count); row.Username != want || row.Line != count+2 {
					t.Fatalf("row %d is %+v, want %s", count, row, want)
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

// FuzzReaderFailure cuts an input off with an error: the rows that come are
// those of the whole input, none of them made of half a line, and then the
// error comes.
func FuzzReaderFailure(f *testing.F) {
	addReaderSeeds(func(in []byte, column string, delimiter uint8, noHeader bool) {
		f.Add(in, column, delimiter, noHeader, uint16(len(in)/2), uint8(0))
		f.Add(in, column, delimiter, noHeader, uint16(max(0, len(in)-2)), uint8(1))
	})
	f.Fuzz(func(t *testing.T, in []byte, column string, delimiter uint8, noHeader bool, cut uint16, pieces uint8) {
		o := fuzzOptions(column, delimiter, noHeader)
		size := min(int(cut), len(in))
		broken := failingAfter(string(in[:size]), errDisk)
		switch pieces % 4 {
		case 1:
			broken = iotest.OneByteReader(broken)
		case 2:
			broken = iotest.DataErrReader(broken)
		case 3:
			broken = &onceFailing{in: broken}
		}
		r, err := NewReader(broken, o)
		if err != nil {
			if !errors.Is(err, errDisk) {
				wantGoodRefusal(t, err)
			}
			return
		}
		var got []worker.Row
		row, err := r.Next()
		for ; err == nil; row, err = r.Next() {
			got = append(got, row)
		}
		if !errors.Is(err, errDisk) {
			t.Fatalf("error %v, want %v", err, errDisk)
		}
		if _, err := NewReader(bytes.NewReader(in), o); err != nil {
			return // more of it tells more of what it is
		}
		whole := rowsOf(in, o)
		if len(got) > len(whole) {
			t.Fatalf("%d rows, and %d of the whole input", len(got), len(whole))
		}
		for i, row := range got {
			if !reflect.DeepEqual(row, whole[i]) {
				t.Fatalf("the row %s is %s in the whole input", rowText(readRow{Row: row}), rowText(readRow{Row: whole[i]}))
			}
		}
		// Of the lines that are complete at most the last record may be open.
		complete := rowsOf(in[:bytes.LastIndexByte(in[:size], '\n')+1], o)
		if len(got) < len(complete)-1 {
			t.Fatalf("%d rows, and %d records were complete", len(got), len(complete))
		}
	})
}

// rowsOf reads all rows; an input that cannot be used has none.
func rowsOf(in []byte, o Options) []worker.Row {
	r, err := NewReader(bytes.NewReader(in), o)
	if err != nil {
		return nil
	}
	var rows []worker.Row
	for {
		row, err := r.Next()
		if err == io.EOF {
			return rows
		}
		if err != nil {
			panic(err) // bytes in memory cannot fail
		}
		rows = append(rows, row)
	}
}
