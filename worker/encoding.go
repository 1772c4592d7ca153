package worker

import (
	"bufio"
	"bytes"
	"errors"
	"io"
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
	return nil
}
