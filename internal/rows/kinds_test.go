package rows

import (
	"encoding/binary"
	"strings"
	"testing"
)

// Two stray quotation marks make one cell of the rows between them.
func TestStrayMarks(t *testing.T) {
	spanning := func(line, last string) string {
		return "note: 1 record takes several lines, the longest one lines " + line + " to " + last
	}
	testOutcomes(t, []outcomeTest{
		{"in the middle column", "username,name,mail\nu1,\"A,a@x\nu2,B,b@x\nu3,C\",c@x\nu4,D,d@x\n", Options{}, []string{
			"2-4 (malformed_record)", "5 u4", spanning("2", "4")}},
		{"in rows one after the other", "username,name,mail\nu1,\"A,a@x\nu2,B\",b@x\nu3,C,c@x\n", Options{}, []string{
			"2-3 (malformed_record)", "4 u3", spanning("2", "3")}},
		{"CRLF", "username,name\r\nu1,\"A\r\nu2,B\r\nu3,C\"\r\nu4,D\r\n", Options{}, []string{"2-4 (malformed_record)", "5 u4", spanning("2", "4")}},
		{"CR alone", "username,name\ru1,\"A\ru2,B\ru3,C\"\ru4,D\r", Options{}, []string{"2-4 (malformed_record)", "5 u4", spanning("2", "4")}},
		{"semicolons", "username;name\nu1;\"A\nu2;B\nu3;C\"\nu4;D\n", Options{Delimiter: ';'}, []string{"2-4 (malformed_record)", "5 u4", spanning("2", "4")}},
		{"tabs", "username\tname\nu1\t\"A\nu2\tB\nu3\tC\"\n", Options{Delimiter: '\t'}, []string{"2-4 (malformed_record)", spanning("2", "4")}},
		{"one column", "username\nu1\n\"u2\nu3\nu4\"\nu5\n", Options{}, []string{"2 u1", "3-5 (malformed_record)", "6 u5", spanning("3", "5")}},
		{"one column, no header", "u1\n\"u2\nu3\nu4\"\nu5\n", Options{NoHeader: true}, []string{"1 u1", "2-4 (malformed_record)", "5 u5", spanning("2", "4")}},
		{"before the username", "id,username,name\n\"1,u1,A\n2\",u2,B\n3,u3,C\n", Options{}, []string{"2-3 (malformed_record)", "4 u3", spanning("2", "3")}},
		{"two columns, no header", "u1,\"A\nu2,B\"\nu3,C\n", Options{NoHeader: true}, []string{
			"1-2 (malformed_record)", "3 u3", "note: the first of 2 columns is the username; the others are not read", spanning("1", "2")}},
		{"a short row between", "username,name,mail\nu1,\"A,a\nu2,B\nu3\nu4,C\",c\nu5\n", Options{}, []string{
			"2-5 (malformed_record)", "6 u5", "note: 1 row has fewer cells than there are columns; the missing ones are empty", spanning("2", "5")}},
		{"a note with a comma and a space", "username,note,mail\nu1,\"tall, a\nu2,short\",b\nu3,x,c\n", Options{}, []string{
			"2-3 (malformed_record)", "4 u3", spanning("2", "3")}},
		{"an empty last column", "username,note\nu1,\"\nu2,\nu3,\"\nu4,\n", Options{}, []string{"2-4 (malformed_record)", "5 u4", spanning("2", "4")}},
		{"spaces after the commas", "id,username\n\"1, u1\n2\", u2\n3, u3\n", Options{}, []string{"2-3 (malformed_record)", "4 u3", spanning("2", "3")}},
		{"names that nobody can tell from usernames", "username,friends\nu1,\"Ann,Bob\nCem,Dag\"\nu2,x\n", Options{}, []string{"2-3 (malformed_record)", "4 u2", spanning("2", "3")}},
		{"an address like a row", "username,address\nu1,\"12 Main St\nSpringfield, IL 62704\"\nu2,x\n", Options{}, []string{"2-3 (malformed_record)", "4 u2", spanning("2", "3")}},
		{"many lines", "username,name\nu0,\"A\n" + strings.Repeat("u1,B\n", 2000) + "u2,C\"\nu3,D\n", Options{}, []string{
			"2-2003 (malformed_record)", "2004 u3", spanning("2", "2003")}},
	})
}

