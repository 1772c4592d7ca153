package job

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"cognito-confirm/internal/lease"
	"cognito-confirm/internal/store"
	"cognito-confirm/report"
)

// remote is what a job has beside its files when they are in a store. The files
// themselves are on the local disk while the job runs, in the scratch directory.
//
// Two leases tell whether a call may start: sending is held while the lock is this
// run's for certain, saved while the store has all but the last of the journal.
type remote struct {
	patience time.Duration
	run      string
	address  string // of the report
	files    remoteFiles
	scratch  scratch

	lock           *store.Lock // nil when the driver keeps the lease
	sending, saved *lease.Lease
	existing       existing
	from           int64 // how much of the journal the store has
	mirror         *store.Mirror
	stopWatching   func()

	// isRunning: calls may be held because the store does not answer.
	isRunning atomic.Bool
	// isSafe: there is nothing on the local disk that the store does not have.
	isSafe bool
	closed bool

	mu      sync.Mutex
	warning string
}

// remoteFile is a file of a job in a store.
type remoteFile struct {
	role    string
	address string // as it was given
	store   store.Store
	key     string
	local   string // where it is while the job runs
	// found is the version that the store has, without a tag when it has none. It
	// alone is replaced: this process may have been frozen, and taken over from.
	found store.Info
}

func (f *remoteFile) exists() bool { return f.found.Tag != "" }

