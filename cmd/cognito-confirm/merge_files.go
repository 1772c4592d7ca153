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

// mergeOutputs are the files that a merge makes, on the disk or on their way to a bucket.
type mergeOutputs struct {
	report, failed, malformed string // on the disk
	// uploads are those for a bucket, the report last.
	uploads []*job.Output
}

// openOutputs tells where the files are made, and refuses what may not be replaced in a
// bucket. On the disk [report.Open] does.
func (m *mergeCommand) openOutputs(ctx context.Context, staging *job.Staging, names report.Options) (*mergeOutputs, error) {
	out := &mergeOutputs{report: names.Report, failed: names.Failed, malformed: names.Malformed}
	if isRemote := store.IsAddress(names.Report); isRemote != store.IsAddress(names.Failed) {
		return nil, &job.MixedError{Role: "failed-rows file", Path: names.Failed}
	} else if !isRemote {
		return out, nil
	}
	if err := staging.CheckIdle(ctx, names.Report); err != nil {
		return nil, err
	}
	for _, file := range []struct {
		path *string
		o    job.OutputOptions
	}{
		{&out.failed, job.OutputOptions{Name: "failed.csv", Owner: names.Report}},
		{&out.malformed, job.OutputOptions{Name: "malformed.csv", Owner: names.Report}},
		{&out.report, job.OutputOptions{Name: "report.csv", IsReport: true}},
	} {
		file.o.Overwrite = m.Overwrite
		upload, err := staging.Output(ctx, *file.path, file.o)
		if err != nil {
			return nil, err
		}
		*file.path = upload.Path
		out.uploads = append(out.uploads, upload)
	}
	return out, nil
}

// put brings the files to the bucket.
func (o *mergeOutputs) put(ctx context.Context) error {
	for _, upload := range o.uploads {
		if err := upload.Put(ctx); err != nil {
			return err
		}
	}
	return nil
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
			return nil, flags.Usage(err.Error(), aboutNoReport)
		}
		if err != nil {
			return nil, err
		}
	}
	return paths, nil
}
