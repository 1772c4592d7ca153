package rows

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

const (
	oneTooMany = "the record has %d columns, 1 too many"
	tooShort   = "the record ends before the column of the username"
	bareQuote  = "a quotation mark inside a cell that does not begin with one"
	wrongQuote = "a quotation mark that is not closed, or something after the closing one"
)

// malformedRow is a row of which nothing but its line could be read.
func malformedRow(line int, message string) readRow {
	return refusedRow(goodRow(line, ""), CodeMalformedRecord, message)
}

// swallowedLines is a malformed row that took more than one line with it.
func swallowedLines(line, last int) readRow {
	return manyLines(malformedRow(line, fmt.Sprintf("lines %d to %d are one malformed record: a quotation mark opened on line %d is not closed, or closed in the wrong place", line, last, line)), last)
}

// manyLines is a row that took more than one line with it.
func manyLines(row readRow, last int) readRow {
	row.LastLine = last
	return row
}

func atByte(column int, what string) string {
	return fmt.Sprintf("byte %d of the line: %s", column, what)
}

// A record that cannot be parsed is one invalid row, and the next one comes.
func TestReaderMalformedRecords(t *testing.T) {
	tests := []struct {
		name, in string
		want     []readRow
	}{
		{"too few and too many fields", "username,note\nann\nbob,1\ncem,1,2\ndag,1,\neve,2\n", []readRow{
			goodRow(2, "ann", "ann"), goodRow(3, "bob", "bob", "1"),
			malformedRow(4, "the record has 3 columns, 1 too many"), malformedRow(5, "the record has 3 columns, 1 too many"), goodRow(6, "eve", "eve", "2")}},
		{"more fields than the one column", "username\nann,x\nbob\n", []readRow{malformedRow(2, "the record has 2 columns, 1 too many"), goodRow(3, "bob", "bob")}},
		{"too few fields for a username", "id,username,note\n1\n2,bob\n", []readRow{malformedRow(2, tooShort), goodRow(3, "bob", "2", "bob")}},
		{"too many fields over many lines", "username,note\nann,\"a\nb\",c,d\nbob,x\n", []readRow{
			manyLines(malformedRow(2, "the record has 4 columns, 2 too many"), 3), goodRow(4, "bob", "bob", "x")}},
		{"a bare quote", "username,note\nann,5\" disk\nbob,x\na\"b,y\ncem,z\n", []readRow{
			malformedRow(2, atByte(6, bareQuote)), goodRow(3, "bob", "bob", "x"),
			malformedRow(4, atByte(2, bareQuote)), goodRow(5, "cem", "cem", "z")}},
		{"a space before the quote", "username,note\nann, \"x\"\nbob,x\n", []readRow{malformedRow(2, atByte(6, bareQuote)), goodRow(3, "bob", "bob", "x")}},
		{"text after the closing quote", "username,note\n\"ann\"x,1\n\"bob\" ,2\n\"cem\",3\n", []readRow{
			malformedRow(2, atByte(5, wrongQuote)), malformedRow(3, atByte(5, wrongQuote)), goodRow(4, "cem", "cem", "3")}},
		{"text after a quote that was opened lines before", "username,note\nann,\"x\n\ny\"z\nbob,x\n", []readRow{swallowedLines(2, 4), goodRow(5, "bob", "bob", "x")}},
		{"a quote that the next quoted field closes", "username,note\nann,\"x\nbob,\"y\"\ncem,z\n", []readRow{swallowedLines(2, 3), goodRow(4, "cem", "cem", "z")}},
		{"an open quote on the last line", "username,note\nann,x\nbob,\"y\n", []readRow{goodRow(2, "ann", "ann", "x"), malformedRow(3, atByte(8, wrongQuote))}},
		{"an open quote on the last line, without a newline", "username\nann\n\"", []readRow{goodRow(2, "ann", "ann"), malformedRow(3, atByte(2, wrongQuote))}},
		{"an open quote that swallows the rest", "username,note\nann,x\nbob,\"y\ncem,z\n\ndag,z\neve,z\n", []readRow{goodRow(2, "ann", "ann", "x"), swallowedLines(3, 7)}},
		{"an open quote that swallows the rest, CRLF, no newline at the end", "username,note\r\nann,\"x\r\nbob,y\r\ncem,z", []readRow{swallowedLines(2, 4)}},
		{"every record", "username,note\n\"a\"b\nx,y,z\n\"\n", []readRow{
			malformedRow(2, atByte(3, wrongQuote)), malformedRow(3, "the record has 3 columns, 1 too many"), malformedRow(4, atByte(3, wrongQuote))}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newTestReader(t, test.in, Options{})
			wantRows(t, remainingRows(t, r), test.want)
		})
	}
}

// overlongRecord is the row of a quoted record that was given up.
func overlongRecord(line, last int, limit string) readRow {
	row := malformedRow(line, fmt.Sprintf("lines %d to %d are one record of more than %s: a quotation mark on line %d is not closed", line, last, limit, line))
	row.LastLine = last
	return row
}

// overlongLine is the row of a line that was given up.
func overlongLine(line, last int) readRow {
	row := malformedRow(line, fmt.Sprintf("line %d has more than 20 bytes, and what follows it was not read", line))
	if last > line {
		row.LastLine = last
	}
	return row
}