// Cells over several lines that are what they look like.
func TestCellsOverSeveralLines(t *testing.T) {
	fine := func(rows ...string) []string { return rows }
	testOutcomes(t, []outcomeTest{
		{"an address", "username,address\nu1,\"1 High St\nYork\nUK\"\nu2,x\n", Options{}, fine("2 u1", "5 u2", "note: 1 record takes several lines, the longest one lines 2 to 4")},
		{"an address with commas", "username,address\nu1,\"12 Main St, Apt 4\nNew York, NY 10001\nUSA\"\nu2,x\n", Options{}, fine("2 u1", "5 u2", "note: 1 record takes several lines, the longest one lines 2 to 4")},
		{"an address with commas, and a column after it", "username,address,note\nu1,\"12 Main St, Apt 4\nSpringfield, IL\",x\nu2,x,y\n", Options{}, fine("2 u1", "4 u2", "note: 1 record takes several lines, the longest one lines 2 to 3")},
		{"an address in the middle", "username,address,note\nu1,\"12 Main St,Apt 4\nYork\nIL,62701\",x\nu2,x,y\n", Options{}, fine("2 u1", "5 u2", "note: 1 record takes several lines, the longest one lines 2 to 4")},
		{"an address before the username", "address,username,note\n\"1 High St\nYork\",u1,x\nx,u2,y\n", Options{}, fine("2 u1", "4 u2", "note: 1 record takes several lines, the longest one lines 2 to 3")},
		{"commas at the ends of lines", "username,address,note\nu1,\"1 High St,\nYork,\nUK\",x\nu2,a,b\n", Options{}, fine("2 u1", "5 u2", "note: 1 record takes several lines, the longest one lines 2 to 4")},
		{"two, of which the longer is told", "username,note\nu1,\"a\nb\"\nu2,\"a\nb\n\nc\"\nu3,x\n", Options{}, fine("2 u1", "4 u2", "8 u3", "note: 2 records take several lines, the longest one lines 4 to 7")},
		{"a username with a line end after it", "username,note\n\"u1\n\",x\nu2,y\n", Options{}, fine("2 u1", "4 u2", "note: 1 record takes several lines, the longest one lines 2 to 3")},
		{"one column, a line end after the username", "username\n\"u1\n\"\nu2\n", Options{}, fine("2 u1", "4 u2", "note: 1 record takes several lines, the longest one lines 2 to 3")},
		{"CRLF", "username,note\r\nu1,\"a\r\nb\"\r\nu2,x\r\n", Options{}, fine("2 u1", "4 u2", "note: 1 record takes several lines, the longest one lines 2 to 3")},
		{"CR alone", "username,note\ru1,\"a\rb\"\ru2,x\r", Options{}, fine("2 u1", "4 u2", "note: 1 record takes several lines, the longest one lines 2 to 3")},
		{"CR alone inside of a cell, in a file of LF", "username,note\nu1,\"a\rb\"\nu2,x\n", Options{}, fine("2 u1", "3 u2")},
	})
}

// Lines may end with CR alone, all of them or some.
func TestOldLineEnds(t *testing.T) {
	testOutcomes(t, []outcomeTest{
		{"all", "username\ru1\ru2\ru3\r", Options{}, []string{"2 u1", "3 u2", "4 u3"}},
		{"no last one", "username,note\ru1,a\ru2,b", Options{}, []string{"2 u1", "3 u2"}},
		{"blank lines", "\rusername\r\ru1\r\r\ru2\r", Options{}, []string{"4 u1", "7 u2"}},
		{"quoted cells", "\"username\",\"note\"\r\"u1\",\"a\"\r\"u2\",\"b\"\r", Options{}, []string{"2 u1", "3 u2"}},
		{"no header", "u1\ru2\r", Options{NoHeader: true}, []string{"1 u1", "2 u2"}},
		{"short rows", "username,note\ru1\ru2,b\r", Options{}, []string{"2 u1", "3 u2", "note: 1 row has fewer cells than there are columns; the missing ones are empty"}},
		{"a mistake in one line", "username,note\ru\"1,a\ru2,b\r", Options{}, []string{"2 (malformed_record)", "3 u2"}},
		{"some lines", "username\nu1\nu2\ru3\r\nu4\n", Options{}, []string{"2 u1", "3 u2", "4 u3", "5 u4"}},
		{"some lines of several columns", "username,note\r\nu1,a\ru2,b\r\nu3,c\r\n", Options{}, []string{"2 u1", "3 u2", "4 u3"}},
		{"some lines, the username last", "id,username\r\n1,u1\r2,u2\r3,u3\r\n4,u4\n", Options{}, []string{"2 u1", "3 u2", "4 u3", "5 u4"}},
		{"some lines, the username last, at the end", "id,username\n1,u1\r2,u2\r", Options{}, []string{"2 u1", "3 u2"}},
		{"in the middle of a cell", "username,note\nu1,one\rtwo\nu2,b\n", Options{}, []string{"2 u1", "3 (malformed_record)", "4 u2"}},
		{"in the middle of a username", "id,username\n1,user\r-12\n2,u2\n", Options{}, []string{"2 (malformed_record)", "3 (malformed_record)", "4 u2"}},
		{"CRCRLF", "username,note\r\r\nu1,a\r\r\n\r\r\nu2,\"b\"\r\r\n", Options{}, []string{"2 u1", "4 u2"}},
		{"CRCRLF in some lines", "username\r\nu1\r\r\nu2\r\n", Options{}, []string{"2 u1", "3 u2"}},
	})
}

