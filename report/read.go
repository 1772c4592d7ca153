package report

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"cognito-confirm/worker"
)

// UnusableError says why a file cannot be continued as a report.
type UnusableError struct {
	Path, Reason string
}

func (e *UnusableError) Error() string { return e.Path + " " + e.Reason }

// The columns that are read back, by their position in line.
const (
	columnLine = iota
	columnUsername
	columnStatus
	columnCode
	_
	columnAttempts
	columnThrottled
	columns = 10
)

// readReport reads what earlier runs have written. It returns how many bytes
// of the file are whole lines: what follows is the line that a crash tore off.
func readReport(ctx context.Context, file *os.File, done *index, earlier *Counts) (whole int64, err error) {
	header := headerLine()
	start := make([]byte, len(header))
	n, err := file.ReadAt(start, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, fmt.Errorf("read report: %w", err)
	}
	if string(start[:n]) != header {
		// Unless the run was killed before it had begun.
		begun := strings.TrimRight(string(start[:n]), "\x00")
		torn, err := isZeros(file, int64(len(begun)))
		if err == nil && !(torn && strings.HasPrefix(header, begun)) {
			err = &UnusableError{file.Name(), "is not a report of this program; its first line is another one"}
		}
		return 0, err
	}
	whole, err = wholeLines(file)
	if err != nil {
		return 0, err
	}
	text := bufio.NewReaderSize(io.NewSectionReader(file, 0, whole), 256<<10)
	// Not through gocsv: ten million lines are to be read in seconds.
	rows := csv.NewReader(text)
	rows.FieldsPerRecord = columns
	rows.ReuseRecord = true
	for n := 0; ; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		fields, err := rows.Read()
		switch {
		case errors.Is(err, io.EOF):
			return whole, nil
		case err == nil && n == 0:
			continue // the header
		case err == nil:
			err = readLine(fields, done, earlier)
		}
		var parse *csv.ParseError
		switch {
		case errors.As(err, &parse):
			return 0, &UnusableError{file.Name(), fmt.Sprintf("is damaged on line %d: %v", parse.StartLine, parse.Err)}
		case errors.Is(err, errDamaged):
			line, _ := rows.FieldPos(0)
			return 0, &UnusableError{file.Name(), fmt.Sprintf("is damaged on line %d: %v", line, err)}
		case err != nil:
			return 0, fmt.Errorf("read report: %w", err)
		}
	}
}

var errDamaged = errors.New("not a line of a report")

// readLine takes in one line of the report.
func readLine(fields []string, done *index, earlier *Counts) error {
	line, err1 := strconv.ParseUint(fields[columnLine], 10, 63)
	// More than 31 bits of attempts are none that anybody has made.
	attempts, err2 := strconv.ParseUint(fields[columnAttempts], 10, 31)
	throttled, err3 := strconv.ParseUint(fields[columnThrottled], 10, 31)
	status := worker.Status(fields[columnStatus])
	if errors.Join(err1, err2, err3) != nil || line < 1 || throttled > attempts || !status.Known() {
		return errDamaged
	}
	if !done.add(int(line), fields[columnUsername], status.Succeeded()) {
		return fmt.Errorf("%w: line %d of the input is in it twice", errDamaged, line)
	}
	earlier.add(worker.Result{Status: status, Code: fields[columnCode], Attempts: int(attempts), Throttled: int(throttled)})
	return nil
}

// isZeros says whether there is nothing but zeros from there on, which is what
// a power cut leaves of what was not synced.
func isZeros(file *os.File, from int64) (bool, error) {
	block := make([]byte, 64<<10)
	for {
		n, err := file.ReadAt(block, from)
		if len(bytes.TrimLeft(block[:n], "\x00")) > 0 {
			return false, nil
		}
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, fmt.Errorf("read report: %w", err)
		}
		from += int64(n)
	}
}

// wholeLines returns the offset behind the last line break. No field of a
// report has one in it, so what stands behind it is no whole line; after a
// power cut that may be zeros.
func wholeLines(file *os.File) (int64, error) {
	info, err := file.Stat()
	if err != nil {
		return 0, fmt.Errorf("read report: %w", err)
	}
	block := make([]byte, 64<<10)
	for end := info.Size(); end > 0; {
		start := max(0, end-int64(len(block)))
		part := block[:end-start]
		if _, err := file.ReadAt(part, start); err != nil {
			return 0, fmt.Errorf("read report: %w", err)
		}
		if at := bytes.LastIndexByte(part, '\n'); at >= 0 {
			return start + int64(at) + 1, nil
		}
		end = start
	}
	return 0, nil
}
