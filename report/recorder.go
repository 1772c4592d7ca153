package report

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/gocarina/gocsv"
	"github.com/gofrs/flock"

	"cognito-confirm/worker"
)

const (
	// flushEvery is how long a result waits for others to be written with it.
	// A result is to be with the operating system 100 ms after its answer;
	// half of that leaves room for the write itself.
	flushEvery = 50 * time.Millisecond
	// syncEvery is how much of a run a power cut may cost.
	syncEvery = time.Second
	// batch is how many results are written at once at the most, to bound
	// what is held in memory; at 5,000 rows a second flushEvery comes first.
	batch = 512
)

// Options say where the files are and what to do with those already there.
type Options struct {
	// Report and Failed are the paths of the two files. Required.
	Report, Failed string
	// Overwrite replaces files that exist; without it they are refused.
	Overwrite bool
	// Header is the input's header, for the failed-rows file. Nil: none.
	Header []string
	// Delimiter is the input's, for the failed-rows file. Zero: a comma. The
	// report always has commas.
	Delimiter rune
	// OnFailure is called once, from another goroutine, when a file cannot be
	// written any more: the caller has to stop sending. Nil: nobody is told
	// before the next Record or Close.
	OnFailure func(error)
}

// Recorder writes results to the report and to the failed-rows file. It is a
// [worker.Sink], safe for concurrent use. One goroutine owns the files; the
// others hand it their results.
type Recorder struct {
	options Options
	file    *os.File
	lock    *flock.Flock
	failed  *failedRows
	tally   *Tally

	results chan worker.Result
	broken  chan struct{} // closed when err is set
	done    chan struct{} // closed when the goroutine has ended
	err     error

	pending []line
	held    []worker.Result // the results of the pending lines
	buffer  bytes.Buffer
	csv     gocsv.CSVWriter
}

// Open opens and locks the report, writes its header and makes sure that the
// failed-rows file can be made. The error is an [*ExistsError] when a file is in the
// way, and wraps [ErrLocked] when another run holds the report. Close the
// recorder when the last result is recorded.
func Open(o Options) (*Recorder, error) {
	r := &Recorder{
		options: o,
		failed:  newFailedRows(o.Failed, o.Header, o.Delimiter),
		tally:   newTally(),
		results: make(chan worker.Result, batch),
		broken:  make(chan struct{}),
		done:    make(chan struct{}),
	}
	r.csv = gocsv.NewSafeCSVWriter(csv.NewWriter(&r.buffer))
	var (
		isNew bool
		err   error
	)
	if r.file, r.lock, isNew, err = openReport(o.Report, o.Overwrite); err != nil {
		return nil, err
	}
	if err := r.begin(); err != nil {
		if isNew {
			// Nothing was done yet, so nothing may look as if there had been a run.
			err = errors.Join(err, os.Remove(o.Report))
		}
		return nil, errors.Join(err, r.closeReport())
	}
	go r.run()
	return r, nil
}

// begin checks the place of the failed-rows file and starts the report. An
// existing report is emptied last, when nothing else can stand in the way.
func (r *Recorder) begin() error {
	if err := r.failed.checkPlace(r.options.Overwrite); err != nil {
		return err
	}
	if err := errors.Join(r.file.Truncate(0), r.file.Chmod(fileMode)); err != nil {
		return fmt.Errorf("overwrite report: %w", err)
	}
	if err := gocsv.MarshalCSV([]line{}, r.csv); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if _, err := r.buffer.WriteTo(r.file); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if err := r.file.Sync(); err != nil {
		return fmt.Errorf("sync report: %w", err)
	}
	return syncDirectory(r.options.Report)
}

// Tally returns the counts of what was recorded, which go on changing.
func (r *Recorder) Tally() *Tally { return r.tally }

// FailedPath returns the path of the failed-rows file, or "" while there is
// none. Call it after Close.
func (r *Recorder) FailedPath() string {
	if r.failed.file == nil {
		return ""
	}
	return r.options.Failed
}

// Record takes a result, to be written within a tenth of a second. It returns
// the error of an earlier write when the files cannot be written any more.
func (r *Recorder) Record(result worker.Result) error {
	select {
	case <-r.broken:
		r.tally.addLost(1)
		return r.err
	default:
	}
	select {
	case r.results <- result:
		return nil
	case <-r.broken:
		r.tally.addLost(1)
		return r.err
	}
}

// Close writes and syncs what is left and closes the files. It returns the
// error of any write that failed since Open. Record must not be called after it.
func (r *Recorder) Close() error {
	close(r.results)
	<-r.done
	for range r.results {
		r.tally.addLost(1) // accepted, but behind the failure
	}
	return errors.Join(r.err, r.failed.close(), r.closeReport())
}

func (r *Recorder) closeReport() error {
	if err := errors.Join(r.lock.Close(), r.file.Close()); err != nil {
		return fmt.Errorf("close report: %w", err)
	}
	return nil
}

// run owns the files until the results end or a file fails.
func (r *Recorder) run() {
	defer close(r.done)
	if err := r.loop(); err != nil {
		r.tally.addLost(len(r.held))
		r.err = err
		close(r.broken)
		if r.options.OnFailure != nil {
			r.options.OnFailure(err)
		}
	}
}

func (r *Recorder) loop() error {
	flush := time.NewTimer(flushEvery)
	flush.Stop()
	defer flush.Stop()
	tick := time.NewTicker(syncEvery)
	defer tick.Stop()
	// A sync may take long on a busy disk. The next results are written
	// meanwhile, so that they are not late with the operating system.
	var syncing chan error
	unsynced := false
	for {
		select {
		case result, more := <-r.results:
			if !more {
				return r.finish(syncing)
			}
			if err := r.add(result); err != nil {
				return err
			}
			switch len(r.pending) {
			case 1:
				flush.Reset(flushEvery)
			case batch:
				flush.Stop()
				unsynced = true
				if err := r.write(); err != nil {
					return err
				}
			}
		case <-flush.C:
			unsynced = true
			if err := r.write(); err != nil {
				return err
			}
		case <-tick.C:
			if syncing == nil && unsynced {
				unsynced = false
				syncing = make(chan error, 1)
				files := r.files()
				go func() { syncing <- syncFiles(files) }()
			}
		case err := <-syncing:
			if err != nil {
				return err
			}
			syncing = nil
		}
	}
}

func (r *Recorder) finish(syncing chan error) error {
	if syncing != nil {
		if err := <-syncing; err != nil {
			return err
		}
	}
	if err := r.write(); err != nil {
		return err
	}
	return syncFiles(r.files())
}

func (r *Recorder) add(result worker.Result) error {
	r.pending = append(r.pending, newLine(result))
	r.held = append(r.held, result)
	return r.failed.add(result)
}