// Rows and lines that are clear, and those that are not.
func TestRowsThatAreClear(t *testing.T) {
	testOutcomes(t, []outcomeTest{
		{"nothing but a header", "username,note\n", Options{}, []string{"note: the input has no rows"}},
		{"nothing but a header and delimiters", "username,note\n,\n  , \n\"\",\"\"\n", Options{}, []string{
			"note: the input has no rows", "note: passed over 3 records with nothing in any cell"}},
		{"empty rows in the middle", "id,username\n1,u1\n,\n   \n2,u2\n", Options{}, []string{
			"2 u1", "5 u2", "note: passed over 2 records with nothing in any cell"}},
		{"one column keeps its empty row", "username\n\"\"\n  \nu1\n", Options{}, []string{"2 (empty_username)", "3 (empty_username)", "4 u1"}},
		{"short of metadata", "username,client_metadata.k,note\nu1\nu2,v\n", Options{}, []string{
			"2 u1", "3 u2", "note: 2 rows have fewer cells than there are columns; the missing ones are empty"}},
		{"short of the username", "id,username,note\n1\n2,u2\n", Options{}, []string{
			"2 (malformed_record)", "3 u2", "note: 1 row has fewer cells than there are columns; the missing ones are empty"}},
		{"long", "username,note\nu1,a,b\nu2,c,\nu3,d\n", Options{}, []string{"2 (malformed_record)", "3 (malformed_record)", "4 u3"}},
		{"several byte order marks", "\ufeff\ufeff\ufeffusername\nu1\n", Options{}, []string{"2 u1"}},
		{"byte order marks in the middle", "username,note\nu1,a\n\ufeffu2,b\n\ufeff\"u3\",c\n", Options{}, []string{"2 u1", "3 u2", "4 u3"}},
	})
}

