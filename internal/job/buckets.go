package job

import (
	"context"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/rows"
	"cognito-confirm/internal/store"
	"cognito-confirm/worker"
)

// buckets opens each bucket that a job needs once.
type buckets struct {
	held   *Held // all names are in its store
	open   func(ctx context.Context, name string) (store.Store, error)
	opened map[string]store.Store
}

func newBuckets(o Options) *buckets {
	b := &buckets{held: o.Held, open: o.Bucket, opened: make(map[string]store.Store)}
	if b.open == nil {
		b.open = s3Of(o.Target)
	}
	return b
}

// s3Of returns what opens a bucket with the credentials of the target. The
// endpoint of the user pool is not that of the bucket.
func s3Of(t cognito.Target) func(context.Context, string) (store.Store, error) {
	return func(ctx context.Context, name string) (store.Store, error) {
		t.EndpointURL = ""
		loaded, err := t.Load(ctx)
		if err != nil {
			return nil, err
		}
		return store.OpenS3(ctx, loaded, name)
	}
}

// find returns the bucket of an address, and the key in it.
func (b *buckets) find(ctx context.Context, path string) (s store.Store, key string, err error) {
	if b.held != nil {
		return b.held.Store, path, nil
	}
	address, err := store.ParseAddress(path)
	if err != nil {
		return nil, "", err
	}
	s = b.opened[address.Bucket]
	if s == nil {
		if s, err = b.open(ctx, address.Bucket); err != nil {
			return nil, "", err
		}
		b.opened[address.Bucket] = s
	}
	return s, address.Key, nil
}

// OpenInput opens an input, an object of S3 too, as [rows.Open] does. The target
// tells whose credentials read an object; it may be zero. Besides the errors of
// [rows.Open] there are *store.AddressError, *store.RefusedError and
// *store.UnreachableError.
func OpenInput(ctx context.Context, input rows.Options, target cognito.Target) (*rows.Input, error) {
	return openInput(ctx, input, newBuckets(Options{Target: target}), worker.Options{}.WithDefaults().StallTimeout)
}
