package job

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"cognito-confirm/internal/store"
	"cognito-confirm/report"
)

// fetching brings a report to the disk: the whole one, its parts and its notes.
type fetching struct {
	store        store.Store
	key, address string
	// path is where to. The directory is there, and no other fetching uses it.
	path string
	// also are other reports of the same rows that are on the disk. They stay.
	also     []string
	patience time.Duration
	places   places
}

// run makes one report of what there is, and returns the names of its parts. Without
// anything there is no report.
func (f fetching) run(ctx context.Context) (parts []string, err error) {
	f.places.addReport(f.path, f.address)
	notes := report.Notes(f.path)
	for i, note := range report.Notes(f.key) {
		if err := fetchIfThere(ctx, f.store, note, notes[i], f.patience); err != nil {
			return nil, err
		}
	}
	paths, parts, err := store.Fetch(ctx, f.store, f.key, filepath.Dir(f.path), f.patience)
	if err != nil {
		return nil, err
	}
	if len(paths) == 1 && len(f.also) == 0 {
		// It stays as it is, in whatever layout.
		return parts, os.Rename(paths[0], f.path)
	}
	all := slices.Concat(paths, f.also)
	if len(all) == 0 {
		return nil, nil
	}
	for _, path := range all {
		f.places[path] = f.address
	}
	if err := unite(ctx, f.path, all...); err != nil {
		return nil, f.places.named(err)
	}
	for _, path := range paths {
		err = errors.Join(err, os.Remove(path))
	}
	return parts, err
}

// fetchIfThere copies an object to a file, if there is one.
func fetchIfThere(ctx context.Context, s store.Store, key, path string, patience time.Duration) error {
	err := store.FetchOne(ctx, s, key, path, patience)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// unite writes one report of several.
func unite(ctx context.Context, path string, reports ...string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(report.Union(ctx, file, reports...), file.Close())
}
