package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"
)

// PartsPrefix returns how the names of the parts of an object begin.
func PartsPrefix(name string) string { return name + ".parts/" }

// partName names the bytes from..to of the journal of a run.
func partName(name, run string, from, to int64) string {
	return fmt.Sprintf("%s%s-%014d-%014d.csv", PartsPrefix(name), run, from, to)
}

// atOnce is how many parts are read, or removed, at a time.
const atOnce = 8

// fetchAgain is how often parts are listed again because one of them has gone.
const fetchAgain = 3

// Fetch copies an object and its parts into files of a directory, and returns
// their paths and the names of the parts. Without any, both are empty.
func Fetch(ctx context.Context, s Store, name, directory string, patience time.Duration) (paths, parts []string, err error) {
	for range fetchAgain {
		paths, parts, err = fetch(ctx, s, name, directory, patience)
		// A run that was taken over from may have made one of several parts.
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return paths, parts, err
}

func fetch(ctx context.Context, s Store, name, directory string, patience time.Duration) (paths, parts []string, err error) {
	err = Persist(ctx, patience, func(ctx context.Context) (err error) {
		parts, err = s.List(ctx, PartsPrefix(name))
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	fetched := make([]string, 1+len(parts))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i, from := range append([]string{name}, parts...) {
		group.Go(func() error {
			to := filepath.Join(directory, "fetched-"+strconv.Itoa(i))
			err := FetchOne(ctx, s, from, to, patience)
			if errors.Is(err, fs.ErrNotExist) && i == 0 {
				return nil
			}
			fetched[i] = to
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, nil, err
	}
	if fetched[0] == "" {
		fetched = fetched[1:]
	}
	return fetched, parts, nil
}

// FetchOne copies an object into a file. The error wraps [fs.ErrNotExist] when there is
// no such object; then there is no file either.
func FetchOne(ctx context.Context, s Store, name, path string, patience time.Duration) error {
	object, err := OpenObject(ctx, s, name, patience)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.ReadFrom(object.NewReader(0, object.Size()))
	return errors.Join(err, file.Close())
}

// RemoveAll removes objects.
func RemoveAll(ctx context.Context, s Store, names []string, patience time.Duration) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for _, name := range names {
		group.Go(func() error {
			return Persist(ctx, patience, func(ctx context.Context) error { return s.Remove(ctx, name) })
		})
	}
	return group.Wait()
}

// writeText writes an object that is in memory.
func writeText(ctx context.Context, s Store, name string, text ...[]byte) error {
	_, err := s.Write(ctx, name, bytes.NewReader(bytes.Join(text, nil)), Attributes{})
	return err
}
