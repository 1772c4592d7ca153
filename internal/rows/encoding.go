package rows

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// skipByteOrderMark leaves r at the first character of the text, returns how many
// bytes it skipped, and refuses what is not text in UTF-8. It has to happen
// before the CSV is parsed: a mark before a quoted header is a syntax error
// there, and UTF-16 parses to no rows without any error.
func skipByteOrderMark(r *bufio.Reader) (int64, error) {
	// Four bytes decide everything. Waiting for more would be wrong: a pipe may
	// deliver the rest much later.
	start, err := r.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	switch {
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")), bytes.IndexByte(start, 0) >= 0:
		return 0, &UnusableError{
			Reason: "the input is not UTF-8 text; it looks like UTF-16",
			Hint:   `save it as "CSV UTF-8", or convert it: iconv -f UTF-16 -t UTF-8`,
		}
	case bytes.HasPrefix(start, []byte("PK\x03\x04")):
		return 0, &UnusableError{
			Reason: "the input is a zip archive or a spreadsheet, not a CSV",
			Hint:   `export it as "CSV UTF-8"`,
		}
	case bytes.HasPrefix(start, []byte("\xef\xbb\xbf")):
		n, err := r.Discard(3)
		return int64(n), err
	}
	// The first line of a program or a picture may hold a quotation mark, and
	// the parser would complain about that instead.
	first, size := utf8.DecodeRune(start)
	if first == utf8.RuneError && size == 1 || bytes.ContainsFunc(start, isBinary) {
		return 0, notText()
	}
	return 0, nil
}

// refuseBinary tells a file that is no text from one with a wrong header: nobody
// types a control character in the name of a column.
func refuseBinary(columns []string) error {
	for _, column := range columns {
		if !utf8.ValidString(column) || strings.ContainsFunc(column, isBinary) {
			return notText()
		}
	}
	return nil
}

func isBinary(r rune) bool {
	return unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r'
}

func notText() error {
	return &UnusableError{Reason: "the input is not a CSV in UTF-8", Hint: `export it as "CSV UTF-8"`}
}

// refuseJSON looks for the start of an object or a list, which no header has.
func refuseJSON(r *bufio.Reader) error {
	start, err := r.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if len(start) == 2 && strings.IndexByte("{[", start[0]) >= 0 && strings.IndexByte("{}[]\" \t\r\n", start[1]) >= 0 {
		return &UnusableError{
			Reason: "the input is JSON, not a CSV",
			Hint:   "take the usernames out of it, one a line, for --no-header; from list-users: jq -r '.Users[].Username'",
		}
	}
	return nil
}
