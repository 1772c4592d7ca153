package worker

import (
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
)

// newTestReader opens the input or ends the test.
func newTestReader(t testing.TB, in string, o ReaderOptions) *Reader {
	t.Helper()
	r, err := NewReader(strings.NewReader(in), o)
	if err != nil {
		t.Fatalf("NewReader(%.80q): %v", in, err)
	}
	return r
}

// remainingRows reads to the end of the input, which must come without an error.
func remainingRows(t testing.TB, r *Reader) []Row {
	t.Helper()
	var rows []Row
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatalf("row %d: %v", len(rows)+1, err)
		}
		rows = append(rows, row)
	}
}

// wantRows holds rows against others to the last field.
func wantRows(t testing.TB, got, want []Row) {
	t.Helper()
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

// goodRow is a row that may be sent and has no metadata.
func goodRow(line int, username string, fields ...string) Row {
	return Row{Line: line, Username: username, Fields: fields}
}

// refusedRow is a row whose username or metadata is not allowed.
func refusedRow(row Row, code, message string) Row {
	row.Invalid = &Invalid{code, message}
	return row
}

// The ways people lay out a file that has a header.
func TestReaderLayouts(t *testing.T) {
	semicolon, tab := ReaderOptions{Delimiter: ';'}, ReaderOptions{Delimiter: '\t'}
	annAndBob := []Row{goodRow(2, "ann", "ann"), goodRow(3, "bob", "bob")}
	tests := []struct {
		name, in string
		options  ReaderOptions
		want     []Row
	}{
		{"one column", "username\nann\nbob\n", ReaderOptions{}, annAndBob},
		{"no newline at the end", "username\nann\nbob", ReaderOptions{}, annAndBob},
		{"CRLF", "username\r\nann\r\nbob\r\n", ReaderOptions{}, annAndBob},
		{"CRLF and no newline at the end", "username\r\nann\r\nbob", ReaderOptions{}, annAndBob},
		{"carriage return at the very end", "username\r\nann\r\nbob\r", ReaderOptions{}, annAndBob},
		{"both kinds of line ends", "username\r\nann\nbob\r\n", ReaderOptions{}, annAndBob},
		{"byte order mark", "\ufeffusername\nann\nbob\n", ReaderOptions{}, annAndBob},
		{"byte order mark before a quoted header", "\ufeff\"username\"\nann\nbob\n", ReaderOptions{}, annAndBob},
		{"byte order mark and CRLF", "\ufeff\"username\"\r\n\"ann\"\r\n\"bob\"\r\n", ReaderOptions{}, annAndBob},
		{"a header and no rows", "username\n", ReaderOptions{}, nil},
		{"a header without its newline", "username", ReaderOptions{}, nil},
		{"blank lines", "\n\r\nusername\n\nann\n\r\n\nbob\n\n\n", ReaderOptions{}, []Row{goodRow(5, "ann", "ann"), goodRow(8, "bob", "bob")}},
		{"blank lines after a byte order mark", "\ufeff\n\nusername\nann\n", ReaderOptions{}, []Row{goodRow(4, "ann", "ann")}},
		{"semicolons, as a spreadsheet saves them", "\ufeffid;username;note\r\n1;ann;a,b\r\n2;bob;\"a;b\"\r\n", semicolon,
			[]Row{goodRow(2, "ann", "1", "ann", "a,b"), goodRow(3, "bob", "2", "bob", "a;b")}},
		{"tabs", "id\tusername\n1\tann\n\tbob\n", tab, []Row{goodRow(2, "ann", "1", "ann"), goodRow(3, "bob", "", "bob")}},
		{"a delimiter of more than one byte", "id§username\n1§ann\n", ReaderOptions{Delimiter: '§'}, []Row{goodRow(2, "ann", "1", "ann")}},
		{"quotes and doubled quotes", "\"username\",\"note\"\n\"ann\",\"say \"\"hi\"\"\"\n\"o\"\"neil\",\"\"\n", ReaderOptions{},
			[]Row{goodRow(2, "ann", "ann", `say "hi"`), goodRow(3, `o"neil`, `o"neil`, "")}},
		{"newlines in quotes", "username,address\nann,\"1 High St\nYork\n\nUK\"\nbob,\"x\r\ny\"\r\n\ncem,z\n", ReaderOptions{},
			[]Row{goodRow(2, "ann", "ann", "1 High St\nYork\n\nUK"), goodRow(6, "bob", "bob", "x\ny"), goodRow(9, "cem", "cem", "z")}},
		{"a newline in the quoted header", "\"full\nname\",username\nAnn,ann\n", ReaderOptions{}, []Row{goodRow(3, "ann", "Ann", "ann")}},
		{"spaces around a username", "username,note\n  ann ,  x \n\tbob\u00a0,\n\" cem\n\",y\n", ReaderOptions{},
			[]Row{goodRow(2, "ann", "  ann ", "  x "), goodRow(3, "bob", "\tbob\u00a0", ""), goodRow(4, "cem", " cem\n", "y")}},
		{"no username", "username,note\n,x\n   ,y\nann,z\n\"\",\n", ReaderOptions{}, []Row{
			refusedRow(goodRow(2, "", "", "x"), CodeEmptyUsername, "the username is empty"),
			refusedRow(goodRow(3, "", "   ", "y"), CodeEmptyUsername, "the username is empty"),
			goodRow(4, "ann", "ann", "z"),
			refusedRow(goodRow(5, "", "", ""), CodeEmptyUsername, "the username is empty"),
		}},
		{"one column, and a quoted nothing in it", "username\n\"\"\nann\n", ReaderOptions{}, []Row{
			refusedRow(goodRow(2, "", ""), CodeEmptyUsername, "the username is empty"), goodRow(3, "ann", "ann")}},
		{"a username that is not allowed", "username\nann lee\nbob\n", ReaderOptions{}, []Row{
			refusedRow(goodRow(2, "ann lee", "ann lee"), CodeUsernameNotAllowed, "character 4 is U+0020, which a username cannot contain"),
			goodRow(3, "bob", "bob")}},
		{"a second file behind the first, with its byte order mark", "username\nann\n\ufeffusername\nbob\n", ReaderOptions{}, []Row{
			goodRow(2, "ann", "ann"),
			refusedRow(goodRow(3, "\ufeffusername", "\ufeffusername"), CodeUsernameNotAllowed, "character 1 is U+FEFF, which a username cannot contain"),
			goodRow(4, "bob", "bob")}},
		{"bytes of another encoding stay in their row", "username,name\nann,M\xfcller\nm\xfcller,x\nbob,\xff\n", ReaderOptions{}, []Row{
			goodRow(2, "ann", "ann", "M\xfcller"),
			refusedRow(goodRow(3, "m\xfcller", "m\xfcller", "x"), CodeUsernameNotAllowed, "character 2 is not UTF-8; save the file as UTF-8"),
			goodRow(4, "bob", "bob", "\xff")}},
		{"what looks like a comment, a formula, a number", "username\n#ann\n=bob\n-1\n0017\n1e5\n", ReaderOptions{}, []Row{
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
			r := newTestReader(t, test.header+"\nv0,ann,v2,v3,v4,v5\nw0,bob,w2,w3,w4,\n", ReaderOptions{})
			if got := strings.Join(r.Header(), "|"); got != test.wantHeader {
				t.Errorf("header %q, want %q", got, test.wantHeader)
			}
			rows := remainingRows(t, r)
			first := 2 + strings.Count(test.header, "\n")
			wantRows(t, rows, []Row{
				goodRow(first, "ann", "v0", "ann", "v2", "v3", "v4", "v5"),
				goodRow(first+1, "bob", "w0", "bob", "w2", "w3", "w4", ""),
			})
		})
	}
}

// Rows wait in a channel while the next ones are read: none may change then.
func TestReaderRowsStayAsTheyWere(t *testing.T) {
	r := newTestReader(t, "username,client_metadata.k,note\nann,one,first\nbob,two,second\nc d,3,third\nshort\nann2,one2,first2\n", ReaderOptions{})
	first, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	want := Row{Line: 2, Username: "ann", ClientMetadata: map[string]string{"k": "one"}, Fields: []string{"ann", "one", "first"}}
	wantRows(t, []Row{first}, []Row{want})
	if rest := remainingRows(t, r); len(rest) != 4 {
		t.Errorf("%d rows behind the first, want 4", len(rest))
	}
	wantRows(t, []Row{first}, []Row{want})

	header := r.Header()
	header[0] = "mine"
	if got := r.Header()[0]; got != "username" {
		t.Errorf("the reader's header changed with the caller's: %q", got)
	}
}

// The end stays the end.
func TestReaderAtTheEnd(t *testing.T) {
	for _, o := range []ReaderOptions{{}, {NoHeader: true}} {
		r := newTestReader(t, "username\n", o)
		remainingRows(t, r)
		for range 3 {
			if row, err := r.Next(); err != io.EOF {
				t.Errorf("options %+v: %s, error %v behind the end; want io.EOF", o, rowText(row), err)
			}
		}
	}
}
