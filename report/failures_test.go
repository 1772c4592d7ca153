package report

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// countingReader counts what is read of a text.
type countingReader struct {
	*bytes.Reader
	read int
}

func (r *countingReader) ReadAt(p []byte, offset int64) (int, error) {
	n, err := r.Reader.ReadAt(p, offset)
	r.read += n
	return n, err
}

// TestFailuresOfAChangedReport: a quotation mark that is open now, where a line of the
// report was, takes no other line with it.
func TestFailuresOfAChangedReport(t *testing.T) {
	const line = "3,bob,failed,UserNotFoundException,gone,1,0,r,,1,,\n"
	for _, changed := range []string{"2,\"alice,failed,X,,1,0,r,,1,,\n", "\n", "2,alice\n", ""} {
		text := headerLine() + changed
		if changed != "" {
			text += strings.Repeat(line, 1<<20/len(line))
		}
		report := &countingReader{Reader: bytes.NewReader([]byte(text))}
		f := &failures{report: report, path: "r.csv", layout: currentLayout()}
		f.add(2, int64(len(headerLine())))
		if _, err := f.find(2); !errors.As(err, new(*ChangedError)) {
			t.Errorf("%q: %v", changed, err)
		}
		if report.read > 64<<10 {
			t.Errorf("%q: %d bytes were read", changed, report.read)
		}
	}
}
