package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"cognito-confirm/internal/program"
	"cognito-confirm/internal/rows"
	"cognito-confirm/internal/store"
	"cognito-confirm/report"
)

// Merge makes one report of those of the chunks, once every row of the input is in them.
func (a *Activities) Merge(ctx context.Context, order Order) (report.Counts, error) {
	work, k := keep(ctx, a.heartbeats, func() any { return nil })
	defer k.release()
	counts, err := a.merge(work, order, k)
	return counts, failure(work, err)
}

func (a *Activities) merge(ctx context.Context, order Order, k *keeper) (report.Counts, error) {
	l, err := open(ctx, order.Store, order.Run, a.scratch)
	if err != nil {
		return report.Counts{}, err
	}
	l.store = store.While(k.lease, l.store)
	var summary report.Summary
	err = l.readJSON(ctx, summaryName, &summary)
	if errors.Is(err, fs.ErrNotExist) {
		summary, err = a.mergeChunks(ctx, l)
	}
	if err != nil {
		return report.Counts{}, err
	}
	return summary.Counts, l.removeChunks(ctx)
}

// mergeChunks writes the report, the rows that did not succeed, and at last the
// summary, which tells that the run is done.
func (a *Activities) mergeChunks(ctx context.Context, l *location) (report.Summary, error) {
	if err := os.MkdirAll(l.scratch, 0o700); err != nil {
		return report.Summary{}, fmt.Errorf("make scratch directory: %w", err)
	}
	dir, err := os.MkdirTemp(l.scratch, "merge-")
	if err != nil {
		return report.Summary{}, fmt.Errorf("make scratch directory: %w", err)
	}
	defer os.RemoveAll(dir)
	j, object, err := l.openInput(ctx)
	if err != nil {
		return report.Summary{}, err
	}
	reports, err := l.fetchChunks(ctx, dir)
	if err != nil {
		return report.Summary{}, err
	}
	started := time.Now()
	hashed := &hashedObject{Object: object, sum: sha256.New()}
	in, err := rows.Open(ctx, j.input(hashed))
	if err != nil {
		return report.Summary{}, err
	}
	recorder, err := report.Open(ctx, report.Options{
		Report: filepath.Join(dir, reportName), Failed: filepath.Join(dir, failedName), Malformed: filepath.Join(dir, malformedName),
		Header: in.Header(), Columns: in.Columns(), Delimiter: in.Delimiter(),
	})
	if err != nil {
		return report.Summary{}, err
	}
	err = recorder.Merge(ctx, in, reports...)
	if err == nil && hashed.hex() != j.SHA256 {
		err = &damagedError{inputName}
	}
	if err == nil {
		err = recorder.Start()
	}
	if err = errors.Join(err, recorder.Close()); err != nil {
		return report.Summary{}, err
	}
	for _, name := range []string{failedName, malformedName, reportName} {
		if err := l.writeFile(ctx, name, filepath.Join(dir, name)); err != nil {
			return report.Summary{}, err
		}
	}
	target := recorder.Target()
	summary := report.Summary{
		Outcome: report.Finished, Input: j.Source, Report: l.name(reportName),
		Version: a.version, UserPoolID: target.UserPoolID, Endpoint: target.Endpoint,
	}
	summary.Count(recorder.State())
	if recorder.FailedPath() != "" {
		summary.Failed = l.name(failedName)
	}
	if recorder.MalformedPath() != "" {
		summary.Malformed = l.name(malformedName)
	}
	if summary.Unsuccessful() > 0 {
		summary.ExitStatus = program.Unsuccessful
	}
	summary.Time(started, time.Since(started))
	return summary, l.writeJSON(ctx, summaryName, summary)
}

// fetchChunks copies the reports of all chunks into a directory. A chunk whose report has
// changed since it was written counts as open: a run that is started again does it.
func (l *location) fetchChunks(ctx context.Context, dir string) (paths []string, err error) {
	var p plan
	if err := l.readJSON(ctx, planName, &p); err != nil {
		return nil, err
	}
	for i, part := range p.Chunks {
		var done doneFile
		if err := l.readJSON(ctx, chunkDone(i), &done); err != nil {
			return nil, err
		}
		path := filepath.Join(dir, chunkReport(i))
		if err := store.FetchOne(ctx, l.store, l.name(chunkReport(i)), path, patience); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if sum, err := hashFile(path); err != nil || sum != done.SHA256 || done.Done.Counts.Rows != part.Rows {
			return nil, errors.Join(&damagedError{chunkReport(i)}, l.store.Remove(ctx, l.name(chunkDone(i))))
		}
		paths = append(paths, path)
	}
	return paths, nil
}

func hashFile(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	sum := sha256.New()
	_, err = io.Copy(sum, file)
	return hex.EncodeToString(sum.Sum(nil)), err
}

// drain reads a text to its end.
func drain(text io.Reader) error {
	_, err := io.Copy(io.Discard, text)
	return err
}

// removeChunks removes what the report has.
func (l *location) removeChunks(ctx context.Context) error {
	names, err := l.store.List(ctx, l.name(chunkPrefix))
	if err != nil {
		return err
	}
	if err := store.RemoveAll(ctx, l.store, names, patience); err != nil {
		return err
	}
	return os.RemoveAll(l.scratch)
}
