package main

import (
	"context"
	"errors"
	"io/fs"

	"cognito-confirm/internal/flags"
	"cognito-confirm/internal/job"
	"cognito-confirm/internal/store"
	"cognito-confirm/report"
)

// stageOutputs puts paths on the disk in the place of addresses, and refuses what may not
// be replaced in a bucket. On the disk [report.Open] does. It returns what goes to the
// bucket in the end, the report last.
func (m *mergeCommand) stageOutputs(ctx context.Context, staging *job.Staging, o *report.Options) (uploads []*job.Output, err error) {
	address := o.Report
	if isRemote := store.IsAddress(address); isRemote != store.IsAddress(o.Failed) {
		return nil, &job.MixedError{Role: "failed-rows file", Path: o.Failed}
	} else if !isRemote {
		return nil, nil
	}
	if err := staging.CheckIdle(ctx, address); err != nil {
		return nil, err
	}
	for _, file := range []struct {
		path *string
		o    job.OutputOptions
	}{
		{&o.Failed, job.OutputOptions{Name: "failed.csv", Owner: address}},
		{&o.Malformed, job.OutputOptions{Name: "malformed.csv", Owner: address}},
		{&o.Report, job.OutputOptions{Name: "report.csv", IsReport: true}},
	} {
		file.o.Overwrite = m.Overwrite
		upload, err := staging.Output(ctx, *file.path, file.o)
		if err != nil {
			return nil, err
		}
		*file.path = upload.Path
		uploads = append(uploads, upload)
	}
	return uploads, nil
}

// fetch returns where the reports of the shards are on the disk.
func (m *mergeCommand) fetch(ctx context.Context, staging *job.Staging) ([]string, error) {
	paths := make([]string, len(m.Reports))
	for i, address := range m.Reports {
		err := staging.CheckIdle(ctx, address)
		if err == nil {
			paths[i], err = staging.Report(ctx, address)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil, flags.Usage(textOf(err), aboutNoReport)
		}
		if err != nil {
			return nil, err
		}
	}
	return paths, nil
}
