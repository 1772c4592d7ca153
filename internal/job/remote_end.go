package job

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"cognito-confirm/internal/store"
)

// finish brings the whole of the files to the store, once the recorder is closed.
// isComplete: every row is in the report. A signal does not end it: its second one
// ends the process, and what the store has then is sound.
func (r *remote) finish(ctx context.Context, isComplete bool) error {
	if r.mirror == nil {
		return nil
	}
	ctx = context.WithoutCancel(ctx)
	r.isEnding.Store(true)
	mirrorErr := r.mirror.Stop()
	defer r.stopWatching()
	// As on the disk, the rows go first.
	for _, rows := range []*remoteFile{r.files.failed, r.files.malformed} {
		if err := r.put(ctx, rows, nil); err != nil {
			return errors.Join(r.lockError(err), mirrorErr)
		}
	}
	if err := r.put(ctx, r.files.report, r.include); err != nil {
		return errors.Join(r.lockError(err), mirrorErr)
	}
	r.isSafe = true
	parts := slices.Concat(r.existing.parts, r.mirror.Parts())
	main := r.files.report
	if isComplete {
		// The parts of a run that was taken over from go too: the report has all that is in them.
		all, err := main.store.List(ctx, store.PartsPrefix(main.key))
		if err == nil {
			parts = all
		}
	}
	if err := store.RemoveAll(ctx, main.store, parts, r.patience); err != nil {
		r.warn("parts of %s were left, and do no harm: %v", r.address, err)
	}
	return nil
}

// errOutrun means that a file in the store is another than was found: the answer to
// an earlier attempt was lost, or one from whom this run has taken over was late.
var errOutrun = errors.New("it was written meanwhile")

// put brings a file to the store as it is, or removes what is there in its place
// when there is none any more. What was written meanwhile is replaced as well: the
// lock is this run's. Before that it is given to include, unless that is nil.
func (r *remote) put(ctx context.Context, f *remoteFile, include func(context.Context, *remoteFile) error) error {
	if _, err := os.Lstat(f.local); errors.Is(err, fs.ErrNotExist) {
		if !f.exists() {
			return nil
		}
		return r.remove(ctx, f)
	}
	a := store.Attributes{Owner: owner(r.address)}
	if f == r.files.report {
		a.Owner = r.run
	}
	return store.Persist(ctx, r.patience, func(ctx context.Context) error {
		file, err := os.Open(f.local)
		if err != nil {
			return fmt.Errorf("upload %s: %w", f.role, err)
		}
		defer file.Close()
		info, err := file.Stat()
		if err != nil {
			return fmt.Errorf("upload %s: %w", f.role, err)
		}
		a.Condition = f.found.Same()
		// Events are written while they go up.
		tag, err := f.store.Write(ctx, f.key, io.NewSectionReader(file, 0, info.Size()), a)
		if err == nil {
			f.found = store.Info{Tag: tag}
		}
		if !errors.Is(err, store.ErrConflict) {
			return err
		}
		if err := r.find(ctx, f); err != nil {
			return err
		}
		if include != nil && f.exists() && f.found.Owner != a.Owner {
			if err := include(ctx, f); err != nil {
				return err
			}
		}
		return fmt.Errorf("write %s: %w", f.address, errOutrun)
	})
}

// include adds to the report on the disk what the one in the store has besides. The
// recorder is closed.
func (r *remote) include(ctx context.Context, f *remoteFile) error {
	late, both := r.scratch.path("late"), r.scratch.path("both")
	if err := store.FetchOne(ctx, f.store, f.key, late, r.patience); err != nil {
		return err
	}
	r.places[late] = f.address
	if err := unite(ctx, both, f.local, late); err != nil {
		return errors.Join(r.places.named(err), os.Remove(both))
	}
	return os.Rename(both, f.local)
}

// close ends the job in the store: the events follow, and the lock is given back
// when the store has everything. Otherwise the lock stays, with the name of this
// run, so that a later one on this machine finds what the disk has.
func (r *remote) close(ctx context.Context) error {
	if r.closed {
		return nil
	}
	r.closed = true
	ctx = context.WithoutCancel(ctx)
	if !r.isSafe {
		if r.lock == nil {
			return nil
		}
		r.lock.Stop()
		return r.keepJournal()
	}
	var err error
	if r.mirror != nil && r.files.events != nil {
		if err = r.put(ctx, r.files.events, nil); err != nil {
			err = fmt.Errorf("events are missing in %s: %w", r.files.events.address, err)
		}
	}
	if r.lock != nil {
		if releaseErr := r.lock.Release(ctx); releaseErr != nil {
			return errors.Join(err, fmt.Errorf("the lock of %s was left, and counts for 20 s: %w", r.address, releaseErr))
		}
	}
	if r.mirror != nil {
		return errors.Join(err, r.scratch.removeAll())
	}
	return errors.Join(err, r.scratch.remove())
}

// keepJournal keeps the journal of the run before this one where the name in the
// lock leads to, if this run has not made it a part of its own.
func (r *remote) keepJournal() error {
	if len(r.existing.journals) == 0 {
		return nil
	}
	if _, err := os.Lstat(r.files.report.local); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Rename(r.existing.journals[0], r.files.report.local)
}

func (r *remote) warn(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.warning = fmt.Sprintf(format, args...)
}

// warnings are what the store lacks without stopping the run.
func (r *remote) warnings() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.warning == "" {
		return nil
	}
	return []string{r.warning}
}
