package report

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"iter"
	"slices"
	"strings"

	"cognito-confirm/internal/oneline"
	"cognito-confirm/worker"
)

// leftover is what an earlier run has left in a file of rows that is to be made again.
// Names cannot tell that it was a run of this report: reports are moved, renamed and
// reached by links. So each row of it has to be found: among the rows of the report
// that did not succeed, which go into the new file, or among those that are still to
// be done. No row leaves the file in any other way. It takes nine bytes a row.
type leftover struct {
	seed  maphash.Seed
	rows  []uint64 // hashes of what rows are known by, sorted
	found []bool   // which of these were found
	left  int      // those that were not
	// torn is how a row begins that a crash has torn off, "" for none.
	torn string
}

// unreadable is what a record is known by that is not a row: no username and no line
// is that.
const unreadable = "\x00"

// newLeftover reads what the rows of a file are known by. The last one of a file that
// is torn is only a part.
func newLeftover(ctx context.Context, rows iter.Seq2[string, error], isTorn bool) (*leftover, error) {
	l := &leftover{seed: maphash.MakeSeed()}
	last, count := "", 0
	for row, err := range rows {
		if err == nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			return nil, err
		}
		if count++; count > 1 {
			l.rows = append(l.rows, maphash.String(l.seed, last))
		}
		last = row
	}
	switch {
	case isTorn:
		l.torn = strings.TrimPrefix(last, unreadable)
	case count > 0:
		l.rows = append(l.rows, maphash.String(l.seed, last))
	}
	slices.Sort(l.rows)
	l.rows = slices.Compact(l.rows)
	l.left = len(l.rows)
	l.found = make([]bool, l.left)
	return l, nil
}

// find notes that a row was found.
func (l *leftover) find(row string) {
	if l == nil {
		return
	}
	if l.torn != "" && strings.HasPrefix(row, l.torn) {
		l.torn = ""
	}
	if l.left == 0 {
		return
	}
	if at, isThere := slices.BinarySearch(l.rows, maphash.String(l.seed, row)); isThere && !l.found[at] {
		l.found[at] = true
		l.left--
	}
}

// isFound reports whether all rows were found.
func (l *leftover) isFound() bool { return l == nil || l.left == 0 && l.torn == "" }

// readLeftover reads what is in the file.
func (f *rowsFile) readLeftover(ctx context.Context) error {
	end, isTorn, err := endOfText(f.file.file, f.file.size)
	if err == nil && end > 0 {
		f.old, err = newLeftover(ctx, f.rowsIn(io.NewSectionReader(f.file.file, 0, end)), isTorn)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", f.name, err)
	}
	for line := range strings.Lines(f.header) {
		f.old.find(bareLine(line)) // that is no row
	}
	return nil
}

// endOfText returns where the zeros begin that a power cut has left at the end, and
// whether the line before them has no end.
func endOfText(file io.ReaderAt, size int64) (end int64, isTorn bool, err error) {
	block := make([]byte, 64<<10)
	for size > 0 {
		part := block[:min(size, int64(len(block)))]
		size -= int64(len(part))
		if _, err := file.ReadAt(part, size); err != nil {
			return 0, false, err
		}
		if text := bytes.TrimRight(part, "\x00"); len(text) > 0 {
			return size + int64(len(text)), text[len(text)-1] != '\n', nil
		}
	}
	return 0, false, nil
}

// usernamesIn yields the usernames of the rows in a file, as the report has them.
func (f *rowsFile) usernamesIn(in io.Reader) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		var source worker.Source
		err := errors.ErrUnsupported
		if f.read != nil {
			source, err = f.read(in)
		}
		if err != nil {
			yield("", &ForeignError{Path: f.path}) // no input of ours reads like this
			return
		}
		for {
			row, err := source.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			name := oneline.Escape(row.Username)
			if err == nil && isMalformed(row) {
				name = unreadable
			}
			if !yield(name, err) {
				return
			}
		}
	}
}

func usernameOf(row worker.Row) iter.Seq[string] {
	return func(yield func(string) bool) { yield(oneline.Escape(row.Username)) }
}

// linesIn yields the lines of a file of malformed records: where one of these ends
// depends on those around it.
func linesIn(in io.Reader) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		lines := bufio.NewReaderSize(in, 64<<10)
		for {
			line, err := lines.ReadString('\n')
			if errors.Is(err, io.EOF) {
				err = nil
				if line == "" {
					return
				}
			}
			if !yield(bareLine(line), err) || err != nil {
				return
			}
		}
	}
}

func linesOf(row worker.Row) iter.Seq[string] {
	return func(yield func(string) bool) {
		for line := range strings.Lines(row.Raw) {
			if !yield(bareLine(line)) {
				return
			}
		}
	}
}

func bareLine(line string) string {
	return strings.TrimRight(strings.TrimPrefix(line, byteOrderMark), "\r\n")
}

// see notes a row of the input that did not succeed, or is still to be done.
func (f *rowsFile) see(row worker.Row) {
	if f.old.isFound() {
		return
	}
	for name := range f.knownBy(row) {
		f.old.find(name)
	}
}
