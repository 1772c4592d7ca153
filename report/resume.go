package report

import (
	"context"
	"errors"
	"fmt"
	"io"

	"cognito-confirm/internal/oneline"
	"cognito-confirm/worker"
)

// EditedError means that the input is not the one that the report is about.
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

// readStep is after how many lines of a report it is told how far it was read.
const readStep = 4096

// readReport reads what earlier runs have written. A report of another layout
// is rewritten on the way, and so is one with rows that are to be done again.
func (r *Recorder) readReport(ctx context.Context, report *scanner) error {
	if report.lines != nil && (!report.layout.isCurrent || r.options.Retry.Failed) {
		var err error
		if r.rewritten, err = newRewriter(r.file, report.layout); err != nil {
			return fmt.Errorf("rewrite report: %w", err)
		}
	}
	if report.lines != nil && r.failed.reasons != nil {
		r.failures = &failures{report: r.file.file, path: r.file.path, layout: report.layout}
	}
	var damage damage
	var earlier Counts
	untold := 0 // lines that do not tell their user pool
	read := 0
	for line, err := range report.all() {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if read++; read%readStep == 1 && r.options.OnRead != nil {
			r.options.OnRead(report.whole())
		}
		again, kept := r.options.Retry.chooses(line)
		if err == nil && !r.note(line, again) {
			err = &DamagedError{report.number, fmt.Sprintf("%s: line %d of the input is in it twice", notALine, line.Line)}
		}
		if damaged, ok := errors.AsType[*DamagedError](err); ok {
			damage.add(damaged)
			continue
		}
		if err != nil {
			return err
		}
		if err = r.compareShard(); err == nil {
			err = r.compareTarget(line)
		}
		if err != nil {
			return err
		}
		if again {
			r.state.state.Retried++
			r.seeAgain(line)
			continue
		}
		if kept {
			r.state.state.TriggersKept++
		}
		if line.UserPoolID == "" {
			untold++
		}
		if r.rewritten != nil {
			if err := r.rewritten.add(report.fields); err != nil {
				return fmt.Errorf("rewrite report: %w", err)
			}
		}
		if r.failures != nil && !line.Status.Succeeded() {
			r.failures.add(line.Line, report.offset())
		}
		earlier.add(line)
	}
	if damage.rows > 0 {
		return &UnusableError{Path: r.file.path, Reason: damage.reason(), Damaged: damage.lines}
	}
	if r.rewritten != nil && report.layout.isCurrent && r.state.state.Retried == 0 {
		if err := r.rewritten.file.discard(); err != nil { // it would be the same
			return fmt.Errorf("rewrite report: %w", err)
		}
		r.rewritten = nil
	}
	if untold > 0 && r.target.UserPoolID != "" {
		r.disk.warn("%s does not tell of which user pool %d of its rows are, as an earlier version wrote them: make sure that it was %s",
			r.file.path, untold, r.target)
	}
	if r.failures != nil {
		r.failures.sort()
	}
	r.state.state.Earlier = earlier
	r.whole = report.whole()
	return nil
}

// note puts a line of the report into the index that it belongs to. It returns
// false when there is another line about the same row.
func (r *Recorder) note(l Line, again bool) bool {
	into, other := r.done, r.again
	if again {
		into, other = other, into
	}
	isDone, _, _ := other.find(l.Line, l.Username)
	return !isDone && into.add(l.Line, l.Username, l.Status.Succeeded())
}

// seeAgain finds the row of a line in the files that an earlier run has left. It may
// have been corrected in the input.
func (r *Recorder) seeAgain(l Line) {
	r.failed.old.find(l.Username)
	if l.Code == codeMalformedRecord {
		r.malformed.old = nil // its own bytes are nowhere else
	}
}

// compareTarget refuses a line of another user pool.
func (r *Recorder) compareTarget(line Line) error {
	if line.UserPoolID == "" || r.target.UserPoolID == "" {
		return nil
	}
	if was := (Target{line.UserPoolID, r.endpoint}); was != r.target {
		return &OtherTargetError{Path: r.file.path, Was: was, Is: r.target}
	}
	return nil
}

// damage is what is wrong with a report.
type damage struct {
	first *DamagedError
	lines []int // the first maxDamaged of them
	rows  int
}

const (
	maxDamaged = 1000
	// maxNamed is how many of the lines are named in a message.
	maxNamed = 20
)

func (d *damage) add(err *DamagedError) {
	if d.first == nil {
		d.first = err
	}
	if d.rows++; d.rows <= maxDamaged {
		d.lines = append(d.lines, err.Line)
	}
}

