package rows

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
)

// bufferSize is that of every buffer between two layers, in bytes.
const bufferSize = 64 << 10

const gzipMagic = "\x1f\x8b"

// unpack reads gzip when the name or the first bytes are those of gzip: a file
// from elsewhere, or a pipe, need not have the right name.
func unpack(in io.Reader, path string) (text io.Reader, isGzip bool, err error) {
	packed := bufio.NewReaderSize(in, bufferSize)
	start, err := packed.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, false, fmt.Errorf("read input: %w", err)
	}
	if string(start) != gzipMagic && !strings.HasSuffix(strings.ToLower(path), ".gz") {
		return packed, false, nil
	}
	if string(start) != gzipMagic {
		if err := refusePacked(packed, path); err != nil {
			return nil, false, err
		}
	}
	unpacked, err := gzip.NewReader(packed)
	switch {
	case err == nil:
		unpacked.Multistream(false)
		return &gzipReader{packed: packed, unpacked: unpacked}, true, nil
	case len(start) == 0:
		return packed, false, nil // empty, whatever its name
	case string(start) == gzipMagic && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)):
		return nil, false, explainGzip(io.ErrUnexpectedEOF)
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, false, &UnusableError{Reason: "the input is not gzip", Hint: "remove .gz from its name if it is plain CSV"}
	default:
		return nil, false, fmt.Errorf("read input: %w", err)
	}
}

// gzipReader reads one gzip file after another, and tells what is wrong where
// they are broken. Zeros after the last one are padding.
type gzipReader struct {
	packed   *bufio.Reader
	unpacked *gzip.Reader
	err      error
}

// Read implements [io.Reader].
func (g *gzipReader) Read(p []byte) (int, error) {
	for g.err == nil {
		n, err := g.unpacked.Read(p)
		if errors.Is(err, io.EOF) {
			err = g.nextFile()
		}
		g.err = explainGzip(err)
		if n > 0 {
			return n, nil
		}
	}
	return 0, g.err
}

// nextFile goes on to the file after the one that has ended.
func (g *gzipReader) nextFile() error {
	start, err := g.packed.Peek(2)
	switch {
	case len(start) == 0:
		return err // io.EOF, or a failure
	case string(start) == gzipMagic:
		if err := g.unpacked.Reset(g.packed); err != nil {
			return err
		}
		g.unpacked.Multistream(false)
		return nil
	case string(start) == gzipMagic[:1] && errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	}
	for {
		piece, err := g.packed.Peek(max(1, g.packed.Buffered()))
		if bytes.ContainsFunc(piece, func(r rune) bool { return r != 0 }) {
			return errAfterGzip
		}
		if err != nil {
			return err
		}
		g.packed.Discard(len(piece))
	}
}

// errAfterGzip means that something else follows a whole gzip file.
var errAfterGzip = errors.New("data after the end of gzip")

// explainGzip makes a sentence of an error that the file is to blame for.
func explainGzip(err error) error {
	const again = "make or copy the file again; what was read before that is done, and is not done twice when the whole file is given with --resume"
	switch {
	case errors.Is(err, errAfterGzip):
		return &UnusableError{Reason: "the gzip file is followed by something that is not gzip, and that was not read", Hint: again, afterEnd: true}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &UnusableError{Reason: "the gzip file is torn: it ends in the middle", Hint: again, isTorn: true}
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), is[flate.CorruptInputError](err):
		_, why, _ := strings.Cut(err.Error(), ": ") // after the name of the package
		return &UnusableError{Reason: "the gzip file is damaged: " + why, Hint: again}
	default:
		return err
	}
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
