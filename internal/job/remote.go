package job

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"cognito-confirm/internal/lease"
	"cognito-confirm/internal/store"
	"cognito-confirm/report"
)

// remote is what a job has beside its files when they are in a store, the zero value
// when they are not. The files themselves are on the local disk while the job runs, in
// the scratch directory.
//
// Two leases tell whether a call may start: sending is held while the lock is this
// run's for certain, saved while the store has all but the last of the journal.
type remote struct {
	patience time.Duration
	run      string
	address  string // of the report
	files    remoteFiles
	places   places
	scratch  scratch

	lock           *store.Lock // nil when the driver keeps the lease
	sending, saved *lease.Lease
	existing       existing
	from           int64 // how much of the journal the store has
	mirror         *store.Mirror
	stopWatching   func()

	// isEnding: no more calls are made, and the whole files go up.
	isEnding atomic.Bool
	// isSafe: the store has everything that is on the local disk.
	isSafe bool
	closed bool

	mu      sync.Mutex
	held    time.Time // since when the store holds the calls, zero while it does not
	warning string
}

// remoteFile is a file of a job in a store.
type remoteFile struct {
	role    string
	address string // as it was given
	store   store.Store
	key     string
	local   string // where it is while the job runs
	// found is the version that the store has; its tag is empty when there is none.
	// Only this version is replaced: this process may have been frozen, and taken
	// over from.
	found store.Info
}

func (f *remoteFile) exists() bool { return f.found.Tag != "" }

// isOn reports whether the files are in a store.
func (r *remote) isOn() bool { return r.sending != nil }

type remoteFiles struct{ report, failed, malformed, events *remoteFile }

func (f remoteFiles) all() []*remoteFile {
	var all []*remoteFile
	for _, file := range []*remoteFile{f.report, f.failed, f.malformed, f.events} {
		if file != nil {
			all = append(all, file)
		}
	}
	return all
}

// existing is what of a job was found in the store.
type existing struct {
	// parts are the names of the report's parts.
	parts []string
	// journals are what runs that died on this machine have left: the one that the
	// lock was taken over from, or all when there is no lock.
	journals []string
}

func (r *remote) hasReport() bool {
	return r.files.report.exists() || len(r.existing.parts) > 0 || len(r.existing.journals) > 0
}

// MixedError means that some files of a job are in a store and others are not.
type MixedError struct{ Role, Path string }

func (e *MixedError) Error() string {
	return fmt.Sprintf("the report and the %s (%s) must both be on the disk, or both be s3:// addresses", e.Role, e.Path)
}

// lockSuffix is the end of the name of a lock, which begins with the report's.
const lockSuffix = ".lock"

// openRemote takes the lock of a report that is in a store, and brings what there
// is of it to the local disk. For a report that is a file it does nothing. It
// changes nothing in the store but the lock.
func openRemote(ctx context.Context, o Options, b *buckets) (*remote, error) {
	if err := checkMixed(o); err != nil || !o.isRemote(o.Report) {
		return &remote{}, err
	}
	r := &remote{
		patience: o.Pool.StallTimeout, run: rand.Text(), address: o.Report,
		sending: lease.New(store.LeaseLength), saved: lease.New(store.LeaseLength),
		isSafe: true, places: make(places),
	}
	if err := r.locate(ctx, o, b); err != nil {
		return nil, err
	}
	if err := r.acquire(ctx, o); err != nil {
		return nil, errors.Join(r.lockError(err), r.scratch.remove())
	}
	for _, file := range r.files.all() {
		file.store = store.While(r.sending, file.store)
	}
	if err := r.prepare(ctx, o); err != nil {
		return nil, errors.Join(r.lockError(err), r.close(ctx))
	}
	return r, nil
}

// acquire takes the lock of the report, or the lease of the driver in its place.
func (r *remote) acquire(ctx context.Context, o Options) (err error) {
	if o.Held != nil {
		r.sending = o.Held.Lease
		return nil
	}
	host, _ := os.Hostname()
	holder := store.Holder{Run: r.run, Host: host, Process: os.Getpid()}
	main := r.files.report
	o.Opening.locking.Store(true)
	defer o.Opening.locking.Store(false)
	r.lock, err = store.Acquire(ctx, main.store, main.key+lockSuffix, holder, r.sending, r.patience)
	return err
}

func checkMixed(o Options) error {
	isRemote := o.isRemote(o.Report)
	for _, file := range o.written() {
		if o.isRemote(file.Path) != isRemote {
			return &MixedError{file.Role, file.Path}
		}
	}
	return nil
}

// locate opens the buckets of all files, and tells where these are on the disk.
func (r *remote) locate(ctx context.Context, o Options, b *buckets) (err error) {
	if r.scratch, err = newScratch(o.Scratch, o.Report, r.run); err != nil {
		return err
	}
	names := []string{scratchReport, scratchFailed, scratchMalformed, scratchEvents}
	files := []**remoteFile{&r.files.report, &r.files.failed, &r.files.malformed, &r.files.events}
	for i, f := range o.written() {
		file := &remoteFile{role: f.Role, address: f.Path, local: r.scratch.path(names[i])}
		if file.store, file.key, err = b.find(ctx, f.Path); err != nil {
			return errors.Join(err, r.scratch.remove())
		}
		*files[i] = file
		r.places[file.local] = f.Path
	}
	r.places.addReport(r.files.report.local, o.Report)
	return nil
}

// lockError tells that another run holds the lock in the words of the report.
func (r *remote) lockError(err error) error {
	locked, ok := errors.AsType[*store.LockedError](err)
	switch {
	case ok && locked.TakenOver:
		return fmt.Errorf("%w: %s was taken over from this one (by %s)", report.ErrLocked, r.address, locked.Holder)
	case ok:
		return fmt.Errorf("%w: %s (%s)", report.ErrLocked, r.address, locked.Holder)
	}
	return err
}

// local returns where a file of the job is on the disk.
func (r *remote) local(path string) string {
	for _, file := range r.files.all() {
		if file.address == path {
			return file.local
		}
	}
	return path
}
