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
	// batch is how many results are written at once at most, to bound what is
	// held in memory; at 5,000 rows a second flushEvery comes first.
	batch = 512
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
			if isDue = r.take(batch); !isDue {
				// A write before it may have taken its time.
				flush.Reset(flushEvery - r.queue.age())
			}
		case <-flush.C:
			isDue = r.take(1)
		case <-r.ending:
			return r.finish(syncing, underway)
		case <-tick.C:
			if syncing == nil && r.written > synced {
				underway = r.written
				syncing = make(chan error, 1)
				files := r.files()
				go func() { syncing <- syncFiles(files) }()
			}
		case err := <-syncing:
			if err != nil {
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

// take makes pending what is in the queue, if there are at least that many results.
func (r *Recorder) take(least int) (taken bool) {
	r.pending, taken = r.queue.take(least, r.pending)
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
	if r.take(1) {
		if err := r.write(); err != nil {
			return err
		}
	}
	if err := syncFiles(r.files()); err != nil {
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

// write hands what is pending to the operating system. The failed rows go
// first: a crash in between then leaves a row that is done again, and not one
// that is done with and missing where somebody looks for it.
func (r *Recorder) write() error {
	for _, result := range r.pending {
		r.failed.add(result)
		r.lines = append(r.lines, newLine(result))
	}
	if err := r.failed.write(); err != nil {
		return err
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
	r.buffer.Reset()
	return nil
}

// files returns the open files in the order in which they are synced, the
// failed rows first as in write.
func (r *Recorder) files() []lockedFile {
	if !r.failed.exists() {
		return []lockedFile{r.file}
	}
	return []lockedFile{r.failed.file, r.file}
}

// syncFiles brings what was written to the disk.
func syncFiles(files []lockedFile) error {
	for _, file := range files {
		if err := file.sync(); err != nil {
			return err
		}
	}
	return nil
}
