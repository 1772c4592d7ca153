package rows

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"cognito-confirm/worker"
)

// readRow is a row with the fields that its own bytes have.
type readRow struct {
	worker.Row
	fields []string
}

// next reads the next row and parses its own bytes.
func next(t testing.TB, r *Reader) (readRow, error) {
	t.Helper()
	row, err := r.Next()
	row.Unended = false // TestUnended looks at it
	read := readRow{Row: row}
	if row.Raw != "" && (row.Invalid == nil || row.Invalid.Code != CodeMalformedRecord) {
		read.fields = parseRecord(t, row.Raw, r.Delimiter())
	}
	return read, err
}

// parseRecord parses what must be one record.
func parseRecord(t testing.TB, raw string, delimiter rune) []string {
	t.Helper()
	parser := csv.NewReader(strings.NewReader(withPlainEnd(raw)))
	parser.Comma = delimiter
	records, err := parser.ReadAll()
	if err != nil || len(records) != 1 {
		t.Fatalf("%.300q are the records %.300q, error %v; want one record", raw, records, err)
	}
	return records[0]
}

// withPlainEnd gives a record the line end that every reader of CSV knows.
func withPlainEnd(raw string) string {
	for _, end := range []string{"\r\r\n", "\r\n", "\r", "\n"} {
		if text, ok := strings.CutSuffix(raw, end); ok {
			return text + "\n"
		}
	}
	return raw
}

// newTestReader opens the input or ends the test.
func newTestReader(t testing.TB, in string, o Options) *Reader {
	t.Helper()
	r, err := NewReader(strings.NewReader(in), o)
	if err != nil {
		t.Fatalf("NewReader(%.80q): %v", in, err)
	}
	return r
}

// remainingRows reads to the end of the input, which must come without an error.
func remainingRows(t testing.TB, r *Reader) []readRow {
	t.Helper()
	var rows []readRow
	for {
		row, err := next(t, r)
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatalf("row %d: %v", len(rows)+1, err)
		}
		rows = append(rows, row)
	}
}

// wantRows compares rows: all that they have, and the fields of their own bytes.
func wantRows(t testing.TB, got, want []readRow) {
	t.Helper()
	got = slices.Clone(got)
	for i := range got {
		got[i].Raw = "" // its fields are compared instead
	}
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got):
			t.Errorf("row %d is missing: %s", i+1, rowText(want[i]))
		case i >= len(want):
			t.Errorf("row %d is one too many: %s", i+1, rowText(got[i]))
		case !reflect.DeepEqual(got[i], want[i]):
			t.Errorf("row %d:\n got %s\nwant %s", i+1, rowText(got[i]), rowText(want[i]))
		}
	}
}

// rowText shows a row with what its pointer points to.
func rowText(r readRow) string {
	text := fmt.Sprintf("line %d-%d, username %q, metadata %q, fields %q", r.Line, r.LastLine, r.Username, r.ClientMetadata, r.fields)
	if len(text) > 1000 {
		text = text[:1000] + "..."
	}
	if r.Invalid != nil {
		text += fmt.Sprintf(", %s: %s", r.Invalid.Code, r.Invalid.Message)
	}
	return text
}

// goodRow is a row that may be sent and has no metadata.
func goodRow(line int, username string, fields ...string) readRow {
	return readRow{worker.Row{Line: line, Username: username}, fields}
}

// refusedRow is a row whose username or metadata is not allowed.
func refusedRow(row readRow, code, message string) readRow {
	row.Invalid = &worker.Invalid{Code: code, Message: message}
	return row
}

const inPlaceOfUser = "this is a header in the place of a user"