// A header is not a user.
func TestHeaderLines(t *testing.T) {
	const one, two = "note: 1 line is a header in the place of a user, and not sent", "note: 2 lines are headers in the place of a user, and not sent"
	testOutcomes(t, []outcomeTest{
		{"the same one again", "username,email\nu1,a\nusername,email\nu2,b\n\ufeffUsername , EMAIL\nu3,c\n", Options{}, []string{
			"2 u1", "3 username (header_line)", "4 u2", "5 Username (header_line)", "6 u3", two}},
		{"of the column asked for", "id,email\n1,a@x\nid,email\n2,b@x\n", Options{UsernameColumn: "email"}, []string{"2 a@x", "3 email (header_line)", "4 b@x", one}},
		{"of Cognito's template", "cognito:username,name\nu1,a\ncognito:username,name\nu2,b\n", Options{}, []string{"2 u1", "3 cognito:username (header_line)", "4 u2", one}},
		{"the same columns in another order", "username,email\nu1,a@x\nemail,username\nb@x,u2\nc@x,u3\nusername,email\nu4,d@x\n", Options{}, []string{
			"2 u1", "3 email (header_line)", "4 (malformed_record)", "5 (malformed_record)", "6 username (header_line)", "7 u4", two}},
		{"other columns", "username,email\nu1,a@x\ngiven_name,username\nAnn,u2\n", Options{}, []string{"2 u1", "3 given_name (header_line)", "4 (malformed_record)", one}},
		{"other metadata", "username,client_metadata.a\nu1,x\nusername,client_metadata.b\nu2,y\n", Options{}, []string{
			"2 u1", "3 username (header_line)", "4 (malformed_record)", one}},
		{"a user of that name", "username,client_metadata.a\nusername,import\nu2,y\n", Options{}, []string{"2 username (header_line)", "3 u2", one}},
		{"a cell of that name", "username,alias\nann,username\nbob,email\n", Options{}, []string{"2 ann", "3 bob"}},
		{"no header, first", " UserName\nu1\n", Options{NoHeader: true}, []string{"1 UserName (header_line)", "2 u1", one}},
		{"no header, a name that nobody has", "E-Mail\na@x\nuser\n", Options{NoHeader: true}, []string{"1 E-Mail (header_line)", "2 a@x", "3 user", one}},
		{"no header, two words", "User Name\nu1\n", Options{NoHeader: true}, []string{"1 User Name (header_line)", "2 u1", one}},
		{"no header, a name like a user's", "user\nu1\nsub\n", Options{NoHeader: true}, []string{"1 user", "2 u1", "3 sub"}},
		{"the other usual name", "username\nu1\ncognito:username\nu2\n", Options{}, []string{"2 u1", "3 cognito:username (header_line)", "4 u2", one}},
		{"the usual name in a template", "cognito:username,name\nu1,a\nusername,name\nu2,b\n", Options{}, []string{"2 u1", "3 username (header_line)", "4 u2", one}},
		{"with a line for a spreadsheet", "sep=;\nusername;name\nu1;a\nsep=;\nusername;name\nu2;b\n", Options{}, []string{
			"3 u1", "4 sep= (header_line)", "5 username (header_line)", "6 u2", "note: the columns are separated by ';', as the first line tells", two}},
		{"no header, later", "u1\ncognito:username\nu2\n", Options{NoHeader: true}, []string{"1 u1", "2 cognito:username (header_line)", "3 u2", one}},
		{"no header, several columns", "username,email\nu1,a@x\n", Options{NoHeader: true}, []string{
			"1 username (header_line)", "2 u1", "note: the first of 2 columns is the username; the others are not read", one}},
		{"no header, the username not first", "id,username\n1,u1\n", Options{NoHeader: true}, []string{
			"refused: line 1 is a header with a column of usernames, which is not the first column"}},
	})
}

// Several users on one line, and columns that nobody reads.
func TestListsOnOneLine(t *testing.T) {
	const several = "refused: a line of the input has several users on it; they belong on lines of their own"
	noHeader := Options{NoHeader: true}
	testOutcomes(t, []outcomeTest{
		{"tabs", "u1\tu2\tu3\n", Options{}, []string{several}},
		{"tabs, of words", "ann\tbob\tcem", noHeader, []string{several}},
		{"tabs, two lines", "u1\tu2\tu3\nu4\tu5\n", noHeader, []string{several}},
		{"spaces", "u1 u2 u3\n", noHeader, []string{several}},
		{"spaces, in place of a header", "u1 u2 u3\n", Options{}, []string{several}},
		{"commas", "u1,u2,u3", noHeader, []string{several}},
		{"commas, in place of a header", "u1,u2,u3", Options{}, []string{several}},
		{"commas and spaces", "a@example.com, b@example.com, c@example.com\n", noHeader, []string{several}},
		{"semicolons", "u1;u2;u3\n", noHeader, []string{several}},
		{"two", "u1,u2\n", noHeader, []string{several}},
		{"quoted", "\"u1\",\"u2\",\"u3\"\n", noHeader, []string{several}},
		{"tabs as columns", "u1\tAnn Lee\n", noHeader, []string{"refused: the first line has tabs in it, and no username can"}},
		{"semicolons as columns", "u1;Ann\nu2;Bob\n", noHeader, []string{"refused: the columns of the first line seem to be separated by ';'"}},
		{"semicolons that are meant", "u;1\nu;2\n", Options{NoHeader: true, Delimiter: ','}, []string{"1 u;1", "2 u;2"}},
		{"a bar in a username", "auth0|5f7c8ec7c33c6c004bbafe82\n", noHeader, []string{"1 auth0|5f7c8ec7c33c6c004bbafe82"}},
		{"one user and an address", "u1,a@example.com\n", noHeader, []string{"1 u1", "note: the first of 2 columns is the username; the others are not read"}},
		{"one user and names", "ann,Ann,Lee\n", noHeader, []string{"1 ann", "note: the first of 3 columns is the username; the others are not read"}},
		{"several lines", "u1,u2\nu3,u4\n", noHeader, []string{"1 u1", "2 u3", "note: the first of 2 columns is the username; the others are not read"}},
		{"a header of other columns", "id,email,phone\n", Options{}, []string{`refused: the header has no column "username"; it has "id", "email", "phone"`}},
	})
}

