package report

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Repaired is what [Repair] came to.
type Repaired struct {
	// Kept counts the lines that are in the report now, Dropped those that are
	// not. The rows of the latter will be asked for again.
	Kept, Dropped int
	// Old is the path of the report as it was, empty when nothing was changed.
	Old string
}

// Repair keeps the sound lines of a damaged report, so that it can be resumed,
// and the report as it was beside it. A sound report stays as it is. Lines about
// one row of the input that contradict each other are all dropped. The error is
// an [*UnusableError] when the file has no line of a report in it, wraps
// [ErrLocked] when a run holds it, and is the cause of ctx when that ends first.
func Repair(ctx context.Context, path string) (Repaired, error) {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return Repaired{}, fmt.Errorf("open report: %w", err)
	}
	report, err := newDisk().hold("open report", path, true)
	if err != nil {
		return Repaired{}, err
	}
	repaired, err := repair(ctx, report)
	return repaired, errors.Join(err, report.file.Close())
}

func repair(ctx context.Context, report *heldFile) (Repaired, error) {
	plan, err := planRepair(ctx, report)
	if err != nil {
		return Repaired{}, err
	}
	if plan.done.Dropped == 0 && !plan.isHeaderless {
		return plan.done, nil
	}
	if plan.done.Kept == 0 {
		return Repaired{}, &UnusableError{Path: report.path, Reason: "has no line of a report in it"}
	}
	w, err := plan.rewrite(ctx, report)
	if err != nil {
		return Repaired{}, err
	}
	if plan.done.Old, err = keepOld(report); err == nil {
		err = report.replace(w.file)
	}
	if err != nil {
		return Repaired{}, errors.Join(fmt.Errorf("replace report: %w", err), w.file.discard())
	}
	return plan.done, report.disk.syncNames(report.path)
}

// repairPlan is what one reading of a damaged report has found.
type repairPlan struct {
	layout       layout
	isHeaderless bool         // the first line is damaged as well
	contested    map[int]bool // rows of the input whose lines contradict each other
	done         Repaired
}

func planRepair(ctx context.Context, report *heldFile) (*repairPlan, error) {
	plan := &repairPlan{contested: make(map[int]bool)}
	s, err := plan.scan(report)
	if err != nil {
		return nil, err
	}
	seen := newIndex()
	for {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		err := s.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if _, isDamaged := errors.AsType[*DamagedError](err); isDamaged {
			plan.done.Dropped++
			continue
		}
		if err != nil {
			return nil, err
		}
		succeeded := s.row.Status.Succeeded()
		if seen.add(s.row.Line, s.row.Username, succeeded) {
			plan.done.Kept++
			continue
		}
		plan.done.Dropped++
		if _, same, before := seen.find(s.row.Line, s.row.Username); !same || before != succeeded {
			plan.contested[s.row.Line] = true
		}
	}
	plan.done.Kept -= len(plan.contested)
	plan.done.Dropped += len(plan.contested)
	return plan, nil
}

// scan begins to read the report. Where the header is damaged, the lines are
// taken for those of the layout that a run writes.
func (p *repairPlan) scan(report *heldFile) (*scanner, error) {
	if _, err := report.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	s := newScanner(report.file)
	err := s.begin()
	if errors.Is(err, ErrNotReport) {
		p.isHeaderless = true
		s = newScanner(report.file)
		_, err = report.file.Seek(0, io.SeekStart)
	}
	if p.isHeaderless || errors.Is(err, io.EOF) { // without a line, it is empty
		s.read("", currentLayout())
	}
	p.layout = s.layout
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return s, nil
}

// rewrite writes the lines that are kept to a new file.
func (p *repairPlan) rewrite(ctx context.Context, report *heldFile) (*rewriter, error) {
	s, err := p.scan(report)
	if err != nil {
		return nil, err
	}
	w, err := newRewriter(report, p.layout)
	if err != nil {
		return nil, fmt.Errorf("rewrite report: %w", err)
	}
	written := newIndex()
	for err == nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
			break
		}
		err = s.next()
		if _, isDamaged := errors.AsType[*DamagedError](err); isDamaged {
			err = nil
			continue
		}
		if err == nil && !p.contested[s.row.Line] && written.add(s.row.Line, "", true) {
			err = w.add(s.fields)
		}
	}
	if errors.Is(err, io.EOF) {
		err = w.finish()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("rewrite report: %w", err), w.file.discard())
	}
	return w, nil
}

// keepOld gives the report as it is a second name, which nobody has, and
// returns it.
func keepOld(report *heldFile) (string, error) {
	for n := 1; ; n++ {
		path := report.path + ".damaged"
		if n > 1 {
			path = fmt.Sprintf("%s.%d", path, n)
		}
		err := os.Link(report.path, path)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			err = copyTo(report, path) // a file system without links
		}
		if !errors.Is(err, fs.ErrExist) {
			return path, err
		}
	}
}

// copyTo writes what is in the report to a new file.
func copyTo(report *heldFile, path string) error {
	copied, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return err
	}
	_, err = report.file.Seek(0, io.SeekStart)
	if err == nil {
		_, err = io.Copy(copied, report.file)
	}
	if err == nil {
		err = copied.Sync()
	}
	return errors.Join(err, copied.Close())
}
