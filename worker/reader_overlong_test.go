package worker

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

// repeated reads a text so many times over.
type repeated struct {
	text string
	left int
	rest *strings.Reader
}

func (r *repeated) Read(p []byte) (int, error) {
	for r.rest == nil || r.rest.Len() == 0 {
		if r.left == 0 {
			return 0, io.EOF
		}
		r.left--
		r.rest = strings.NewReader(r.text)
	}
	return r.rest.Read(p)
}

func TestReaderGivesUpAnEndlessRecord(t *testing.T) {
	const lines = 20_000_000
	input := io.MultiReader(
		strings.NewReader("username\nuser-1\n\"user-2\n"),
		&repeated{text: strings.Repeat("user-3\n", 1000), left: lines / 1000},
	)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r, err := NewReader(input, ReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if row, err := r.Next(); err != nil || row.Username != "user-1" {
		t.Fatalf("first row: %+v, %v", row, err)
	}
	row, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	if row.Invalid == nil || row.Invalid.Code != CodeMalformedRecord || row.Line != 3 || row.LastLine != 3+lines {
		t.Errorf("got lines %d to %d, %+v", row.Line, row.LastLine, row.Invalid)
	}
	if row, err := r.Next(); err != io.EOF {
		t.Errorf("behind it: %+v, %v", row, err)
	}
	runtime.ReadMemStats(&after)
	// 140 MB were read; growing buffers to hold 16 MiB of them allocates several times that.
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 300<<20 {
		t.Errorf("allocated %d MiB", allocated>>20)
	}
}

func TestReaderTakesLongFields(t *testing.T) {
	long := strings.Repeat("x\n", 5<<20) // 10 MiB in one field
	r, err := NewReader(strings.NewReader("username,note\nuser-1,\""+long+"\"\nuser-2,short\n"), ReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"user-1", "user-2"} {
		row, err := r.Next()
		if err != nil || row.Username != want || row.Invalid != nil {
			t.Fatalf("got %q, %+v, %v, want %q", row.Username, row.Invalid, err, want)
		}
	}
}

// A line without an end is no row either, however well it starts.
func TestReaderGivesUpAnEndlessLine(t *testing.T) {
	r, err := NewReader(io.MultiReader(strings.NewReader("username\n"), &repeated{text: strings.Repeat("x", 1<<20), left: 40}), ReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	row, err := r.Next()
	if err != nil || row.Invalid == nil || row.Invalid.Code != CodeMalformedRecord || row.Fields != nil {
		t.Fatalf("got %+v, %v", row.Invalid, err)
	}
}

func TestReaderFailsInsideAnEndlessRecord(t *testing.T) {
	broken := errors.New("cable pulled")
	r, err := NewReader(io.MultiReader(strings.NewReader("username\n\"user-1\n"), &repeated{text: strings.Repeat("user-2\n", 1<<20), left: 4}, iotest.ErrReader(broken)), ReaderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if row, err := r.Next(); !errors.Is(err, broken) {
		t.Fatalf("got %+v, %v", row, err)
	}
}