// The delimiter is found where there is one way only.
func TestFindingTheDelimiter(t *testing.T) {
	found := func(name string) string { return "note: the columns are separated by " + name }
	said := func(name string) string {
		return "note: the columns are separated by " + name + ", as the first line tells"
	}
	testOutcomes(t, []outcomeTest{
		{"semicolons", "id;username\n1;u1\n", Options{}, []string{"2 u1", found("';'")}},
		{"tabs", "id\tusername\n1\tu1\n", Options{}, []string{"2 u1", found("tabs")}},
		{"bars", "id|username\n1|u1\n", Options{}, []string{"2 u1", found("'|'")}},
		{"quoted cells", "\"id\";\"username\"\r\n\"1\";\"u1\"\r\n", Options{}, []string{"2 u1", found("';'")}},
		{"the column asked for", "id;e-mail\n1;a@x\n", Options{UsernameColumn: "E-Mail"}, []string{"2 a@x", found("';'")}},
		{"a comma first", "username,a;username\nu1,x\n", Options{}, []string{"2 u1"}},
		{"commas in the cells", "name;username\n\"Lee, Ann\";u1\nLee, Bob;u2\n", Options{}, []string{"2 u1", "3 u2", found("';'")}},
		{"two ways", "username;b|username|c\n", Options{}, []string{`refused: the header has no column "username"; its only column has another name`}},
		{"given", "id;username\n1;u1\n", Options{Delimiter: ','}, []string{`refused: the header has no column "username"; it has "id;username"`}},
		{"a line that says it", "sep=;\nid;username\n1;u1\n", Options{}, []string{"3 u1", said("';'")}},
		{"a line that says tabs", "SEP=\t\r\nid\tusername\r\n1\tu1\r\n", Options{}, []string{"3 u1", said("tabs")}},
		{"a line that says commas", "\ufeff\"sep=,\"\nusername\nu1\n", Options{}, []string{"3 u1", said("','")}},
		{"a line that says an odd one", "sep=^\nid^username\n1^u1\n", Options{}, []string{"3 u1", said("'^'")}},
		{"a line that is overruled", "sep=;\nid,username\n1,u1\n", Options{Delimiter: ','}, []string{"3 u1"}},
		{"a line that says it, no header", "sep=;\nu1;x\nu2;y\n", Options{NoHeader: true}, []string{
			"2 u1", "3 u2", said("';'"), "note: the first of 2 columns is the username; the others are not read"}},
		{"a line that says it, CR", "sep=;\rid;username\r1;u1\r", Options{}, []string{"3 u1", said("';'")}},
	})
}