// The ways people lay out a file that has a header.
func TestReaderLayouts(t *testing.T) {
	semicolon, tab := Options{Delimiter: ';'}, Options{Delimiter: '\t'}
	annAndBob := []readRow{goodRow(2, "ann", "ann"), goodRow(3, "bob", "bob")}
	tests := []struct {
		name, in string
		options  Options
		want     []readRow
	}{
		{"one column", "username\nann\nbob\n", Options{}, annAndBob},
		{"no newline at the end", "username\nann\nbob", Options{}, annAndBob},
		{"CRLF", "username\r\nann\r\nbob\r\n", Options{}, annAndBob},
		{"CRLF and no newline at the end", "username\r\nann\r\nbob", Options{}, annAndBob},
		{"carriage return at the very end", "username\r\nann\r\nbob\r", Options{}, annAndBob},
		{"both kinds of line ends", "username\r\nann\nbob\r\n", Options{}, annAndBob},
		{"byte order mark", "\ufeffusername\nann\nbob\n", Options{}, annAndBob},
		{"byte order mark before a quoted header", "\ufeff\"username\"\nann\nbob\n", Options{}, annAndBob},
		{"byte order mark and CRLF", "\ufeff\"username\"\r\n\"ann\"\r\n\"bob\"\r\n", Options{}, annAndBob},
		{"a header and no rows", "username\n", Options{}, nil},
		{"a header without its newline", "username", Options{}, nil},
		{"blank lines", "\n\r\nusername\n\nann\n\r\n\nbob\n\n\n", Options{}, []readRow{goodRow(5, "ann", "ann"), goodRow(8, "bob", "bob")}},
		{"blank lines after a byte order mark", "\ufeff\n\nusername\nann\n", Options{}, []readRow{goodRow(4, "ann", "ann")}},
		{"semicolons, as a spreadsheet saves them", "\ufeffid;username;note\r\n1;ann;a,b\r\n2;bob;\"a;b\"\r\n", semicolon,
			[]readRow{goodRow(2, "ann", "1", "ann", "a,b"), goodRow(3, "bob", "2", "bob", "a;b")}},
		{"tabs", "id\tusername\n1\tann\n\tbob\n", tab, []readRow{goodRow(2, "ann", "1", "ann"), goodRow(3, "bob", "", "bob")}},
		{"a delimiter of more than one byte", "id§username\n1§ann\n", Options{Delimiter: '§'}, []readRow{goodRow(2, "ann", "1", "ann")}},
		{"quotes and doubled quotes", "\"username\",\"note\"\n\"ann\",\"say \"\"hi\"\"\"\n\"o\"\"neil\",\"\"\n", Options{},
			[]readRow{goodRow(2, "ann", "ann", `say "hi"`), goodRow(3, `o"neil`, `o"neil`, "")}},
		{"newlines in quotes", "username,address\nann,\"1 High St\nYork\n\nUK\"\nbob,\"x\r\ny\"\r\n\ncem,z\n", Options{},
			[]readRow{goodRow(2, "ann", "ann", "1 High St\nYork\n\nUK"), goodRow(6, "bob", "bob", "x\ny"), goodRow(9, "cem", "cem", "z")}},
		{"a newline in the quoted header", "\"full\nname\",username\nAnn,ann\n", Options{}, []readRow{goodRow(3, "ann", "Ann", "ann")}},
		{"spaces around a username", "username,note\n  ann ,  x \n\tbob\u00a0,\n\" cem\n\",y\n", Options{},
			[]readRow{goodRow(2, "ann", "  ann ", "  x "), goodRow(3, "bob", "\tbob\u00a0", ""), goodRow(4, "cem", " cem\n", "y")}},
		{"no username", "username,note\n,x\n   ,y\nann,z\n\"\",\n", Options{}, []readRow{
			refusedRow(goodRow(2, "", "", "x"), CodeEmptyUsername, "the username is empty"),
			refusedRow(goodRow(3, "", "   ", "y"), CodeEmptyUsername, "the username is empty"),
			goodRow(4, "ann", "ann", "z"),
		}},
		{"one column, and a quoted nothing in it", "username\n\"\"\nann\n", Options{}, []readRow{
			refusedRow(goodRow(2, "", ""), CodeEmptyUsername, "the username is empty"), goodRow(3, "ann", "ann")}},
		{"a username that is not allowed", "username\nann lee\nbob\n", Options{}, []readRow{
			refusedRow(goodRow(2, "ann lee", "ann lee"), CodeUsernameNotAllowed, "character 4 is U+0020, which a username cannot contain"),
			goodRow(3, "bob", "bob")}},
		{"a second file after the first, with its byte order mark", "username\nann\n\ufeffusername\nbob\n", Options{}, []readRow{
			goodRow(2, "ann", "ann"),
			refusedRow(goodRow(3, "username", "username"), CodeHeaderLine, inPlaceOfUser),
			goodRow(4, "bob", "bob")}},
		{"bytes of another encoding stay in their row", "username,name\nann,M\xfcller\nm\xfcller,x\nbob,\xff\n", Options{}, []readRow{
			goodRow(2, "ann", "ann", "M\xfcller"),
			refusedRow(goodRow(3, "m\xfcller", "m\xfcller", "x"), CodeUsernameNotAllowed, "character 2 is not UTF-8; save the file as UTF-8"),
			goodRow(4, "bob", "bob", "\xff")}},
		{"what looks like a comment, a formula, a number", "username\n#ann\n=bob\n-1\n0017\n1e5\n", Options{}, []readRow{
			goodRow(2, "#ann", "#ann"), goodRow(3, "=bob", "=bob"), goodRow(4, "-1", "-1"), goodRow(5, "0017", "0017"), goodRow(6, "1e5", "1e5")}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			wantRows(t, remainingRows(t, newTestReader(t, test.in, test.options)), test.want)
		})
	}
}

