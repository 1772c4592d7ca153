package report

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"cognito-confirm/internal/atomicfile"
)

// readReport adds the lines of one report to those of the ones before it.
func (m *merge) readReport(ctx context.Context, path string) error {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return fmt.Errorf("open report: %w", err)
	}
	if err := m.noteShard(path, real); err != nil {
		return err
	}
	endpoint, err := readEndpoint(real)
	if err != nil {
		return err
	}
	file, err := m.open(path)
	if err != nil {
		return err
	}
	err = m.readLines(ctx, path, endpoint, newScanner(file))
	m.read++
	return errors.Join(err, file.Close())
}

// noteShard refuses shards that do not belong to one whole.
func (m *merge) noteShard(path, real string) error {
	shard, isKnown, err := readShard(real)
	if err != nil || !isKnown {
		return err
	}
	if len(m.shards) == 0 {
		m.shardOf = path
	} else if first := m.shards[0]; first.Count != shard.Count {
		return &MixedShardsError{m.shardOf, path, first, shard}
	}
	m.shards = append(m.shards, shard)
	return nil
}

// open opens and locks a report. It may be one that this process may only read.
func (m *merge) open(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|atomicfile.NoBlock, 0)
	isReadOnly := errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)
	if isReadOnly {
		file, err = os.OpenFile(path, os.O_RDONLY|atomicfile.NoBlock, 0)
	}
	if err != nil {
		return nil, fmt.Errorf("open report: %w", err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &UnusableError{Path: path, Reason: "is not a regular file"}
	}
	if err == nil {
		err = m.recorder.disk.lock(file, path)
	}
	switch {
	case errors.Is(err, errHeld):
		err = &RunningError{path, holder(file)}
	case errors.Is(err, syscall.EBADF) && isReadOnly:
		// NFS locks only what may be written.
		m.recorder.disk.warn("%s cannot be locked, as it may only be read: make sure that no run writes to it", path)
		return file, nil
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

func (m *merge) readLines(ctx context.Context, path, endpoint string, report *scanner) error {
	r := m.recorder
	err := report.begin()
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case errors.Is(err, ErrNotReport):
		return &UnusableError{Path: path, Reason: "is " + err.Error(), IsHeaderless: true}
	case err != nil:
		return err
	}
	r.rewritten.from(report.layout)
	var damage damage
	isLookedFor := false // a line that was read before
	for line, err := range report.all() {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err == nil && !r.done.add(line.Line, line.Username, line.Status.Succeeded()) {
			if !isLookedFor {
				if err := m.lookFor(ctx, line.Line, path); err != nil {
					return err
				}
				isLookedFor = true
			}
			err = &DamagedError{report.number, fmt.Sprintf("%s: line %d of the input is in it twice", notALine, line.Line)}
		}
		if damaged, ok := errors.AsType[*DamagedError](err); ok {
			damage.add(damaged)
			continue
		}
		if err != nil {
			return err
		}
		if err := m.compareTarget(path, Target{line.UserPoolID, endpoint}); err != nil {
			return err
		}
		if r.failures != nil && !line.Status.Succeeded() {
			if err := r.failures.file.add(line.Line, r.rewritten.offset()); err != nil {
				return err
			}
		}
		if err := r.rewritten.add(report.fields); err != nil {
			return fmt.Errorf("write merged report: %w", err)
		}
		r.state.state.Earlier.add(line)
	}
	if damage.rows > 0 {
		return &UnusableError{Path: path, Reason: damage.reason(), Damaged: damage.lines}
	}
	return nil
}

// lookFor returns a [*TwiceError] when an earlier report has the line.
func (m *merge) lookFor(ctx context.Context, inputLine int, path string) error {
	for _, earlier := range m.reports[:m.read] {
		file, err := os.Open(earlier)
		if err != nil {
			return fmt.Errorf("open report: %w", err)
		}
		defer file.Close()
		for line := range Scan(file) {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if line.Line == inputLine {
				return &TwiceError{inputLine, earlier, path}
			}
		}
	}
	return nil
}

// compareTarget refuses lines of another user pool than those before. Lines of
// versions that did not write the pool are accepted.
func (m *merge) compareTarget(path string, target Target) error {
	r := m.recorder
	switch {
	case target.UserPoolID == "" || target == r.target:
		return nil
	case r.target == Target{}:
		r.target = target
		return nil
	default:
		return &OtherTargetError{Path: path, Was: target, Is: r.target}
	}
}
