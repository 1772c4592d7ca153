package rows

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The encodings that are read.
const (
	utf8Text       = "UTF-8"
	utf16LittleEnd = "UTF-16LE"
	utf16BigEnd    = "UTF-16BE"
)

// decode returns the text as UTF-8 and the name of its encoding, and refuses
// what is not text. It has to happen before the CSV is parsed: UTF-16 parses to
// no rows without any error. Byte order marks of UTF-8 stay.
func decode(in io.Reader, path string) (text *bufio.Reader, encoding string, err error) {
	text = bufio.NewReader(in)
	// Four bytes decide everything. Waiting for more would be wrong: a pipe may
	// deliver the rest much later.
	start, err := text.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, "", err
	}
	if err := refusePacked(text, path); err != nil {
		return nil, "", err
	}
	switch {
	case string(start) == "\xff\xfe\x00\x00", string(start) == "\x00\x00\xfe\xff":
		return nil, "", notUTF8("UTF-32")
	case bytes.HasPrefix(start, []byte("\xff\xfe")):
		return bufio.NewReader(newUTF16Reader(text, binary.LittleEndian)), utf16LittleEnd, nil
	case bytes.HasPrefix(start, []byte("\xfe\xff")):
		return bufio.NewReader(newUTF16Reader(text, binary.BigEndian)), utf16BigEnd, nil
	case bytes.IndexByte(start, 0) >= 0:
		if p, ok := packingOfName(path); ok {
			return nil, "", p.refusal(path)
		}
		return nil, "", notUTF8("UTF-16 without a byte order mark")
	}
	// The first line of a program or a picture may hold a quotation mark, and
	// the parser would complain about that instead.
	first, size := utf8.DecodeRune(start)
	if first == utf8.RuneError && size == 1 || bytes.ContainsFunc(start, isBinary) {
		return nil, "", notText(path)
	}
	return text, utf8Text, nil
}

func notUTF8(encoding string) error {
	name, _, _ := strings.Cut(encoding, " ")
	return &UnusableError{
		Reason: "the input is not UTF-8 text; it looks like " + encoding,
		Hint:   `save it as "CSV UTF-8", or convert it: iconv -f ` + name + " -t UTF-8",
	}
}

// refuseBinary tells a file that is not text from one with a wrong header by control
// characters, which the name of a column never has.
func refuseBinary(columns []string, path string) error {
	for _, column := range columns {
		if !utf8.ValidString(column) || strings.ContainsFunc(column, isBinary) {
			return notText(path)
		}
	}
	return nil
}

func isBinary(r rune) bool {
	return unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r'
}

func notText(path string) error {
	if p, ok := packingOfName(path); ok {
		return p.refusal(path)
	}
	return &UnusableError{Reason: "the input is not a CSV in UTF-8", Hint: `export it as "CSV UTF-8"`}
}
