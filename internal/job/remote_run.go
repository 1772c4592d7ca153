package job

import (
	"bufio"
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
	if !r.isOn() {
		return limiter
	}
	return lease.Guard(limiter, r.sending, r.saved)
}

// guardCalls returns the configuration with a last look at the leases before each
// call goes out: the process may have been frozen since it was let pass. A call that
// does not go out is a transient failure, and its row waits as the others do.
func (r *remote) guardCalls(loaded aws.Config) aws.Config {
	if !r.isOn() {
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
	if !r.isOn() {
		return nil
	}
	r.isSafe = false
	main := r.files.report
	if o.Overwrite {
		if err := r.removeEarlier(ctx); err != nil {
			return r.lockError(err)
		}
	}
	if err := putNotes(ctx, main.store, main.local, main.key, owner(r.address), r.patience); err != nil {
		return r.lockError(err)
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
	return nil
}

// removeEarlier removes what is to be overwritten: the rows before their report, as
// they would be in the way without one, and that before its parts, which are a report
// by themselves.
func (r *remote) removeEarlier(ctx context.Context) error {
	main := r.files.report
	for _, file := range []*remoteFile{r.files.failed, r.files.malformed, main} {
		if err := r.remove(ctx, file); err != nil {
			return err
		}
	}
	if err := store.RemoveAll(ctx, main.store, r.existing.parts, r.patience); err != nil {
		return err
	}
	r.existing.parts = nil
	return nil
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

// putNotes brings the notes beside a report to the store, before its lines.
func putNotes(ctx context.Context, s store.Store, path, key, owner string, patience time.Duration) error {
	local := report.Notes(path)
	for i, note := range report.Notes(key) {
		if err := putNote(ctx, s, local[i], note, owner, patience); err != nil {
			return err
		}
	}
	return nil
}

func putNote(ctx context.Context, s store.Store, path, key, owner string, patience time.Duration) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return store.RemoveAll(ctx, s, []string{key}, patience)
	}
	if err != nil {
		return fmt.Errorf("read note: %w", err)
	}
	defer file.Close()
	return store.Put(ctx, s, key, file, store.Attributes{Owner: owner}, patience)
}