// condition is what must hold for the file to be written.
func (f *remoteFile) condition() store.Condition {
	return store.Condition{Absent: !f.exists(), Tag: f.found.Tag}
}

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
// is of it to the local disk. It returns nil for a report that is a file. It
// changes nothing in the store but the lock.
func openRemote(ctx context.Context, o Options, b *buckets) (*remote, error) {
	if err := checkMixed(o); err != nil || !o.isRemote(o.Report) {
		return nil, err
	}
	r := &remote{
		patience: o.Pool.StallTimeout, run: rand.Text(), address: o.Report,
		sending: lease.New(store.LeaseLength), saved: lease.New(store.LeaseLength),
		isSafe: true,
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
	o.Opening.lock(true)
	defer o.Opening.lock(false)
	r.lock, err = store.Acquire(ctx, main.store, main.key+lockSuffix, holder, r.sending, r.patience)
	return err
}

func checkMixed(o Options) error {
	isRemote := o.isRemote(o.Report)
	for _, file := range []File{{Role: "failed-rows file", Path: o.Failed}, {Role: "file of malformed records", Path: o.Malformed}, {Role: "events file", Path: o.Events}} {
		if file.Path != NoEvents && o.isRemote(file.Path) != isRemote {
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
	for _, f := range []struct {
		role, address, local string
		to                   **remoteFile
	}{
		{"report", o.Report, scratchReport, &r.files.report},
		{"failed-rows file", o.Failed, scratchFailed, &r.files.failed},
		{"file of malformed records", o.Malformed, scratchMalformed, &r.files.malformed},
		{"events file", o.Events, scratchEvents, &r.files.events},
	} {
		if f.address == NoEvents {
			continue
		}
		file := &remoteFile{role: f.role, address: f.address, local: r.scratch.path(f.local)}
		if file.store, file.key, err = b.find(ctx, f.address); err != nil {
			return errors.Join(err, r.scratch.remove())
		}
		*f.to = file
	}
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

// prepare finds out what there is, refuses what may not be replaced, and brings
// the rest to the disk.
func (r *remote) prepare(ctx context.Context, o Options) error {
	if err := r.look(ctx); err != nil {
		return err
	}
	if err := r.refuse(ctx, o); err != nil {
		return err
	}
	if events := r.files.events; events != nil && events.exists() {
		if err := r.fetch(ctx, events.store, events.key, events.local); err != nil {
			return err
		}
	}
	if !o.Resume {
		return nil
	}
	local := report.Notes(r.files.report.local)
	for i, note := range report.Notes(r.files.report.key) {
		if err := r.fetch(ctx, r.files.report.store, note, local[i]); err != nil {
			return err
		}
	}
	return r.fetchReport(ctx)
}

// look finds out what there is.
func (r *remote) look(ctx context.Context) (err error) {
	for _, file := range r.files.all() {
		if err := r.find(ctx, file); err != nil {
			return err
		}
	}
	main := r.files.report
	err = store.Persist(ctx, r.patience, func(ctx context.Context) (err error) {
		r.existing.parts, err = main.store.List(ctx, store.PartsPrefix(main.key))
		return err
	})
	if err != nil {
		return err
	}
	if r.lock == nil {
		r.existing.journals, err = r.scratch.journals()
	} else if journal, found := r.scratch.journalOf(r.lock.Before()); found {
		// The lock was that run's to the end, so nobody has gone on without its journal.
		r.existing.journals = []string{journal}
	}
	r.isSafe = len(r.existing.journals) == 0
	return err
}

// refuse returns an error for files that are in the way, as a report on the disk does.
func (r *remote) refuse(ctx context.Context, o Options) error {
	if r.hasReport() && !o.Resume && !o.Overwrite {
		return &report.ExistsError{Path: r.address, IsReport: true}
	}
	for _, rows := range []struct {
		file     *remoteFile
		standard string
	}{
		{r.files.failed, report.DefaultFailed(r.address)},
		{r.files.malformed, report.DefaultMalformed(r.address)},
	} {
		switch {
		case !rows.file.exists() || o.Overwrite:
		case !o.Resume || !r.hasReport():
			return &report.ExistsError{Path: rows.file.address}
		case rows.file.found.Owner != r.owner() && rows.file.address != rows.standard:
			return &report.ForeignError{Path: rows.file.address, Report: rows.file.found.Owner}
		}
	}
	return nil
}

// owner is what the files of the report are written with. Metadata are ASCII.
func (r *remote) owner() string { return fmt.Sprintf("%+q", r.address) }

// find finds out which version of a file the store has, if any.
func (r *remote) find(ctx context.Context, f *remoteFile) error {
	err := store.Persist(ctx, r.patience, func(ctx context.Context) (err error) {
		f.found, err = f.store.Stat(ctx, f.key)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		f.found, err = store.Info{}, nil
	}
	return err
}

// fetch copies an object to a file, if there is one.
func (r *remote) fetch(ctx context.Context, s store.Store, key, path string) error {
	err := store.FetchOne(ctx, s, key, path, r.patience)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// fetchReport makes one report on the local disk of what earlier runs have left.
func (r *remote) fetchReport(ctx context.Context) error {
	paths, parts, err := store.Fetch(ctx, r.files.report.store, r.files.report.key, r.scratch.path(""), r.patience)
	if err != nil {
		return err
	}
	r.existing.parts = parts
	fetched := paths
	paths = append(paths, r.existing.journals...)
	switch len(paths) {
	case 0:
		return nil
	case 1:
		if len(r.existing.journals) == 0 {
			// It stays as it is, in whatever layout.
			return os.Rename(paths[0], r.files.report.local)
		}
	}
	err = writeFile(r.files.report.local, func(file *os.File) error { return report.Union(ctx, file, paths...) })
	if err != nil {
		return r.named(err, paths...)
	}
	for _, path := range fetched {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

func writeFile(path string, write func(*os.File) error) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}

// named puts the address of a file in the place of where it is on the disk. Also
// is a list of other places of the report.
func (r *remote) named(err error, also ...string) error {
	if r == nil || err == nil {
		return err
	}
	places := map[string]string{}
	for _, path := range also {
		places[path] = r.address
	}
	for _, file := range r.files.all() {
		places[file.local] = file.address
	}
	for i, note := range report.Notes(r.files.report.local) {
		places[note] = report.Notes(r.address)[i]
	}
	rename := func(path *string) {
		if address := places[*path]; address != "" {
			*path = address
		}
	}
	if e, ok := errors.AsType[*report.UnusableError](err); ok {
		rename(&e.Path)
	}
	if e, ok := errors.AsType[*report.OtherTargetError](err); ok {
		rename(&e.Path)
	}
	if e, ok := errors.AsType[*report.OtherShardError](err); ok {
		rename(&e.Path)
	}
	if e, ok := errors.AsType[*report.ExistsError](err); ok {
		rename(&e.Path)
	}
	return err
}

// local returns where a file of the job is on the disk.
func (r *remote) local(path string) string {
	if r != nil {
		for _, file := range r.files.all() {
			if file.address == path {
				return file.local
			}
		}
	}
	return path
}

// addressOf returns the address of a file of the job that is on the disk.
func (r *remote) addressOf(path string) string {
	if r != nil {
		for _, file := range r.files.all() {
			if file.local == path {
				return file.address
			}
		}
	}
	return path
}