// However many columns there are and whatever they are called, each row has
// every field that its record has, in its place.
func TestReaderKeepsEveryColumn(t *testing.T) {
	tests := []struct{ name, header, wantHeader string }{
		{"doubled names", "a,username,a,a,b,b", "a|username|a|a|b|b"},
		{"no names at all", ",username,,,,", "|username||||"},
		{"names that are numbers", "1,username,0,5,4,2", "1|username|0|5|4|2"},
		{"names like the username's", "user name,username,username2,usernam,_username,\u200busername", "user name|username|username2|usernam|_username|\u200busername"},
		{"names with spaces and quotes", " a ,\" username \",\"b,\",\"c\"\"\",\"d\ne\", a ", " a | username |b,|c\"|d\ne| a "},
		{"both columns of usernames", "cognito:username,username,cognito:username,a,b,c", "cognito:username|username|cognito:username|a|b|c"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newTestReader(t, test.header+"\nv0,ann,v2,v3,v4,v5\nw0,bob,w2,w3,w4,\n", Options{})
			if got := strings.Join(r.Columns(), "|"); got != test.wantHeader {
				t.Errorf("header %q, want %q", got, test.wantHeader)
			}
			rows := remainingRows(t, r)
			first := 2 + strings.Count(test.header, "\n")
			wantRows(t, rows, []readRow{
				goodRow(first, "ann", "v0", "ann", "v2", "v3", "v4", "v5"),
				goodRow(first+1, "bob", "w0", "bob", "w2", "w3", "w4", ""),
			})
		})
	}
}

// Rows wait in a channel while the next ones are read: none may change then.
func TestReaderRowsStayAsTheyWere(t *testing.T) {
	r := newTestReader(t, "username,client_metadata.k,note\nann,one,first\nbob,two,second\nc d,3,third\nshort\nann2,one2,first2\n", Options{})
	first, err := next(t, r)
	if err != nil {
		t.Fatal(err)
	}
	want := goodRow(2, "ann", "ann", "one", "first")
	want.ClientMetadata = map[string]string{"k": "one"}
	wantRows(t, []readRow{first}, []readRow{want})
	if rest := remainingRows(t, r); len(rest) != 4 {
		t.Errorf("%d rows after the first, want 4", len(rest))
	}
	wantRows(t, []readRow{first}, []readRow{want})

	columns := r.Columns()
	columns[0] = "mine"
	if got := r.Columns()[0]; got != "username" {
		t.Errorf("the reader's columns changed with the caller's: %q", got)
	}
}