// UTF-16 is read where a mark means that it is.
func TestUTF16(t *testing.T) {
	const text = "\ufeffusername,note\r\nbøb,世界\r\n\"a👍\",\"x\r\ny\"\r\n"
	for encoding, order := range map[string]binary.AppendByteOrder{"UTF-16LE": binary.LittleEndian, "UTF-16BE": binary.BigEndian} {
		for name, in := range map[string]string{"": inUTF16(text, order), ", with two marks": inUTF16("\ufeff"+text, order)} {
			t.Run(encoding+name, func(t *testing.T) {
				want := "2 bøb\n3 a👍\nnote: the input is " + encoding + "; files of its rows are written in UTF-8\nnote: 1 record takes several lines, the longest one lines 3 to 4"
				if got := outcomeOf(t, in, Options{}); got != want {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
				r := newTestReader(t, in, Options{})
				if row, err := r.Next(); err != nil || row.Raw != "bøb,世界\r\n" || r.Header() != "username,note\r\n" {
					t.Errorf("header %q, row %q, error %v", r.Header(), row.Raw, err)
				}
			})
		}
	}
	// Broken UTF-16 must not become the replacement character, which a username may
	// have.
	for _, broken := range [][]uint16{{'a', 0xd800, 'b'}, {0xdc00, 'a'}, {'a', 0xd83d}, {0xd83d, 0xd83d}} {
		in := inUTF16("\ufeffusername\nann\n", binary.BigEndian)
		for _, unit := range broken {
			in += string(binary.BigEndian.AppendUint16(nil, unit))
		}
		got := outcomeOf(t, in+inUTF16("\nbob\n", binary.BigEndian), Options{})
		if !strings.Contains(got, "(username_not_allowed)\n4 bob") || strings.Contains(got, "\ufffd") {
			t.Errorf("%x: %q", broken, got)
		}
	}
	half := inUTF16("\ufeffusername\nann\nbob", binary.LittleEndian)
	if got := outcomeOf(t, half[:len(half)-1], Options{}); !strings.HasPrefix(got, "2 ann\n3 bo\xff (username_not_allowed)") {
		t.Errorf("half a unit at the end: %q", got)
	}
}

// Typographic quotation marks do not quote in a CSV.
func TestTypographicMarks(t *testing.T) {
	stand := func(line, marks string) []string {
		return []string{"refused: the cells of line " + line + " stand in " + marks + ", which are no quotation marks in a CSV"}
	}
	testOutcomes(t, []outcomeTest{
		{"single", "‘username’,‘email’\n‘u1’,‘a’\n", Options{}, stand("1", "‘ ’")},
		{"guillemets", "«username»;«email»\n«u1»;«a»\n", Options{}, stand("1", "« »")},
		{"German", "„username“\n„u1“\n", Options{}, stand("1", "„ “")},
		{"Swedish", "”username”\n", Options{}, stand("1", "” ”")},
		{"straight and single", "'username','email'\n'u1','a'\n", Options{}, stand("1", "' '")},
		{"backquotes", "`username`\n`u1`\n", Options{}, stand("1", "` `")},
		{"of the column asked for", "“id”,“email”\n", Options{UsernameColumn: "email"}, stand("1", "“ ”")},
		{"cells alone", "username,email\n“u1”,“a”\n", Options{}, stand("2", "“ ”")},
		{"no header", "“u1”,“a”\n", Options{NoHeader: true}, stand("1", "“ ”")},
		{"an apostrophe in a username", "username\no’neil\n", Options{}, []string{"2 o’neil"}},
	})
}

// A title above the header.
func TestTitleAboveTheHeader(t *testing.T) {
	seems := func(line, header string) []string {
		return []string{"refused: line " + line + " is no header; the header seems to be on line " + header}
	}
	testOutcomes(t, []outcomeTest{
		{"right above", "Users\nusername,email\nu1,a\n", Options{}, seems("1", "2")},
		{"blank lines first", "\n\nUsers export\n\nid,username\n", Options{}, seems("3", "5")},
		{"delimiters beside the title", "Report,,\n,,\nid,username,x\n", Options{}, seems("1", "3")},
		{"semicolons", "Export;2026\nid;username\n", Options{}, seems("1", "2")},
		{"a quotation mark in the title", "All \"users\"\nid,username\n", Options{}, seems("1", "2")},
		{"the column asked for", "Users\nid,email\n", Options{UsernameColumn: "email"}, seems("1", "2")},
		{"CR alone", "Users\ru,username\r1,u1\r", Options{}, seems("1", "2")},
	})
}

// The usernames are in the other column.
func TestEmptyUsernameColumn(t *testing.T) {
	const refused = `refused: the column "username" is empty, and the column "cognito:username" is not`
	testOutcomes(t, []outcomeTest{
		{"the other order", "cognito:username,username\nu1,\nu2,\n", Options{}, []string{refused}},
		{"short rows", "cognito:username,username\nu1\nu2\n", Options{}, []string{refused}},
		{"many rows", "username,cognito:username\n" + strings.Repeat(",u1\n", 500) + "u2,u2\n", Options{}, []string{refused}},
		{"some usernames", "username,cognito:username\n,u1\nu2,u2\n,u3\n", Options{}, []string{"2 (empty_username)", "3 u2", "4 (empty_username)"}},
		{"both empty", "username,cognito:username,x\n,,1\n,,2\n", Options{}, []string{"2 (empty_username)", "3 (empty_username)"}},
		{"both full", "username,cognito:username\nu1,v1\nu2,v2\n", Options{}, []string{"2 u1", "3 u2"}},
		{"asked for", "username,cognito:username\n,u1\n", Options{UsernameColumn: "username"}, []string{"2 (empty_username)"}},
		{"asked for the other", "username,cognito:username\n,u1\n", Options{UsernameColumn: "cognito:username"}, []string{"2 u1"}},
	})
}
