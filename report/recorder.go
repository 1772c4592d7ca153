package report

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"cognito-confirm/internal/atomicfile"
	"cognito-confirm/worker"
)

// Options set where the files are and what to do with those already there.
type Options struct {
	// Report, Failed and Malformed are the paths of the report, of the rows
	// that did not succeed, and of the records that are malformed. Without the
	// first two there is no recorder; an empty Malformed keeps no such records.
	Report, Failed, Malformed string
	// Overwrite replaces files that exist, Resume continues them; without
	// either they are refused. Both at once make no sense.
	Overwrite, Resume bool
	// Retry tells which rows of a report that is continued are done again.
	Retry Retry
	// Target is whom the run is about. A report of another one is not
	// continued. The zero value is compared with nothing.
	Target Target
	// Shard is the part of the input that the run is about. The report of another
	// one is not continued. The zero value is the whole input.
	Shard worker.Shard
	// Header is the input's header record as it stands there, for the
	// failed-rows file. Empty: none.
	Header string
	// Columns are the names in the header, as text. The failed-rows file then has
	// columns of its own for the reason. Nil: the input has no header, and the file
	// only the input's bytes.
	Columns []string
	// Delimiter separates the columns of the input. 0: a comma.
	Delimiter rune
	// Rows reads a failed-rows file as the input is read, to find out whose the rows are
	// that an earlier run has left. Nil: nobody can, and a run that resumes is refused
	// where there are some.
	Rows func(io.Reader) (worker.Source, error)
	// OnRead is called with how many bytes of a report that is continued were
	// read, every few thousand lines of it. Nil: nobody is told.
	OnRead func(bytes int64)
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

// Recorder writes results to the report and to the files of rows. It is a
// [worker.Sink], safe for concurrent use between Start and Close. One
// goroutine owns the files; the others hand it their results.
//
// Open, Remaining, Start, Record, Close is its life, or Open, Merge, Start, Close.
// Until Start nothing that was there before is changed, and Close leaves
// everything as it was.
type Recorder struct {
	options   Options
	target    Target // of the options, its endpoint in one spelling
	disk      *disk
	file      *heldFile
	failed    *rowsFile
	malformed *rowsFile
	state     sharedState

	done         *index    // nil unless the run is resumed
	again        *index    // the rows of the report that are not done
	failures     *failures // the lines that are needed again, nil unless some may be
	held         heldRows  // what Remaining puts off
	succeeded    worker.Row
	endpoint     string       // of the report as it was found
	shard        worker.Shard // the same, if isShardKnown
	isShardKnown bool
	noted        []note    // the notes of this run beside it
	whole        int64     // bytes of the report that are kept
	rewritten    *rewriter // nil unless the report becomes another one

	started bool
	queue   *queue
	ending  chan struct{} // closed when no more results come
	ended   chan struct{} // closed when the goroutine has ended
	err     error         // what it has ended with

	closeOnce func() error

	pending []worker.Result // taken from the queue and not yet written
	lines   []Line          // of these
	buffer  bytes.Buffer
	csv     *csv.Writer // to the buffer
	written int         // rows of this run that the operating system has
}

// Open opens and locks the report and the files of rows, and reads the report
// when it is to be continued. The error is an [*ExistsError] when a file is in
// the way, an [*OtherTargetError], an [*OtherShardError] or a [*ForeignError]
// when it is of another run, an [*UnusableError] when it is not a report that can
// be continued, and wraps [ErrLocked] when another run holds it. It is the cause
// of ctx when that ends first.
func Open(ctx context.Context, o Options) (*Recorder, error) { return openOn(ctx, newDisk(), o) }

func openOn(ctx context.Context, d *disk, o Options) (*Recorder, error) {
	r := &Recorder{
		options:   o,
		target:    o.Target.withPlainEndpoint(),
		disk:      d,
		failed:    newFailedRows(d, o),
		malformed: newMalformedRows(d, o),
		queue:     newQueue(),
		ending:    make(chan struct{}),
		ended:     make(chan struct{}),
	}
	r.csv = csv.NewWriter(&r.buffer)
	r.closeOnce = sync.OnceValue(r.close)
	var err error
	if r.file, err = d.hold("open report", o.Report, true); err != nil {
		return nil, err
	}
	if err := r.prepare(ctx); err != nil {
		return nil, errors.Join(err, r.discard())
	}
	return r, nil
}

func (r *Recorder) prepare(ctx context.Context) (err error) {
	report := newScanner(r.file.file)
	may := refuse
	switch {
	case r.options.Overwrite:
		may = replace
	case r.file.isBlank:
		// Rows without a report are not those of a run that is resumed.
	default:
		if may, err = r.examine(report); err != nil {
			return err
		}
	}
	if r.endpoint, err = readEndpoint(r.file.realPath()); err != nil {
		return err
	}
	if r.shard, r.isShardKnown, err = readShard(r.file.realPath()); err != nil {
		return err
	}
	for _, rows := range r.rowsFiles() {
		if err := rows.claim(ctx, r.options.Report, may); err != nil {
			return err
		}
	}
	if !r.options.Resume {
		return nil
	}
	r.done, r.again = newIndex(), newIndex()
	if r.file.isBlank {
		return nil
	}
	return r.readReport(ctx, report)
}

// examine finds out what may be done with the rows beside a report that has
// something in it.
func (r *Recorder) examine(report *scanner) (existing, error) {
	err := report.begin()
	switch {
	case r.options.Resume && (err == nil || errors.Is(err, io.EOF)):
		if report.layout.isOld() {
			return rebuildAny, nil
		}
		return rebuild, nil
	case r.options.Resume:
		return refuse, r.unusable(err)
	case err == nil:
		// A header without a line is what a killed run leaves too.
		if err = report.next(); errors.Is(err, io.EOF) {
			return refuse, nil
		}
	case errors.Is(err, io.EOF):
		info, err := r.file.file.Stat()
		if err != nil || atomicfile.IsPrivate(info) && !atomicfile.IsShared(info) {
			return refuse, err
		}
	}
	return refuse, &ExistsError{Path: r.file.path, IsReport: true}
}

// unusable adds the path of the report to an error about its content.
func (r *Recorder) unusable(err error) error {
	if errors.Is(err, ErrNotReport) {
		return &UnusableError{Path: r.file.path, Reason: "is " + err.Error(), IsHeaderless: true}
	}
	return err
}

func (r *Recorder) rowsFiles() []*rowsFile { return []*rowsFile{r.failed, r.malformed} }

// sweep removes what killed runs have left half made. Nobody else makes such files while
// this run holds those that they are for, and this run has none any more.
func (r *Recorder) sweep() {
	if r.disk.isLockless {
		return
	}
	report := r.file.realPath()
	files := []atomicfile.Unfinished{
		{Path: report, Ours: beginsAs(headerLine())}, endpointNote(report).unfinished(), shardNote(report).unfinished(),
	}
	for _, rows := range r.rowsFiles() {
		if rows.path != "" {
			files = append(files, atomicfile.Unfinished{Path: rows.path, Ours: beginsAs(rows.ownHeader())}, ownerNote(rows.path).unfinished())
		}
	}
	atomicfile.Sweep(files...)
}

// beginsAs recognizes a file with a header, which may be torn. Nothing is known of a
// file without one.
func beginsAs(header string) func(start []byte) bool {
	return func(start []byte) bool {
		text := strings.TrimPrefix(string(start), byteOrderMark)
		return header != "" && (strings.HasPrefix(text, header) || strings.HasPrefix(header, text))
	}
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
	if err := r.check(); err != nil {
		return err
	}
	if err := r.foreignRows(); err != nil {
		return err
	}
	// First, so that a crash in between leaves a report from which the rows can be made
	// again, and no rows whose report is gone.
	names := []string{r.file.realPath()}
	for _, rows := range r.rowsFiles() {
		if err := rows.begin(r.file.realPath()); err != nil {
			return err
		}
		if rows.path != "" {
			names = append(names, rows.path)
		}
	}
	if r.rewritten != nil {
		if err := r.disk.syncNames(names...); err != nil {
			return err
		}
	}
	if err := r.beginReport(); err != nil {
		return fmt.Errorf("open report: %w", err)
	}
	// After the lines of another target are gone, and before the first of this one.
	if r.target.UserPoolID != "" && r.endpoint != r.target.Endpoint {
		if err := writeEndpoint(r.file.realPath(), r.target.Endpoint); err != nil {
			return err
		}
		r.noted = append(r.noted, endpointNote(r.file.realPath()))
	}
	if err := writeShard(r.file.realPath(), r.options.Shard); err != nil {
		return err
	}
	r.noted = append(r.noted, shardNote(r.file.realPath()))
	r.sweep()
	return r.disk.syncNames(names...)
}

// beginReport makes the report what a run begins with.
func (r *Recorder) beginReport() error {
	if r.rewritten != nil {
		if err := r.rewritten.finish(); err != nil {
			return err
		}
		if err := r.file.replace(r.rewritten.file); err != nil {
			return err
		}
		r.rewritten = nil
		return nil
	}
	if r.whole > 0 {
		if err := r.file.truncate(r.whole); err != nil {
			return err
		}
		r.disk.keepPrivate(r.file.file, r.file.path)
	} else {
		if err := r.file.empty(); err != nil {
			return err
		}
		if _, err := r.file.Write([]byte(headerLine())); err != nil {
			return err
		}
	}
	return r.file.sync()
}

// discard leaves everything as Open found it.
func (r *Recorder) discard() error {
	err := errors.Join(r.failed.discard(), r.malformed.discard(), r.held.close())
	if r.rewritten != nil {
		err = errors.Join(err, r.rewritten.file.discard())
	}
	for _, note := range r.noted {
		if r.file.isMade {
			err = errors.Join(err, note.remove())
		}
	}
	return errors.Join(err, r.file.discard())
}

// Warnings returns what the run lacks without being stopped by it, each in a
// sentence for a person: locks, modes or syncs that the file system does not
// have, or what is missing in an old report. Call it after Open, and again after
// Start for all of them.
func (r *Recorder) Warnings() []string { return slices.Clone(r.disk.warnings) }

// State returns what is known at this moment. It may be called at any time and
// from any goroutine; what it returns is the caller's own.
func (r *Recorder) State() State { return r.state.get() }

// FailedPath returns the path of the failed-rows file, or "" when it has no
// rows. Call it after Close.
func (r *Recorder) FailedPath() string { return r.failed.pathIfAny() }

// MalformedPath is the same for the file of malformed records.
func (r *Recorder) MalformedPath() string { return r.malformed.pathIfAny() }

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
func (r *Recorder) Close() error { return r.closeOnce() }

func (r *Recorder) close() error {
	if !r.started {
		return r.discard()
	}
	close(r.ending)
	<-r.ended
	err := errors.Join(r.err, r.failed.close(), r.malformed.close(), r.held.close())
	if closeErr := r.file.file.Close(); closeErr != nil {
		err = errors.Join(err, fmt.Errorf("close report: %w", r.file.named(closeErr)))
	}
	return err
}
