package job

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"

	"cognito-confirm/internal/lease"
	"cognito-confirm/internal/store"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// guard returns the limiter that lets no call start outside the leases.
func (r *remote) guard(limiter worker.Limiter) worker.Limiter {
	if r == nil {
		return limiter
	}
	return lease.Guard(limiter, r.sending, r.saved)
}

// guardCalls returns the configuration with a last look at the leases before each
// call goes out: the process may have been frozen since it was let pass. A call that
// does not go out is a failure in passing, and its row waits as the others do.
func (r *remote) guardCalls(loaded aws.Config) aws.Config {
	if r == nil {
		return loaded
	}
	look := middleware.DeserializeMiddlewareFunc("CheckLease", func(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
		if !lease.AllHeld(r.sending, r.saved) {
			return middleware.DeserializeOutput{}, middleware.Metadata{}, lease.ErrLapsed
		}
		return next.HandleDeserialize(ctx, in)
	})
	loaded.APIOptions = append(loaded.APIOptions[:len(loaded.APIOptions):len(loaded.APIOptions)], func(stack *middleware.Stack) error {
		return stack.Deserialize.Add(look, middleware.After) // the last one before the wire
	})
	return loaded
}

// begin makes the store ready for the run, once the recorder has begun: what is to
// be overwritten goes, and the journal is mirrored from now on.
func (r *remote) begin(ctx context.Context, o Options) error {
	if r == nil {
		return nil
	}
	r.isSafe = false
	main := r.files.report
	if o.Overwrite {
		if err := r.removeEarlier(ctx); err != nil {
			return r.lockError(err)
		}
	}
	local := report.Notes(main.local)
	for i, note := range report.Notes(main.key) {
		if err := r.writeNote(ctx, local[i], note); err != nil {
			return r.lockError(err)
		}
	}
	if o.Retry.Failed && r.hasReport() {
		if err := r.replaceReport(ctx); err != nil {
			return r.lockError(err)
		}
	}
	file, err := os.Open(main.local)
	if err != nil {
		return fmt.Errorf("mirror report: %w", err)
	}
	defer file.Close()
	header, err := bufio.NewReader(file).ReadString('\n')
	if err != nil {
		return fmt.Errorf("mirror report: %w", err)
	}
	if o.Resume && len(r.existing.journals) == 0 {
		if r.from, err = file.Seek(0, io.SeekEnd); err != nil {
			return fmt.Errorf("mirror report: %w", err)
		}
	}
	r.mirror, err = store.NewMirror(store.Mirrored{
		Store: main.store, Name: main.key, Run: r.run, Path: main.local, Header: header, From: r.from,
		Saved: r.saved,
	})
	if err != nil {
		return err
	}
	r.watch()
	r.isRunning.Store(true)
	return nil
}

// removeEarlier removes what is to be overwritten, the report before its parts:
// those are a report by themselves.
func (r *remote) removeEarlier(ctx context.Context) error {
	main := r.files.report
	if err := r.remove(ctx, main); err != nil {
		return err
	}
	if err := store.RemoveAll(ctx, main.store, r.existing.parts, r.patience); err != nil {
		return err
	}
	r.existing.parts = nil
	if err := r.remove(ctx, r.files.failed); err != nil {
		return err
	}
	return r.remove(ctx, r.files.malformed)
}

func (r *remote) remove(ctx context.Context, f *remoteFile) error {
	err := store.RemoveAll(ctx, f.store, []string{f.key}, r.patience)
	if err == nil {
		f.found = store.Info{}
	}
	return err
}

// replaceReport puts the report without the rows that are done again in the place
// of the one that was found, before the first call for them, as it is done on disk.
func (r *remote) replaceReport(ctx context.Context) error {
	main := r.files.report
	if err := r.put(ctx, main, nil); err != nil {
		return err
	}
	parts := r.existing.parts
	r.existing.parts, r.existing.journals = nil, nil
	return store.RemoveAll(ctx, main.store, parts, r.patience)
}

// writeNote brings a note about the report to the store before its lines.
func (r *remote) writeNote(ctx context.Context, path, key string) error {
	main := r.files.report
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return store.RemoveAll(ctx, main.store, []string{key}, r.patience)
	}
	if err != nil {
		return fmt.Errorf("read note: %w", err)
	}
	defer file.Close()
	return store.Persist(ctx, r.patience, func(ctx context.Context) error {
		_, err := main.store.Write(ctx, key, file, store.Attributes{Owner: r.owner()})
		return err
	})
}

// watchEvery is how often it is looked whether the store is back.
const watchEvery = time.Second

// watch gives up a store that was away for as long as the patience lasts.
func (r *remote) watch() {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	r.stopWatching = func() {
		stop()
		<-done
	}
	go func() {
		defer close(done)
		tick := time.NewTicker(watchEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			for _, l := range []*lease.Lease{r.sending, r.saved} {
				if away := l.LapsedFor(); away >= r.patience {
					l.Lose(&store.UnreachableError{After: away, Err: cmp.Or(r.mirror.Err(), lease.ErrLapsed)})
				}
			}
		}
	}()
}

// heldSince returns since when calls are held because the store does not answer,
// zero while they are not.
func (r *remote) heldSince() time.Time {
	if r == nil || !r.isRunning.Load() {
		return time.Time{}
	}
	if away := max(r.sending.LapsedFor(), r.saved.LapsedFor()); away > 0 {
		return time.Now().Add(-away)
	}
	return time.Time{}
}
