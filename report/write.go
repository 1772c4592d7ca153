package report

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/gocarina/gocsv"
)

const (
	// flushEvery is how long a result waits for others to be written with it.
	// A result is to be with the operating system 100 ms after its answer;
	// half of that leaves room for the write itself.
	flushEvery = 50 * time.Millisecond
	// syncEvery is how much of a run a power cut may cost.
	syncEvery = time.Second
	// batch and batchBytes are how many results are written at once at most, to
	// bound what is held in memory; at 5,000 rows a second flushEvery comes first.
	batch      = 512
	batchBytes = 1 << 20
)

// run owns the files until the results end or a file fails.
func (r *Recorder) run() {
	defer close(r.ended)
	if r.err = r.loop(); r.err == nil {
		return
	}
	r.state.addLost(len(r.pending) + r.queue.fail(r.err))
	if r.options.OnFailure != nil {
		r.options.OnFailure(r.err)
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
	var synced, underway int // rows whose sync was a success, or is under way
	for {
		isDue := false
		select {
		case <-r.queue.ready:
			if isDue = r.take(true); !isDue {
				// A write before it may have taken its time.
				flush.Reset(flushEvery - r.queue.age())
			}
		case <-flush.C:
			isDue = r.take(false)
		case <-r.ending:
			return r.finish(syncing, underway)
		case <-tick.C:
			switch {
			case syncing != nil:
			case r.written > synced:
				underway = r.written
				syncing = make(chan error, 1)
				files := r.files()
				go func() { syncing <- syncFiles(files) }()
			default:
				// Somebody can harm an idle run too.
				if err := r.check(); err != nil {
					return err
				}
			}
		case err := <-syncing:
			if err != nil {
				return err
			}
			if err := r.check(); err != nil {
				return err
			}
			syncing, synced = nil, underway
			r.checkpoint(synced)
		}
		if isDue {
			flush.Stop()
			if err := r.write(); err != nil {
				return err
			}
		}
	}
}

// take makes pending what is in the queue, if there is any, or if it is full.
func (r *Recorder) take(onlyFull bool) (taken bool) {
	r.pending, taken = r.queue.take(onlyFull, r.pending)
	return taken
}

// finish waits for the sync that is under way and brings the rest to the disk.
func (r *Recorder) finish(syncing chan error, underway int) error {
	if syncing != nil {
		if err := <-syncing; err != nil {
			return err
		}
		r.checkpoint(underway)
	}
	if r.take(false) {
		if err := r.write(); err != nil {
			return err
		}
	}
	if err := syncFiles(r.files()); err != nil {
		return err
	}
	if err := r.check(); err != nil {
		return err
	}
	r.checkpoint(r.written)
	return nil
}

func (r *Recorder) checkpoint(rows int) {
	if r.options.OnCheckpoint != nil {
		r.options.OnCheckpoint(rows)
	}
}

// write hands what is pending to the operating system. The failed rows go first:
// after a crash in between, a row is done again. The other way round, it would be
// in the report and missing from the failed rows.
func (r *Recorder) write() error {
	for _, result := range r.pending {
		for _, rows := range r.rowsFiles() {
			rows.add(result)
		}
		r.lines = append(r.lines, newLine(result, r.target.UserPoolID))
	}
	for _, rows := range r.rowsFiles() {
		if err := rows.write(); err != nil {
			return err
		}
	}
	if err := gocsv.MarshalCSVWithoutHeaders(r.lines, r.csv); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	text := r.buffer.Bytes()
	n, err := r.file.Write(text)
	rows := len(r.lines)
	if err != nil {
		err = fmt.Errorf("write report: %w", err)
		// A disk that fills up takes the first rows and a part of one.
		rows = bytes.Count(text[:n], []byte("\n"))
		torn := n - 1 - bytes.LastIndexByte(text[:n], '\n')
		err = errors.Join(err, r.file.cutOff(int64(torn)))
	}
	r.state.addWritten(r.pending[:rows], r.lines[:rows])
	r.written += rows
	if err != nil {
		r.pending = r.pending[rows:]
		return err
	}
	// What they hold is not to be kept until the next batch is as large.
	clear(r.pending)
	clear(r.lines)
	r.pending, r.lines = r.pending[:0], r.lines[:0]
	if r.buffer.Reset(); r.buffer.Cap() > maxBuffer {
		r.buffer = bytes.Buffer{}
	}
	return nil
}

// files returns the files in the order in which they are synced, the rows first
// as in write.
func (r *Recorder) files() []*heldFile {
	var files []*heldFile
	for _, rows := range r.rowsFiles() {
		if rows.file != nil && rows.file.size > 0 {
			files = append(files, rows.file)
		}
	}
	return append(files, r.file)
}

// syncFiles brings what was written to the disk.
func syncFiles(files []*heldFile) error {
	for _, file := range files {
		if err := file.sync(); err != nil {
			return err
		}
	}
	return nil
}

// check finds out whether somebody else has changed, removed or replaced a
// file. It may not run beside write, which moves their ends.
func (r *Recorder) check() error {
	err := r.file.check()
	for _, rows := range r.rowsFiles() {
		if err == nil && rows.file != nil {
			err = rows.file.check()
		}
	}
	return err
}
