package job

import (
	"context"

	"cognito-confirm/internal/store"
	"cognito-confirm/report"
)

// prepare finds out what there is, refuses what may not be replaced, and brings
// the rest to the disk.
func (r *remote) prepare(ctx context.Context, o Options) (err error) {
	if err := r.findAll(ctx); err != nil {
		return err
	}
	if err := r.refuse(o); err != nil {
		return err
	}
	if events := r.files.events; events != nil && events.exists() {
		if err := fetchIfThere(ctx, events.store, events.key, events.local, r.patience); err != nil {
			return err
		}
	}
	if !o.Resume {
		return nil
	}
	main := r.files.report
	f := fetching{store: main.store, key: main.key, address: main.address, path: main.local, also: r.existing.journals, patience: r.patience, places: r.places}
	r.existing.parts, err = f.run(ctx)
	return err
}

// findAll finds out what there is.
func (r *remote) findAll(ctx context.Context) (err error) {
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
		// That run held the lock to the end, so its journal has all that was done since.
		r.existing.journals = []string{journal}
	}
	r.isSafe = len(r.existing.journals) == 0
	return err
}

// refuse returns an error for files that are in the way, as a report on the disk does.
func (r *remote) refuse(o Options) error {
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
		case rows.file.found.Owner != owner(r.address) && rows.file.address != rows.standard:
			return &report.ForeignError{Path: rows.file.address, Report: rows.file.found.Owner}
		}
	}
	return nil
}

// find finds out which version of a file the store has, if any.
func (r *remote) find(ctx context.Context, f *remoteFile) (err error) {
	f.found, err = stat(ctx, f.store, f.key, r.patience)
	return err
}
