package report

import (
	"context"
	"fmt"

	"cognito-confirm/worker"
)

// Merge reads the reports of all shards of an input, for Start to write them as
// one report. source is the whole input, with which they are compared: every
// row has to be in one of them, and in no other. The recorder must be one that
// does not resume. Until Start nothing is written; after an error the recorder
// is good for Close alone.
//
// The error is a [*MissingError] when the shards are not done, a
// [*RunningError] when one still runs, a [*TwiceError] or a [*MixedShardsError]
// when the reports do not belong together, an [*OtherTargetError] when they are
// about several user pools, an [*EditedError] when they are not about this
// input, and an [*UnusableError] when one is damaged or not a report. It is the
// cause of ctx when that ends first.
//
// It takes four bytes of memory a row.
func (r *Recorder) Merge(ctx context.Context, source worker.Source, reports ...string) error {
	m := &merge{recorder: r, reports: reports}
	current := currentLayout()
	var err error
	if r.rewritten, err = newRewriter(r.file, current); err != nil {
		return fmt.Errorf("create merged report: %w", err)
	}
	r.done = newIndex()
	if r.failed.reasons != nil {
		failed, err := newFailureFile(r.failed.path)
		if err != nil {
			return err
		}
		defer failed.close() // nobody reads it any more
		merged := r.rewritten.file
		r.failures = &failures{report: merged.file, path: merged.path, layout: current, file: failed}
	}
	for _, path := range reports {
		if err := m.readReport(ctx, path); err != nil {
			return err
		}
	}
	r.rewritten.csv.Flush() // for failures to find lines in it
	if err := r.rewritten.csv.Error(); err != nil {
		return fmt.Errorf("write merged report: %w", err)
	}
	missing := newMissing(m.shards)
	err = r.compare(ctx, source, func(row worker.Row) (goOn bool, err error) {
		missing.add(row)
		return true, nil
	})
	if err != nil {
		return err
	}
	return missing.err()
}

// Target returns whom the report is about: the target of the options, or that of
// the reports that were merged. It is zero as long as it is unknown.
func (r *Recorder) Target() Target { return r.target }

// merge is what has been read of the reports.
type merge struct {
	recorder *Recorder
	reports  []string
	read     int // of these
	// shards are those that the reports are of, as far as that is known.
	shards  []worker.Shard
	shardOf string // the report that the first of them is of
}
