package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"
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

// run owns the files until the results end or a file fails.
func (r *Recorder) run() {
	defer close(r.ended)
	if r.err = r.loop(); r.err == nil {
		return
	}
	r.tally.addLost(len(r.pending) + r.queue.fail(r.err))
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
	unsynced := false
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
			return r.finish(syncing)
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
		if isDue {
			flush.Stop()
			unsynced = true
			if err := r.write(); err != nil {
				return err
			}
		}
	}
}

// take makes pending what is in the queue, if that is at least so many results.
func (r *Recorder) take(least int) (taken bool) {
	r.pending, taken = r.queue.take(least, r.pending)
	return taken
}

func (r *Recorder) finish(syncing chan error) error {
	if syncing != nil {
		if err := <-syncing; err != nil {
			return err
		}
	}
	if r.take(1) {
		if err := r.write(); err != nil {
			return err
		}
	}
	return syncFiles(r.files())
}

// write hands what is pending to the operating system. The failed rows go
// first: a crash in between then leaves a row that is done again, and not one
// that is done with and missing where somebody looks for it.
func (r *Recorder) write() error {
	for _, result := range r.pending {
		if err := r.failed.add(result); err != nil {
			return err
		}
	}
	if err := r.failed.write(); err != nil {
		return err
	}
	for _, result := range r.pending {
		r.fields = appendFields(r.fields[:0], result)
		if err := r.csv.Write(r.fields); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
	}
	r.csv.Flush()
	text := r.buffer.Bytes()
	n, err := r.file.Write(text)
	rows := len(r.pending)
	if err != nil {
		err = fmt.Errorf("write report: %w", err)
		// A disk that fills up takes the first rows and a part of one.
		rows = bytes.Count(text[:n], []byte("\n"))
		torn := n - 1 - bytes.LastIndexByte(text[:n], '\n')
		err = errors.Join(err, r.file.cutOff(int64(torn)))
	}
	for _, result := range r.pending[:rows] {
		r.tally.add(result)
	}
	r.buffer.Reset()
	if err != nil {
		r.pending = r.pending[rows:]
		return err
	}
	clear(r.pending)
	r.pending = r.pending[:0]
	return nil
}

// cutOff takes the last n bytes off a file that was written only in part, so
// that it ends with a whole line.
func (f outFile) cutOff(n int64) error {
	if n == 0 {
		return nil
	}
	end, err := f.Seek(-n, io.SeekCurrent)
	if err == nil {
		err = f.Truncate(end)
	}
	if err != nil {
		return fmt.Errorf("cut off torn line: %w", err)
	}
	return nil
}

// files returns the open files in the order in which they are synced, the
// failed rows first as in write.
func (r *Recorder) files() []outFile {
	if !r.failed.exists() {
		return []outFile{r.file}
	}
	return []outFile{r.failed.file, r.file}
}

// syncFiles brings what was written to the disk.
func syncFiles(files []outFile) error {
	for _, file := range files {
		if err := file.sync(); err != nil {
			return err
		}
	}
	return nil
}