// The end stays the end.
func TestReaderAtTheEnd(t *testing.T) {
	for _, o := range []Options{{}, {NoHeader: true}} {
		r := newTestReader(t, "username\n", o)
		remainingRows(t, r)
		for range 3 {
			if row, err := next(t, r); err != io.EOF {
				t.Errorf("options %+v: %s, error %v after the end; want io.EOF", o, rowText(row), err)
			}
		}
	}
}

func TestReaderWithoutHeader(t *testing.T) {
	tests := []struct {
		name, in  string
		delimiter rune
		want      []readRow
	}{
		{"the first record is the first row", "ann\nbob\n", ',', []readRow{goodRow(1, "ann", "ann"), goodRow(2, "bob", "bob")}},
		{"one row, no newline", "ann", ',', []readRow{goodRow(1, "ann", "ann")}},
		{"after blank lines and a byte order mark", "\ufeff\r\n\r\n\"ann\"\r\n\r\nbob\r\n", ',', []readRow{goodRow(3, "ann", "ann"), goodRow(5, "bob", "bob")}},
		{"the first column is the username", " ann ;x;username\nbob;y;\n", ';', []readRow{goodRow(1, "ann", " ann ", "x", "username"), goodRow(2, "bob", "bob", "y", "")}},
		{"a header", "username,x\nann,y\n", ',', []readRow{
			refusedRow(goodRow(1, "username", "username", "x"), CodeHeaderLine, inPlaceOfUser), goodRow(2, "ann", "ann", "y")}},
		{"fields that look like metadata columns", "ann,client_metadata.k\nbob,v\n", ',', []readRow{
			goodRow(1, "ann", "ann", "client_metadata.k"), goodRow(2, "bob", "bob", "v")}},
		{"a first row over many lines", "ann,\"x\ny\"\nbob,z\n", ',', []readRow{goodRow(1, "ann", "ann", "x\ny"), goodRow(3, "bob", "bob", "z")}},
		{"a first row that is refused", ",x\nbob,y\n", ',', []readRow{
			refusedRow(goodRow(1, "", "", "x"), CodeEmptyUsername, "the username is empty"), goodRow(2, "bob", "bob", "y")}},
		{"the first row says how many columns there are", "ann,x\nbob,y,z\ncem,y\n", ',', []readRow{
			goodRow(1, "ann", "ann", "x"), malformedRow(2, "the record has 3 columns, 1 too many"), goodRow(3, "cem", "cem", "y")}},
		{"malformed records before the first row", "\"ann\"x\n\nb\"b\ncem\ndag\n", ',', []readRow{
			malformedRow(1, atByte(5, wrongQuote)), malformedRow(3, atByte(2, bareQuote)), goodRow(4, "cem", "cem"), goodRow(5, "dag", "dag")}},
		{"malformed after its first field", "ann,5\" disk\nbob,x\ncem\ndag,y\n", ',', []readRow{
			malformedRow(1, atByte(6, bareQuote)), goodRow(2, "bob", "bob", "x"), goodRow(3, "cem", "cem"), goodRow(4, "dag", "dag", "y")}},
		{"malformed after more fields than the rows have", "a,b,c,d\"\nbob\ncem\n", ',', []readRow{
			malformedRow(1, atByte(8, bareQuote)), goodRow(2, "bob", "bob"), goodRow(3, "cem", "cem")}},
		{"nothing but malformed records", "a\"\nb\"\n", ',', []readRow{malformedRow(1, atByte(2, bareQuote)), malformedRow(2, atByte(2, bareQuote))}},
		{"nothing but one open quote", "\"ann\nbob\ncem\n", ',', []readRow{swallowedLines(1, 3)}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newTestReader(t, test.in, Options{NoHeader: true, Delimiter: test.delimiter})
			if header, columns, keys := r.Header(), r.Columns(), r.MetadataColumns(); header != "" || columns != nil || keys != nil {
				t.Errorf("header %q, columns %q, metadata columns %q; want none", header, columns, keys)
			}
			wantRows(t, remainingRows(t, r), test.want)
		})
	}
}

