package worker

import (
	"bytes"
	"errors"
	"io"
)

// input is what is read, below every buffer. Its first error stays: behind a
// failure there is a hole, and what comes after it must not pass for the next
// row or for the end.
type input struct {
	in   io.Reader
	err  error
	last byte // of those delivered

	delivered int64 // bytes
	record    int64 // of them, those before the record that is being read
	overlong  bool  // that record is longer than maxRecord
	dropped   int   // lines of it that were not delivered
}

// maxRecord is how many bytes a record may have before it is taken for one
// whose quotation mark is never closed. The parser keeps a record in memory
// several times over, and without a limit that would be the rest of the input.
const maxRecord = 16 << 20

// begin says that the next record starts behind all that was delivered, less
// what is buffered.
func (i *input) begin(buffered int) { i.record = i.delivered - int64(buffered) }

func (i *input) Read(p []byte) (int, error) {
	if i.err != nil {
		return 0, i.err
	}
	if i.delivered-i.record > maxRecord {
		i.overlong = true
		return 0, i.drop(p)
	}
	n, err := i.in.Read(p)
	i.delivered += int64(n)
	if n > 0 {
		i.last = p[n-1]
	}
	i.err = err
	return n, err
}

// torn returns the error that ended the input in the middle of the line that
// was just parsed; unread is how many bytes behind that line are buffered. A
// mistake that the parser sees in half a line need not be one in the whole:
// half a CRLF behind a closing quotation mark looks like one.
func (i *input) torn(unread int) error {
	if unread > 0 || i.last == '\n' || errors.Is(i.err, io.EOF) {
		return nil
	}
	return i.err
}

// drop reads what is left of the input and keeps nothing but its error.
func (i *input) drop(buffer []byte) error {
	for i.err == nil {
		var n int
		n, i.err = i.in.Read(buffer)
		i.dropped += bytes.Count(buffer[:n], []byte("\n"))
	}
	return i.err
}
