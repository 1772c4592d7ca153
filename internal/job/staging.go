package job

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"cognito-confirm/internal/store"
	"cognito-confirm/report"
)

// Staging is a directory on the disk for files of buckets, for a command other than a
// job that reads or writes them. Paths that are not addresses are left as they are. Make
// one with NewStaging, and Close it. It is for one goroutine at a time.
type Staging struct {
	options Options
	buckets *buckets
	root    string // "" before it is needed
	count   int    // of the directories in it
	places  places
}

// NewStaging returns a staging for the Target, Bucket, Scratch and stall timeout of the
// options. It makes nothing yet.
func NewStaging(o Options) *Staging {
	o.Pool = o.Pool.WithDefaults()
	return &Staging{options: o, buckets: newBuckets(o), places: make(places)}
}

// Close removes what is on the disk.
func (s *Staging) Close() error {
	if s.root == "" {
		return nil
	}
	return os.RemoveAll(s.root)
}

// Named puts addresses in the place of paths in an error about a report.
func (s *Staging) Named(err error) error { return s.places.named(err) }

// Address returns the address that a file on the disk is of, and any other path as it is.
func (s *Staging) Address(path string) string { return s.places.address(path) }

// directory makes a directory of its own for one file and what goes with it.
func (s *Staging) directory() (string, error) {
	if s.root == "" {
		root, err := os.MkdirTemp(s.options.Scratch, "cognito-confirm-")
		if err != nil {
			return "", fmt.Errorf("make scratch directory: %w", err)
		}
		s.root = root
	}
	s.count++
	path := filepath.Join(s.root, strconv.Itoa(s.count))
	if err := os.Mkdir(path, 0o700); err != nil {
		return "", fmt.Errorf("make scratch directory: %w", err)
	}
	return path, nil
}

// place returns the bucket and the key of an address, and where on the disk a file of
// that name has room.
func (s *Staging) place(ctx context.Context, address, name string) (bucket store.Store, key, local string, err error) {
	if bucket, key, err = s.buckets.find(ctx, address); err != nil {
		return nil, "", "", err
	}
	directory, err := s.directory()
	return bucket, key, filepath.Join(directory, name), err
}

// Exists reports whether there is such a file or object.
func (s *Staging) Exists(ctx context.Context, path string) (bool, error) {
	if !store.IsAddress(path) {
		_, err := os.Stat(path)
		return !errors.Is(err, fs.ErrNotExist), nil
	}
	bucket, key, err := s.buckets.find(ctx, path)
	if err != nil {
		return false, err
	}
	info, err := stat(ctx, bucket, key, s.options.Pool.StallTimeout)
	return info.Tag != "", err
}

// File returns where a file is on the disk. The error wraps [fs.ErrNotExist] when there
// is no such object.
func (s *Staging) File(ctx context.Context, path string) (string, error) {
	if !store.IsAddress(path) {
		return path, nil
	}
	bucket, key, local, err := s.place(ctx, path, "file")
	if err != nil {
		return "", err
	}
	s.places[local] = path
	return local, store.FetchOne(ctx, bucket, key, local, s.options.Pool.StallTimeout)
}

// Report returns where a report is on the disk, with its notes beside it. That of a run
// which was killed, or is not over, is made of its parts. The error wraps
// [fs.ErrNotExist] when there is none, and is a [*report.UnusableError] for one that
// cannot be read.
func (s *Staging) Report(ctx context.Context, path string) (string, error) {
	if !store.IsAddress(path) {
		return path, nil
	}
	bucket, key, local, err := s.place(ctx, path, scratchReport)
	if err != nil {
		return "", err
	}
	f := fetching{store: bucket, key: key, address: path, path: local, patience: s.options.Pool.StallTimeout, places: s.places}
	if _, err := f.run(ctx); err != nil {
		return "", err
	}
	if _, err := os.Lstat(local); err != nil {
		return "", fmt.Errorf("open %s: %w", path, fs.ErrNotExist)
	}
	return local, nil
}

// CheckIdle returns an error that wraps [report.ErrLocked] when a run writes to a report
// in a bucket, or has been killed and not been finished since.
func (s *Staging) CheckIdle(ctx context.Context, path string) error {
	if !store.IsAddress(path) {
		return nil
	}
	bucket, key, err := s.buckets.find(ctx, path)
	if err != nil {
		return err
	}
	holder, err := store.HolderOf(ctx, bucket, key+lockSuffix, s.options.Pool.StallTimeout)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: %s (%s)", report.ErrLocked, path, holder)
}
