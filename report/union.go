package report

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"

	"cognito-confirm/worker"
)

// Union writes one report that has every row of several reports of one input once,
// in the current layout. A run that was killed, or taken over from, leaves its lines
// in several files, and a row may be in two of them: it was asked for again, because
// the answer to the first call had not come to the other run. Of its lines the one
// stays that tells most of what happened to the user (see precedence).
//
// The reports are read twice. Union takes one byte of memory for each line of the
// input. The error is an [*UnusableError] for a file that is not a sound report, and
// the cause of ctx when that ends first.
func Union(ctx context.Context, out io.Writer, reports ...string) error {
	u := &union{lines: make(map[int]*[chunkLines]uint8)}
	for _, path := range reports {
		if err := scanPath(ctx, path, u.weigh); err != nil {
			return err
		}
	}
	buffered := bufio.NewWriterSize(out, 64<<10)
	u.writer = rewriter{csv: csv.NewWriter(buffered), fields: ourColumns()}
	if err := u.writer.csv.Write(u.writer.fields); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	for _, path := range reports {
		if err := scanPath(ctx, path, u.write); err != nil {
			return err
		}
	}
	u.writer.csv.Flush()
	if err := errors.Join(u.writer.csv.Error(), buffered.Flush()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// union knows which line of a row is to be kept.
type union struct {
	// lines has the highest precedence that was seen of each line of the input, 0
	// for none or for one that is written.
	lines  map[int]*[chunkLines]uint8
	writer rewriter
	from   *scanner // whose layout the writer is set to
}

func (u *union) of(line int) *uint8 {
	c := u.lines[line/chunkLines]
	if c == nil {
		c = new([chunkLines]uint8)
		u.lines[line/chunkLines] = c
	}
	return &c[line%chunkLines]
}

func (u *union) weigh(s *scanner) error {
	highest := u.of(s.row.Line)
	*highest = max(*highest, precedence(s.row.Status))
	return nil
}

// write writes the first of the lines of a row that have the highest precedence.
func (u *union) write(s *scanner) error {
	highest := u.of(s.row.Line)
	if *highest != precedence(s.row.Status) {
		return nil
	}
	*highest = 0
	if u.from != s {
		u.from = s
		u.writer.from(s.layout)
	}
	if err := u.writer.add(s.fields); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// precedence tells which of two outcomes of a row tells more of what happened to the
// user. A confirmation explains why the user is found to be confirmed later, and so
// does a trigger that failed, which is more than somebody wants to lose.
func precedence(status worker.Status) uint8 {
	switch status {
	case worker.StatusConfirmed:
		return 6
	case worker.StatusTriggerFailed:
		return 5
	case worker.StatusAlreadyConfirmed:
		return 4
	case worker.StatusNotVerified:
		return 3
	case worker.StatusFailed:
		return 2
	default:
		return 1
	}
}

// scanPath takes every line of a report to a function.
func scanPath(ctx context.Context, path string, take func(*scanner) error) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open report: %w", err)
	}
	defer file.Close()
	s := newScanner(file)
	for _, err := range s.all() {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if _, isDamaged := errors.AsType[*DamagedError](err); isDamaged || errors.Is(err, ErrNotReport) {
			return &UnusableError{Path: path, Reason: "is " + err.Error(), IsHeaderless: !isDamaged}
		}
		if err != nil {
			return err
		}
		if err := take(s); err != nil {
			return err
		}
	}
	return nil
}
