package worker

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"testing"
	"testing/iotest"
)

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
		var got []Row
		row, err := r.Next()
		for ; err == nil; row, err = r.Next() {
			got = append(got, row)
		}
		if !errors.Is(err, errDisk) {
			t.Fatalf("error %v, want %v", err, errDisk)
		}
		whole := rowsOf(in, o)
		if len(got) > len(whole) {
			t.Fatalf("%d rows, and %d of the whole input", len(got), len(whole))
		}
		for i, row := range got {
			if !reflect.DeepEqual(row, whole[i]) {
				t.Fatalf("the row %s is %s in the whole input", rowText(row), rowText(whole[i]))
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
func rowsOf(in []byte, o ReaderOptions) []Row {
	r, err := NewReader(bytes.NewReader(in), o)
	if err != nil {
		return nil
	}
	var rows []Row
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
