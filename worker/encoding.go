package worker

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// UnusableError says why an input cannot be read at all, and what to do.
type UnusableError struct {
	Reason, Hint string
}

func (e *UnusableError) Error() string { return e.Reason }

// skipByteOrderMark leaves r at the first character of the text, and refuses
// what is not text in UTF-8. It has to happen before the CSV is parsed: a mark
// in front of a quoted header is a syntax error there, and UTF-16 parses to no
// rows at all without any error.
func skipByteOrderMark(r *bufio.Reader) error {
	// Four bytes decide everything and no more are waited for: a pipe may
	// deliver the rest much later.
	start, err := r.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	switch {
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")), bytes.IndexByte(start, 0) >= 0:
		return &UnusableError{
			Reason: "the input is not UTF-8 text; it looks like UTF-16",
			Hint:   `save it as "CSV UTF-8", or convert it: iconv -f UTF-16 -t UTF-8`,
		}
	case bytes.HasPrefix(start, []byte("PK\x03\x04")):
		return &UnusableError{
			Reason: "the input is a zip archive or a spreadsheet, not a CSV",
			Hint:   `export it as "CSV UTF-8"`,
		}
	case bytes.HasPrefix(start, []byte("\xef\xbb\xbf")):
		_, err := r.Discard(3)
		return err
	}
	// The first line of a program or a picture may hold a quotation mark: the
	// parser would complain of that, and not of what the matter is.
	first, size := utf8.DecodeRune(start)
	if first == utf8.RuneError && size == 1 || bytes.ContainsFunc(start, isBinary) {
		return notText()
	}
	return nil
}

// refuseBinary tells a file that is no text from one with a wrong header: what
// a person would type as a column name has no control characters in it.
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