func (d *damage) reason() string {
	if d.rows == 1 {
		return "is " + d.first.Error()
	}
	named := d.lines[:min(len(d.lines), maxNamed)]
	return fmt.Sprintf("is damaged on lines %s; on line %d: %s", list(named, d.rows), d.first.Line, d.first.Reason)
}

// Remaining reads the input as far as the report goes and returns a source of
// the rows that are still to be done, or nil when there are none. It is an
// [*EditedError] when the input is not the one that the report is about; that
// is found out before anything is sent. Without Options.Resume it returns the
// source as it is. It is the cause of ctx when that ends first.
//
// Rows that an earlier run left out (they were in flight when it ended) are
// put off until the last line of the report is reached. The source is of no
// use after Close.
func (r *Recorder) Remaining(ctx context.Context, source worker.Source) (worker.Source, error) {
	if r.done == nil {
		return source, nil
	}
	// The directory of the report may be somebody else's. This one is known to
	// take new files.
	r.held.beside = r.failed.path
	err := r.compare(ctx, source, func(row worker.Row) (goOn bool, err error) {
		return row.Line <= r.done.last, r.held.add(row)
	})
	if err == nil {
		err = r.findLeftovers(ctx, source)
	}
	if err != nil {
		return nil, err
	}
	if r.held.isEmpty() {
		return nil, nil
	}
	return &remaining{&r.held, source}, nil
}

// Succeeded returns a row of the input that an earlier run has succeeded with, the zero
// value where Remaining has met none.
func (r *Recorder) Succeeded() worker.Row { return r.succeeded }

// findLeftovers reads on until all rows were found that an earlier run has left in its
// files. The last of them are in no report when that run was killed.
func (r *Recorder) findLeftovers(ctx context.Context, source worker.Source) error {
	for r.foreignRows() != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		row, err := source.Next()
		if errors.Is(err, io.EOF) {
			return r.foreignRows()
		}
		if err != nil {
			return err
		}
		for _, rows := range r.rowsFiles() {
			rows.see(row)
		}
		if err := r.held.add(row); err != nil {
			return err
		}
	}
	return nil
}

// foreignRows returns a [*ForeignError] for a file with rows that were not found.
func (r *Recorder) foreignRows() error {
	for _, rows := range r.rowsFiles() {
		if !rows.old.isFound() {
			return &ForeignError{Path: rows.path}
		}
	}
	return nil
}

// compare compares the rows of the input with the lines that were read of reports, and
// gives those without a line to missing, until that has seen enough of them.
func (r *Recorder) compare(ctx context.Context, source worker.Source, missing func(worker.Row) (goOn bool, err error)) error {
	for previous := 0; ; {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		row, err := source.Next()
		isEnd := errors.Is(err, io.EOF)
		if err != nil && !isEnd {
			return err
		}
		before := r.done.last
		if !isEnd {
			before = min(row.Line-1, before)
		}
		if line := r.done.firstIn(previous+1, before); line > 0 {
			return &EditedError{line, noRowHere}
		}
		if isEnd {
			return nil
		}
		previous = row.Line
		isDone, err := r.isDone(row)
		if err != nil {
			return err
		}
		if !isDone {
			if goOn, err := missing(row); err != nil || !goOn {
				return err
			}
		}
	}
}

// Has reports whether the report that is continued has a row that starts on this line
// of the input.
func (r *Recorder) Has(line int) bool {
	if r.done == nil {
		return false
	}
	done, _, _ := r.done.find(line, "")
	return done
}

// isDone reports whether the row is in the report. One that did not succeed is
// put into the new file of its kind on the way.
func (r *Recorder) isDone(row worker.Row) (bool, error) {
	done, same, succeeded := r.done.find(row.Line, oneline.Escape(row.Username))
	switch {
	case done && !same:
		return false, &EditedError{row.Line, "has another username than in the report"}
	case succeeded:
		r.succeeded = row
		r.succeeded.Raw = "" // it may be long
		return true, nil
	}
	for _, rows := range r.rowsFiles() {
		rows.see(row)
	}
	if !done {
		return false, nil
	}
	r.state.addEarlierRow(row)
	var why reason
	if r.failures != nil && r.failed.takes(row) {
		var err error
		if why, err = r.failures.find(row.Line); err != nil {
			return false, fmt.Errorf("read report: %w", err)
		}
	}
	return true, errors.Join(r.failed.restore(row, why), r.malformed.restore(row, why))
}

// remaining hands out the rows that were put off, then the rest.
type remaining struct {
	held *heldRows
	rest worker.Source
}

func (s *remaining) Next() (worker.Row, error) {
	if s.held.isEmpty() {
		return s.rest.Next()
	}
	return s.held.next()
}