// A record may have 20 bytes here. In whatever pieces the input comes, the same
// ones are too long.
func TestReaderOverlongRecords(t *testing.T) {
	nine := strings.Repeat("x", 9)
	tests := []struct {
		name, in string
		want     []readRow
	}{
		{"as long as can be", "username,note\nann,1234567890123456\nbob,x\n", []readRow{
			goodRow(2, "ann", "ann", "1234567890123456"), goodRow(3, "bob", "bob", "x")}},
		{"as long as can be, CRLF", "username,note\r\nann,1234567890123456\r\nbob,x\r\n", []readRow{
			goodRow(2, "ann", "ann", "1234567890123456"), goodRow(3, "bob", "bob", "x")}},
		{"as long as can be, over several lines", "username,note\nann,\"a\nb\nc\nd\nefghij\"\nbob,x\n", []readRow{
			goodRow(2, "ann", "ann", "a\nb\nc\nd\nefghij"), goodRow(7, "bob", "bob", "x")}},
		{"as long as can be, without a line end", "username,note\nann,1234567890123456", []readRow{goodRow(2, "ann", "ann", "1234567890123456")}},
		{"any number of blank lines is no record", "username,note\n" + strings.Repeat("\n\r\n", 50) + "ann,x\n" + strings.Repeat("\r\n\n", 50) + "bob,y\n\n\n", []readRow{
			goodRow(102, "ann", "ann", "x"), goodRow(203, "bob", "bob", "y")}},
		{"a line that is too long", "username,note\nann,12345678901234567\nbob,x\ncem,y\n", []readRow{overlongLine(2, 4)}},
		{"a last line that is too long", "username,note\nann,x\nbob,12345678901234567", []readRow{goodRow(2, "ann", "ann", "x"), overlongLine(3, 3)}},
		{"a long line with a quotation mark in it", "username,note\na\"n,12345678901234567\nbob,x\n", []readRow{overlongLine(2, 3)}},
		{"a mark that is not closed", "username,note\nann,x\n\n\"bob,y\n" + strings.Repeat(nine+"\n", 30), []readRow{
			goodRow(2, "ann", "ann", "x"), overlongRecord(4, 34, "20 bytes")}},
		{"a mark that is not closed, no line end at the end", "username,note\n\"bob,y\n" + strings.Repeat(nine+"\n", 30) + nine, []readRow{overlongRecord(2, 33, "20 bytes")}},
		{"a mark that is not closed, blank lines at the end", "username,note\n\"bob,y\n" + strings.Repeat(nine+"\n", 30) + "\n\n", []readRow{overlongRecord(2, 34, "20 bytes")}},
		{"a mark that is closed too late", "username,note\n\"bob,y\n" + strings.Repeat(nine+"\n", 3) + "\",z\ncem,x\n", []readRow{overlongRecord(2, 7, "20 bytes")}},
	}
	for _, test := range tests {
		for name, wrap := range inPieces() {
			t.Run(test.name+", "+name, func(t *testing.T) {
				r, err := NewReader(wrap(strings.NewReader(test.in)), Options{MaxRecord: 20})
				if err != nil {
					t.Fatal(err)
				}
				wantRows(t, remainingRows(t, r), test.want)
				if got := r.Offset(); got != int64(len(test.in)) {
					t.Errorf("%d of %d bytes were read", got, len(test.in))
				}
			})
		}
	}
}

// A failure after a record that is too long is not taken for the end of the input.
func TestReaderFailsInOverlongRecord(t *testing.T) {
	for _, lines := range []int{3, 30, 30_000} {
		in := failingAfter("username\n\"ann\n"+strings.Repeat("bob\n", lines), errDisk)
		r, err := NewReader(in, Options{MaxRecord: 20})
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if row, err := next(t, r); !errors.Is(err, errDisk) {
				t.Errorf("%d lines: %s, error %v; want %v", lines, rowText(row), err, errDisk)
			}
		}
	}
}

func TestOverlongHeader(t *testing.T) {
	const hint = "look for a stray quotation mark; --delimiter sets what separates the columns"
	for _, in := range []string{"username,a,b,c,d,e,f,g\nann\n", "\"username\n" + strings.Repeat("ann\n", 10)} {
		_, err := NewReader(strings.NewReader(in), Options{MaxRecord: 20})
		wantUnusable(t, err, "the header on line 1 is not valid CSV: it is too long for a record", hint)
	}
	r := newTestReader(t, "\"ann\n"+strings.Repeat("bob\n", 10), Options{MaxRecord: 20, NoHeader: true})
	wantRows(t, remainingRows(t, r), []readRow{overlongRecord(1, 11, "20 bytes")})
}

// What follows a record that is too long is read, but not kept.
func TestReaderKeepsNothingOfOverlongRecords(t *testing.T) {
	const limit = 1 << 20
	in := &endlessCSV{header: "username\nann\n\"bob\n", chunk: []byte(strings.Repeat("cem\n", 1000)), chunks: 8000}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r, err := NewReader(in, Options{MaxRecord: limit})
	if err != nil {
		t.Fatal(err)
	}
	wantRows(t, remainingRows(t, r), []readRow{goodRow(2, "ann", "ann"), overlongRecord(3, 8_000_003, "1 MiB")})
	runtime.ReadMemStats(&after)
	// Of the 32 MB, buffers grew to hold 1 MiB.
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 20*limit {
		t.Errorf("%d bytes were allocated", allocated)
	}
}

// Without a limit of its own, the reader takes a field that is longer than any buffer.
func TestReaderTakesLongFields(t *testing.T) {
	long := strings.Repeat("x\n", 100_000)
	r := newTestReader(t, "username,note\nann,\""+long+"\"\nbob,short\n", Options{})
	wantRows(t, remainingRows(t, r), []readRow{goodRow(2, "ann", "ann", long), goodRow(3+strings.Count(long, "\n"), "bob", "bob", "short")})
}
