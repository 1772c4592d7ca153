package worker

import (
	"strings"
	"testing"
)

func TestReaderWithoutHeader(t *testing.T) {
	tests := []struct {
		name, in  string
		delimiter rune
		want      []Row
	}{
		{"the first record is the first row", "ann\nbob\n", ',', []Row{goodRow(1, "ann", "ann"), goodRow(2, "bob", "bob")}},
		{"one row, no newline", "ann", ',', []Row{goodRow(1, "ann", "ann")}},
		{"behind blank lines and a byte order mark", "\ufeff\r\n\r\n\"ann\"\r\n\r\nbob\r\n", ',', []Row{goodRow(3, "ann", "ann"), goodRow(5, "bob", "bob")}},
		{"the first column is the username", " ann ;x;username\nbob;y;\n", ';', []Row{goodRow(1, "ann", " ann ", "x", "username"), goodRow(2, "bob", "bob", "y", "")}},
		{"a user of the name username", "username,x\nann,y\n", ',', []Row{goodRow(1, "username", "username", "x"), goodRow(2, "ann", "ann", "y")}},
		{"fields that look like metadata columns", "ann,client_metadata.k\nbob,v\n", ',', []Row{
			goodRow(1, "ann", "ann", "client_metadata.k"), goodRow(2, "bob", "bob", "v")}},
		{"a first row over many lines", "ann,\"x\ny\"\nbob,z\n", ',', []Row{goodRow(1, "ann", "ann", "x\ny"), goodRow(3, "bob", "bob", "z")}},
		{"a first row that is refused", ",x\nbob,y\n", ',', []Row{
			refusedRow(goodRow(1, "", "", "x"), CodeEmptyUsername, "the username is empty"), goodRow(2, "bob", "bob", "y")}},
		{"the first row says how many columns there are", "ann,x\nbob\ncem,y\n", ',', []Row{
			goodRow(1, "ann", "ann", "x"), malformedRow(2, otherNumberOfColumns), goodRow(3, "cem", "cem", "y")}},
		{"malformed records before the first row", "\"ann\"x\n\nb\"b\ncem\ndag\n", ',', []Row{
			malformedRow(1, atByte(5, wrongQuote)), malformedRow(3, atByte(2, bareQuote)), goodRow(4, "cem", "cem"), goodRow(5, "dag", "dag")}},
		{"malformed behind its first field", "ann,5\" disk\nbob,x\ncem\ndag,y\n", ',', []Row{
			malformedRow(1, atByte(6, bareQuote)), goodRow(2, "bob", "bob", "x"), malformedRow(3, otherNumberOfColumns), goodRow(4, "dag", "dag", "y")}},
		{"malformed behind more fields than the rows have", "a,b,c,d\"\nbob\ncem\n", ',', []Row{
			malformedRow(1, atByte(8, bareQuote)), goodRow(2, "bob", "bob"), goodRow(3, "cem", "cem")}},
		{"nothing but malformed records", "a\"\nb\"\n", ',', []Row{malformedRow(1, atByte(2, bareQuote)), malformedRow(2, atByte(2, bareQuote))}},
		{"nothing but one open quote", "\"ann\nbob\ncem\n", ',', []Row{swallowedLines(1, 3)}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newTestReader(t, test.in, ReaderOptions{NoHeader: true, Delimiter: test.delimiter})
			if header, keys := r.Header(), r.MetadataColumns(); header != nil || keys != nil {
				t.Errorf("header %q, metadata columns %q; want none", header, keys)
			}
			wantRows(t, remainingRows(t, r), test.want)
		})
	}
}

// Without a header nothing is known of the columns until a record can be
// parsed. What comes before that must not pile up.
func TestReaderWithoutHeaderReadsNoFurtherThanItMust(t *testing.T) {
	in := &endlessCSV{chunk: []byte(strings.Repeat("a\"b\n", 1000)), chunks: 100}
	r, err := NewReader(in, ReaderOptions{NoHeader: true})
	if err != nil {
		t.Fatal(err)
	}
	if in.sent > 20 {
		t.Errorf("%d of 100 chunks were read for the first row", in.sent)
	}
	if got := len(remainingRows(t, r)); got != 100_000 {
		t.Errorf("%d rows, want 100,000", got)
	}
}
