package rows

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
)

// bufferSize is that of every buffer between two layers, in bytes.
const bufferSize = 64 << 10

// unpack reads gzip when the name or the first bytes say that it is: a file
// from elsewhere, or a pipe, need not have the right name.
func unpack(in io.Reader, path string) (io.Reader, error) {
	packed := bufio.NewReaderSize(in, bufferSize)
	start, err := packed.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read input: %w", err)
	}
	if !bytes.Equal(start, []byte("\x1f\x8b")) && !strings.HasSuffix(strings.ToLower(path), ".gz") {
		return packed, nil
	}
	unpacked, err := gzip.NewReader(packed)
	switch {
	case err == nil:
		return unpacked, nil
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, &UnusableError{Reason: fmt.Sprintf("the input is not gzip: %v", err), Hint: "take the .gz off its name if it is plain CSV"}
	default:
		return nil, fmt.Errorf("read input: %w", err)
	}
}