// Without a header nothing is known of the columns until a record can be
// parsed. What comes before that must not pile up.
func TestReaderWithoutHeaderReadsNoFurtherThanItMust(t *testing.T) {
	in := &endlessCSV{chunk: []byte(strings.Repeat("a\"b\n", 1000)), chunks: 40}
	r, err := NewReader(in, Options{NoHeader: true})
	if err != nil {
		t.Fatal(err)
	}
	if in.sent > 20 {
		t.Errorf("%d of 40 chunks were read for the first row", in.sent)
	}
	if got := len(remainingRows(t, r)); got != 40_000 {
		t.Errorf("%d rows, want 40,000", got)
	}
}

// A row has its record's own bytes: what the parser makes of them is not
// enough to write them again.
func TestReaderRaw(t *testing.T) {
	tests := []struct {
		name, in string
		options  Options
		header   string
		want     []string
	}{
		{"line ends", "username\r\nann\nbob\r\ncem", Options{}, "username\r\n", []string{"ann\n", "bob\r\n", "cem"}},
		{"a carriage return at the end", "username\nann\r", Options{}, "username\n", []string{"ann\r"}},
		{"a byte order mark and blank lines are no part of a record", "\ufeff\n\r\nusername\n\n\r\nann\n\r\n\nbob\n\n", Options{}, "username\n", []string{"ann\n", "bob\n"}},
		{"carriage returns before the line end", "username,note\n\rann,\r\r\nbob,x\r\r\n", Options{}, "username,note\n", []string{"ann,\r\r\n", "bob,x\r\r\n"}},
		{"quotation marks", "\"username\",note\n\"ann\",\"a \"\"b\"\"\"\nbob,\"\"\n", Options{}, "\"username\",note\n", []string{"\"ann\",\"a \"\"b\"\"\"\n", "bob,\"\"\n"}},
		{"line ends in quotation marks", "\"a\r\nb\",username\r\n\"\r\n\n\",ann\r\nx,bob", Options{}, "\"a\r\nb\",username\r\n", []string{"\"\r\n\n\",ann\r\n", "x,bob"}},
		{"spaces and bytes that are not UTF-8", "username,note\n ann ,M\xfcller \n", Options{}, "username,note\n", []string{" ann ,M\xfcller \n"}},
		{"a header alone", "username", Options{}, "username", nil},
		{"malformed records", "username,note\nann,,\nb\"b,x\n\"cem\n\"d,x\neve,x\n\"open\n", Options{}, "username,note\n", []string{"ann,,\n", "b\"b,x\n", "\"cem\n\"d,x\n", "eve,x\n", "\"open\n"}},
		{"without a header", "\ufeff\nann;1\r\n\nbob;2\n", Options{NoHeader: true, Delimiter: ';'}, "", []string{"ann;1\r\n", "bob;2\n"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newTestReader(t, test.in, test.options)
			if r.Header() != test.header {
				t.Errorf("header %q, want %q", r.Header(), test.header)
			}
			var got []string
			for _, row := range remainingRows(t, r) {
				got = append(got, row.Raw)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("rows %q, want %q", got, test.want)
			}
		})
	}
}

// The offset is that of the end of the last row, whatever was read ahead, and
// another goroutine may ask for it.
func TestReaderOffset(t *testing.T) {
	const in = "\ufeff\nusername\r\nann\n\nb\"b\nbob\n\n"
	want := []int64{14, 18, 23, 27, 28}
	for _, o := range []Options{{}, {NoHeader: true}} {
		r := newTestReader(t, in, o)
		asked := make(chan int64)
		go func() {
			last := int64(0)
			for last < want[len(want)-1] {
				last = max(last, r.Offset())
			}
			asked <- last
		}()
		got := []int64{r.Offset()}
		if o.NoHeader {
			next(t, r) // the first row was read by NewReader
		}
		for range want[1:] {
			next(t, r)
			got = append(got, r.Offset())
		}
		if !slices.Equal(got, want) || <-asked != want[len(want)-1] {
			t.Errorf("offsets %d, want %d", got, want)
		}
	}
}
