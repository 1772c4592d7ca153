package report

import (
	"context"
	"errors"
	"fmt"
	"io"

	"cognito-confirm/internal/oneline"
	"cognito-confirm/worker"
)

// EditedError says that the input is not the one that the report is about.
type EditedError struct {
	// Line is the first line of the input that differs.
	Line   int
	Reason string
}

func (e *EditedError) Error() string {
	return fmt.Sprintf("line %d of the input %s: the input was edited since", e.Line, e.Reason)
}

// noRowHere is the reason when the report has a row that the input lacks.
const noRowHere = "is in the report, but no row starts there"

// readReport reads what earlier runs have written.
func (r *Recorder) readReport(ctx context.Context) error {
	r.done = newIndex()
	report := newScanner(r.file)
	var earlier Counts
	for line, err := range report.all() {
		if r.done.rows%4096 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err == nil && !r.done.add(line.Line, line.Username, line.Status.Succeeded()) {
			err = &DamagedError{report.number, fmt.Sprintf("%s: line %d of the input is in it twice", notALine, line.Line)}
		}
		if _, isDamaged := errors.AsType[*DamagedError](err); isDamaged || errors.Is(err, errNotReport) {
			return &UnusableError{r.file.path, "is " + err.Error()}
		}
		if err != nil {
			return err
		}
		earlier.add(line)
	}
	r.state.state.Earlier = earlier
	r.whole = report.whole()
	return nil
}

// Remaining reads the input as far as the report goes and returns a source of
// the rows that are still to be done, or nil when there are none. It is an
// [*EditedError] when the input is not the one that the report is about; that
// is found out before anything is sent. Without Options.Resume it returns the
// source as it is. It is the cause of ctx when that ends first.
//
// Rows that an earlier run left out (they were in flight when it ended) are
// held in memory until the last line of the report is reached.
func (r *Recorder) Remaining(ctx context.Context, source worker.Source) (worker.Source, error) {
	if r.done == nil {
		return source, nil
	}
	var held []worker.Row
	for previous := 0; ; {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		row, err := source.Next()
		if errors.Is(err, io.EOF) {
			if line := r.done.firstIn(previous+1, r.done.last); line > 0 {
				return nil, &EditedError{line, noRowHere}
			}
			if len(held) == 0 {
				return nil, nil
			}
			return &remaining{held: held, rest: source}, nil
		}
		if err != nil {
			return nil, err
		}
		if line := r.done.firstIn(previous+1, min(row.Line-1, r.done.last)); line > 0 {
			return nil, &EditedError{line, noRowHere}
		}
		previous = row.Line
		isDone, err := r.isDone(row)
		if err != nil {
			return nil, err
		}
		if !isDone {
			held = append(held, row)
		}
		if row.Line > r.done.last {
			return &remaining{held: held, rest: source}, nil
		}
	}
}

// isDone reports whether the row is in the report. One that did not succeed is
// put into the new failed-rows file on the way.
func (r *Recorder) isDone(row worker.Row) (bool, error) {
	done, same, succeeded := r.done.find(row.Line, oneline.Escape(row.Username))
	switch {
	case !done:
		return false, nil
	case !same:
		return false, &EditedError{row.Line, "has another username than in the report"}
	case succeeded:
		return true, nil
	}
	r.state.addEarlierRow(row)
	return true, r.failed.restore(row)
}

// remaining hands out the rows that were held, then the rest.
type remaining struct {
	held []worker.Row
	rest worker.Source
}

func (s *remaining) Next() (worker.Row, error) {
	if len(s.held) == 0 {
		return s.rest.Next()
	}
	row := s.held[0]
	s.held[0] = worker.Row{}
	s.held = s.held[1:]
	return row, nil
}
