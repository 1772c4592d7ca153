package worker

import (
	"fmt"
	"testing"
)

const (
	otherNumberOfColumns = "the record has another number of columns than the first one"
	bareQuote            = `bare " in non-quoted-field`
	wrongQuote           = `extraneous or missing " in quoted-field`
)

// rowText shows a row with what its pointer points to.
func rowText(r Row) string {
	text := fmt.Sprintf("line %d-%d, username %q, metadata %q, fields %q", r.Line, r.LastLine, r.Username, r.ClientMetadata, r.Fields)
	if len(text) > 1000 {
		text = text[:1000] + "..."
	}
	if r.Invalid != nil {
		text += fmt.Sprintf(", %s: %s", r.Invalid.Code, r.Invalid.Message)
	}
	return text
}

// malformedRow is a row of which nothing but its line could be read.
func malformedRow(line int, message string) Row {
	return Row{Line: line, Invalid: &Invalid{CodeMalformedRecord, message}}
}

// swallowedLines is a malformed row that took more than one line with it.
func swallowedLines(line, last int) Row {
	row := malformedRow(line, fmt.Sprintf("lines %d to %d are one malformed record: a quotation mark opened on line %d is not closed, or closed in the wrong place", line, last, line))
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
		want     []Row
	}{
		{"too few and too many fields", "username,note\nann\nbob,1\ncem,1,2\ndag,1,\neve,2\n", []Row{
			malformedRow(2, otherNumberOfColumns), goodRow(3, "bob", "bob", "1"),
			malformedRow(4, otherNumberOfColumns), malformedRow(5, otherNumberOfColumns), goodRow(6, "eve", "eve", "2")}},
		{"more fields than the one column", "username\nann,x\nbob\n", []Row{malformedRow(2, otherNumberOfColumns), goodRow(3, "bob", "bob")}},
		{"a line of spaces", "username,note\n  \nann,x\n", []Row{malformedRow(2, otherNumberOfColumns), goodRow(3, "ann", "ann", "x")}},
		{"a ragged record over many lines", "username,note\n\"a\nb\nc\"\nann,x\n", []Row{malformedRow(2, otherNumberOfColumns), goodRow(5, "ann", "ann", "x")}},
		{"a bare quote", "username,note\nann,5\" disk\nbob,x\na\"b,y\ncem,z\n", []Row{
			malformedRow(2, atByte(6, bareQuote)), goodRow(3, "bob", "bob", "x"),
			malformedRow(4, atByte(2, bareQuote)), goodRow(5, "cem", "cem", "z")}},
		{"a space before the quote", "username,note\nann, \"x\"\nbob,x\n", []Row{malformedRow(2, atByte(6, bareQuote)), goodRow(3, "bob", "bob", "x")}},
		{"text behind the closing quote", "username,note\n\"ann\"x,1\n\"bob\" ,2\n\"cem\",3\n", []Row{
			malformedRow(2, atByte(5, wrongQuote)), malformedRow(3, atByte(5, wrongQuote)), goodRow(4, "cem", "cem", "3")}},
		{"text behind a quote that was opened lines before", "username,note\nann,\"x\n\ny\"z\nbob,x\n", []Row{swallowedLines(2, 4), goodRow(5, "bob", "bob", "x")}},
		{"a quote that the next quoted field closes", "username,note\nann,\"x\nbob,\"y\"\ncem,z\n", []Row{swallowedLines(2, 3), goodRow(4, "cem", "cem", "z")}},
		{"an open quote on the last line", "username,note\nann,x\nbob,\"y\n", []Row{goodRow(2, "ann", "ann", "x"), malformedRow(3, atByte(8, wrongQuote))}},
		{"an open quote on the last line, without a newline", "username\nann\n\"", []Row{goodRow(2, "ann", "ann"), malformedRow(3, atByte(2, wrongQuote))}},
		{"an open quote that swallows the rest", "username,note\nann,x\nbob,\"y\ncem,z\n\ndag,z\neve,z\n", []Row{goodRow(2, "ann", "ann", "x"), swallowedLines(3, 7)}},
		{"an open quote that swallows the rest, CRLF, no newline at the end", "username,note\r\nann,\"x\r\nbob,y\r\ncem,z", []Row{swallowedLines(2, 4)}},
		{"every record", "username,note\n\"a\"b\nx\n\"\n", []Row{
			malformedRow(2, atByte(3, wrongQuote)), malformedRow(3, otherNumberOfColumns), malformedRow(4, atByte(3, wrongQuote))}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newTestReader(t, test.in, ReaderOptions{})
			wantRows(t, remainingRows(t, r), test.want)
		})
	}
}
