package job

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"cognito-confirm/internal/store"
	"cognito-confirm/report"
)

// Output is a file on the disk that is to become an object.
type Output struct {
	// Path is where to write it.
	Path string

	bucket      store.Store
	key         string
	found       store.Info // what it takes the place of
	isReport    bool
	parts       []string // of the report that is replaced
	owner       string
	contentType string
	patience    time.Duration
}

// OutputOptions set which existing object an output may replace, as
// [atomicfile.Options] do for a file.
type OutputOptions struct {
	// Name is that of the file on the disk.
	Name string
	// IsReport: the notes beside the file go with it, and it may replace another report.
	IsReport bool
	// Overwrite replaces any object, and a report if this is one.
	Overwrite bool
	// Ours reports whether an object that starts with these bytes may be replaced. Nil:
	// none may.
	Ours func(start []byte) bool
	// Owner is the report that a file of rows belongs to. Empty: nobody asks.
	Owner string
	// ContentType is for a browser.
	ContentType string
}

// startSize is how much of an object tells whose it is.
const startSize = 4 << 10

// Output finds out whether an object can be written. It changes nothing. The error is a
// [*report.ExistsError] or a [*ReportThereError] when one is in the way.
func (s *Staging) Output(ctx context.Context, address string, o OutputOptions) (*Output, error) {
	bucket, key, err := s.buckets.find(ctx, address)
	if err != nil {
		return nil, err
	}
	patience := s.options.Pool.StallTimeout
	found, err := stat(ctx, bucket, key, patience)
	if err != nil {
		return nil, err
	}
	var start []byte
	var parts []string
	err = store.Persist(ctx, patience, func(ctx context.Context) (err error) {
		if found.Size > 0 {
			start, err = bucket.Read(ctx, key, found, 0, min(found.Size, startSize))
		}
		if err == nil {
			parts, err = bucket.List(ctx, store.PartsPrefix(key))
		}
		return err
	})
	if err == nil {
		err = o.mayReplace(address, start, len(parts) > 0)
	}
	if err != nil {
		return nil, err
	}
	directory, err := s.directory()
	if err != nil {
		return nil, err
	}
	out := &Output{
		isReport: o.IsReport, parts: parts,
		Path: filepath.Join(directory, o.Name), bucket: bucket, key: key, found: found,
		owner: rand.Text(), contentType: o.ContentType, patience: patience,
	}
	if o.Owner != "" {
		out.owner = owner(o.Owner)
	}
	s.places[out.Path] = address
	return out, nil
}

// mayReplace refuses to take the place of an object with this start, and of the parts
// of a report.
func (o OutputOptions) mayReplace(address string, start []byte, hasParts bool) error {
	exists := len(start) > 0 || hasParts
	switch {
	case !exists, o.IsReport && o.Overwrite:
		return nil
	case o.IsReport:
		return &report.ExistsError{Path: address, IsReport: true}
	case hasParts, report.IsReport(start):
		return &ReportThereError{Path: address}
	case o.Overwrite, o.Ours != nil && o.Ours(start):
		return nil
	}
	return &report.ExistsError{Path: address}
}

// Put brings the file to the bucket, in the place of the object that was found there
// and of no other. Where there is no file any more, the object goes.
func (o *Output) Put(ctx context.Context) error {
	file, err := os.Open(o.Path)
	if errors.Is(err, fs.ErrNotExist) {
		if o.found.Tag == "" {
			return nil
		}
		return store.RemoveAll(ctx, o.bucket, []string{o.key}, o.patience)
	}
	if err != nil {
		return fmt.Errorf("upload: %w", err)
	}
	defer file.Close()
	if o.isReport {
		if err := putNotes(ctx, o.bucket, o.Path, o.key, o.owner, o.patience); err != nil {
			return err
		}
	}
	err = store.Put(ctx, o.bucket, o.key, file, store.Attributes{
		Condition: o.found.Same(), Owner: o.owner, ContentType: o.contentType,
	}, o.patience)
	if err != nil {
		return err
	}
	return store.RemoveAll(ctx, o.bucket, o.parts, o.patience)
}

// owner is what the files of a report are written with. Metadata are ASCII.
func owner(address string) string { return fmt.Sprintf("%+q", address) }

// stat returns what a store knows of an object, which has no tag when there is none.
func stat(ctx context.Context, s store.Store, key string, patience time.Duration) (info store.Info, err error) {
	err = store.Persist(ctx, patience, func(ctx context.Context) (err error) {
		info, err = s.Stat(ctx, key)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return store.Info{}, nil
	}
	return info, err
}
