package store

import (
	"context"
	"errors"
	"io"
	"time"
)

// Put writes an object, as [Store.Write] does, for as long as the patience lasts. With
// an owner that nobody else has, it recognizes the object that an earlier attempt has
// written.
func Put(ctx context.Context, s Store, name string, body io.ReadSeeker, a Attributes, patience time.Duration) error {
	err := Persist(ctx, patience, func(ctx context.Context) error {
		_, err := s.Write(ctx, name, body, a)
		return err
	})
	if !errors.Is(err, ErrConflict) || a.Owner == "" {
		return err
	}
	// The answer may have been lost.
	if info, statErr := s.Stat(ctx, name); statErr == nil && info.Owner == a.Owner {
		return nil
	}
	return err
}
