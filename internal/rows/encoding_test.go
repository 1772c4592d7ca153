package rows

import (
	"encoding/binary"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
)

// inUTF16 encodes the text as a spreadsheet or a Windows shell saves it.
func inUTF16(text string, order binary.AppendByteOrder) string {
	var encoded []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		encoded = order.AppendUint16(encoded, unit)
	}
	return string(encoded)
}

// A file that is not a CSV in UTF-8 is refused, and named for what it is, with and
// without a header, in one piece and byte by byte.
func TestNotCSV(t *testing.T) {
	const (
		itIsUTF16   = "the input is not UTF-8 text; it looks like UTF-16 without a byte order mark"
		convertIt   = `save it as "CSV UTF-8", or convert it: iconv -f UTF-16 -t UTF-8`
		itIsBinary  = "the input is not a CSV in UTF-8"
		exportIt    = `export it as "CSV UTF-8"`
		itIsEmpty   = "the input is empty"
		needsHeader = "it needs a header line with a column of usernames, or users alone and --no-header"
	)
	const users = "username\r\nann\r\nbøb\r\n"
	tests := []struct{ name, in, reason, hint string }{
		{"UTF-16 little-endian", inUTF16(users, binary.LittleEndian), itIsUTF16, convertIt},
		{"UTF-16 big-endian", inUTF16(users, binary.BigEndian), itIsUTF16, convertIt},
		{"UTF-16 big-endian, quoted", inUTF16("\"username\"\n\"ann\"\n", binary.BigEndian), itIsUTF16, convertIt},
		{"UTF-16, a letter beyond Latin first", inUTF16("žusername\n", binary.LittleEndian), itIsUTF16, convertIt},
		{"UTF-16, the mark alone", "\xff\xfe", itIsEmpty, needsHeader},
		{"UTF-16, marks and line ends", inUTF16("\ufeff\ufeff\r\n", binary.BigEndian), itIsEmpty, needsHeader},
		{"UTF-32 little-endian with a mark", "\xff\xfe\x00\x00u\x00\x00\x00", "the input is not UTF-8 text; it looks like UTF-32", "save it as \"CSV UTF-8\", or convert it: iconv -f UTF-32 -t UTF-8"},
		{"UTF-32 big-endian with a mark", "\x00\x00\xfe\xff\x00\x00\x00u", "the input is not UTF-8 text; it looks like UTF-32", "save it as \"CSV UTF-8\", or convert it: iconv -f UTF-32 -t UTF-8"},
		{"a spreadsheet", "PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00\"[Content_Types].xml", "the input is a spreadsheet, not a CSV", exportIt},
		{"an old spreadsheet", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00\"\x00\n", itIsBinary, exportIt},
		{"a picture", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", itIsBinary, exportIt},
		{"a photograph", "\xff\xd8\xff\xe0\x00\x10JFIF\"\x00", itIsBinary, exportIt},
		{"a program", "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\"\x00\x00\n", itIsBinary, exportIt},
		{"gzip in gzip", "\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\xff\"\n", "the input is packed with gzip, which is not read here", "unpack it on the way: ... | gunzip -c | cognito-confirm run - --report users.report.csv"},
		{"a control character far into the first line", "username,na\x01me\n", itIsBinary, exportIt},
		{"Latin-1", "Benutzer,Stra\xdfe\n", itIsBinary, exportIt},
		{"Latin-1, from the first letter on", "\xdcser\"name\n", itIsBinary, exportIt},
		{"empty", "", itIsEmpty, needsHeader},
		{"a byte order mark alone", "\ufeff", itIsEmpty, needsHeader},
		{"blank lines alone", "\n\r\n\n\r\n", itIsEmpty, needsHeader},
		{"a byte order mark and blank lines", "\ufeff\r\n\r\n", itIsEmpty, needsHeader},
	}
	for _, test := range tests {
		for _, o := range []Options{{}, {NoHeader: true}, {UsernameColumn: "email"}} {
			t.Run(test.name, func(t *testing.T) {
				_, err := NewReader(strings.NewReader(test.in), o)
				wantUnusable(t, err, test.reason, test.hint)
				_, err = NewReader(iotest.OneByteReader(strings.NewReader(test.in)), o)
				wantUnusable(t, err, test.reason, test.hint)
			})
		}
	}
}

// JSON is what the API's own tools write, so somebody will try it.
func TestJSON(t *testing.T) {
	tests := []struct{ in, kind, filter string }{
		{"{\n    \"Users\": [\n        {\n            \"Username\": \"ann\",\n", "JSON", "'.Users[].Username'"},
		{`{"Users":[{"Username":"ann"}]}`, "JSON", "'.Users[].Username'"},
		{`[{"Username": "ann"}, {"Username": "bob"}]`, "JSON", "'.[].Username'"},
		{"\ufeff[\r\n  \"ann\",\r\n  \"bob\"\r\n]\r\n", "JSON", "'.[].username'"},
		{`["ann","bob"]`, "JSON", "'.[]'"},
		{"[]", "JSON", "'.[].username'"},
		{"{ }", "JSON Lines", "'.username'"},
		{"[\t]", "JSON", "'.[].username'"},
		{"{\"username\":\"ann\"}\n{\"username\":\"bob\"}\n", "JSON Lines", "'.username'"},
		{"  { \"id\": 1, \"user_name\": \"ann\" }\n", "JSON Lines", "'.user_name'"},
		{"{\"cognito:username\":\"ann\"}\n", "JSON Lines", `'."cognito:username"'`},
	}
	for _, test := range tests {
		_, err := NewReader(strings.NewReader(test.in), Options{Path: "users.json"})
		wantUnusable(t, err, "the input is "+test.kind+", not a CSV",
			"take the usernames out of it: jq -r "+test.filter+" < users.json | cognito-confirm run - --no-header --report users.report.csv")
	}
	// Without a header too, a file is refused that cannot be a CSV.
	_, err := NewReader(strings.NewReader("{\"username\":\"ann\"}\n"), Options{Path: "-", NoHeader: true})
	wantUnusable(t, err, "the input is JSON Lines, not a CSV",
		"take the usernames out of it: ... | jq -r '.username' | cognito-confirm run - --no-header --report users.report.csv")
}

// A brace or a bracket alone makes no JSON.
func TestNotJSON(t *testing.T) {
	for _, in := range []string{"[id],username\n1,ann\n", "{id},username\n1,ann\n", "[,username\n1,ann\n"} {
		if rows := remainingRows(t, newTestReader(t, in, Options{})); len(rows) != 1 || rows[0].Username != "ann" {
			t.Errorf("%q: rows %+v, want ann", in, rows)
		}
	}
	// Without a header it may be a user: --no-header decides.
	rows := remainingRows(t, newTestReader(t, "{\n[]\n", Options{NoHeader: true}))
	wantRows(t, rows, []readRow{goodRow(1, "{", "{"), goodRow(2, "[]", "[]")})
}

// Text that begins with a letter of any length is text, also when the four
// bytes that are looked at end inside of a letter.
func TestFirstLetters(t *testing.T) {
	for _, column := range []string{"a", "é", "aé", "abé", "abcé", "世", "a世", "ab世", "abc世", "👍", "a👍", "ab👍", "abc👍", "\u00a0", "\t"} {
		for _, mark := range []string{"", "\ufeff"} {
			in := mark + column + ",username\nx,ann\n"
			if rows := remainingRows(t, newTestReader(t, in, Options{})); len(rows) != 1 || rows[0].Username != "ann" {
				t.Errorf("%q: rows %+v, want ann", in, rows)
			}
		}
	}
}

// The header is all that NewReader waits for: somebody may type the rows.
func TestNewReaderWaitsForTheHeaderOnly(t *testing.T) {
	for in, o := range map[string]Options{
		"username\n":           {},
		"\r\n\r\nusername\r\n": {},
		"\ufeff\"username\"\n": {},
		"ann\n":                {NoHeader: true},
		"\ufeffa\n":            {NoHeader: true},
	} {
		pieces := iotest.OneByteReader(io.MultiReader(strings.NewReader(in), unwanted{t, in}))
		if _, err := NewReader(pieces, o); err != nil {
			t.Errorf("%q: %v", in, err)
		}
	}
}

// unwanted is what comes after the text that was needed.
type unwanted struct {
	t    *testing.T
	text string
}

func (u unwanted) Read([]byte) (int, error) {
	u.t.Errorf("something was read after %q", u.text)
	return 0, io.EOF
}
