package report

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"cognito-confirm/worker"
)

// Options say where the files are and what to do with those already there.
type Options struct {
	// Report and Failed are the paths of the two files. Required.
	Report, Failed string
	// Overwrite replaces files that exist, Resume continues them; without
	// either they are refused. Both at once make no sense.
	Overwrite, Resume bool
	// Header is the input's header record as it stands there, for the
	// failed-rows file. Empty: none.
	Header string
	// OnFailure is called once, from another goroutine, when a file cannot be
	// written any more: the caller has to stop sending. Nil: nobody is told
	// before the next Record or Close.
	OnFailure func(error)
	// OnCheckpoint is called after each sync with the number of this run's
	// rows that are on the disk by then; it never falls. The calls come one
	// after the other, and results are not written while one lasts. Nil:
	// nobody is told.
	OnCheckpoint func(rows int)
}

// Recorder writes results to the report and to the failed-rows file. It is a
// [worker.Sink], safe for concurrent use between Start and Close. One
// goroutine owns the files; the others hand it their results.
//
// Open, Remaining, Start, Record, Close is its life. Until Start nothing that
// was there before is changed, and Close leaves everything as it was.
type Recorder struct {
	options Options
	file    lockedFile
	isNew   bool // the report was made by Open
	failed  *failedRows
	state   sharedState

	done  *index // nil unless the run is resumed
	whole int64  // bytes of the report that are kept

	started bool
	queue   *queue
	ending  chan struct{} // closed when no more results come
	ended   chan struct{} // closed when the goroutine has ended
	err     error         // what it has ended with

	closing  sync.Once
	closeErr error

	pending []worker.Result // taken from the queue and not yet written
	lines   []Line          // of these
	buffer  bytes.Buffer
	csv     *csv.Writer // to the buffer
	written int         // rows of this run that the operating system has
}

// Open opens and locks the report, reads it when it is to be continued, and
// makes sure that the failed-rows file can be made. The error is an
// [*ExistsError] when a file is in the way, an [*UnusableError] when the file
// is no report that can be continued, and wraps [ErrLocked] when another run
// holds it. It is the cause of ctx when that ends first.
func Open(ctx context.Context, o Options) (*Recorder, error) {
	r := &Recorder{
		options: o,
		failed:  &failedRows{path: o.Failed, header: o.Header},
		queue:   newQueue(),
		ending:  make(chan struct{}),
		ended:   make(chan struct{}),
	}
	r.csv = csv.NewWriter(&r.buffer)
	var err error
	if r.file, r.isNew, err = openReport(o.Report, o.Overwrite || o.Resume); err != nil {
		return nil, err
	}
	if err := r.prepare(ctx); err != nil {
		return nil, errors.Join(err, r.discard())
	}
	return r, nil
}

func (r *Recorder) prepare(ctx context.Context) error {
	// Failed rows without a report are not those of a run that is resumed.
	existing := r.options.Overwrite || r.options.Resume && !r.isNew
	if err := r.failed.check(existing, r.options.Resume); err != nil {
		return err
	}
	if r.options.Resume {
		return r.readReport(ctx)
	}
	return nil
}

// Start begins to write: what is to be overwritten goes now, and a torn last
// line is cut off.
func (r *Recorder) Start() error {
	if err := r.begin(); err != nil {
		return err
	}
	r.started = true
	go r.run()
	return nil
}

func (r *Recorder) begin() error {
	if err := errors.Join(r.file.Truncate(r.whole), r.file.Chmod(fileMode)); err != nil {
		return fmt.Errorf("open report: %w", err)
	}
	if _, err := r.file.Seek(r.whole, io.SeekStart); err != nil {
		return fmt.Errorf("open report: %w", err)
	}
	if r.whole == 0 {
		if _, err := r.file.WriteString(headerLine()); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
	}
	if err := r.file.sync(); err != nil {
		return err
	}
	if err := syncDirectory(r.file.path); err != nil {
		return err
	}
	return r.failed.replace()
}

// discard leaves everything as Open found it.
func (r *Recorder) discard() error {
	err := r.failed.discard()
	if r.isNew {
		err = errors.Join(err, os.Remove(r.file.path))
	}
	return errors.Join(err, r.closeReport())
}

// State returns what is known at this moment. It may be called at any time and
// from any goroutine; what it returns is the caller's own.
func (r *Recorder) State() State { return r.state.get() }

// FailedPath returns the path of the failed-rows file, or "" while there is
// none. Call it after Close.
func (r *Recorder) FailedPath() string {
	if !r.failed.exists() {
		return ""
	}
	return r.failed.path
}

// Record takes a result, to be written within a tenth of a second. It returns
// the error of an earlier write when the files cannot be written any more.
func (r *Recorder) Record(result worker.Result) error {
	err := r.queue.add(result)
	if err != nil {
		r.state.addLost(1)
	}
	return err
}

// Close writes and syncs what is left and closes the files. It returns the
// error of any write that failed since Start. Without Start it leaves
// everything as it was before Open. Record must not be called after it;
// closing again does nothing and returns the same.
func (r *Recorder) Close() error {
	r.closing.Do(func() { r.closeErr = r.close() })
	return r.closeErr
}

func (r *Recorder) close() error {
	if !r.started {
		return r.discard()
	}
	close(r.ending)
	<-r.ended
	return errors.Join(r.err, r.failed.close(), r.closeReport())
}

func (r *Recorder) closeReport() error {
	if err := r.file.Close(); err != nil {
		return fmt.Errorf("close report: %w", err)
	}
	return nil
}
