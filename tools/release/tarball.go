package main

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

// entry is a file or a directory of a tar.
type entry struct {
	// name ends with / for a directory.
	name string
	// source is the file with the content, when text has none.
	source, text string
	mode         int64
	owner        int
}

// writeTar writes the entries as they are listed, all of the same time.
func writeTar(w io.Writer, at time.Time, entries []entry) error {
	t := tar.NewWriter(w)
	for _, e := range entries {
		content, err := e.content()
		if err != nil {
			return err
		}
		// The type follows from the name.
		header := &tar.Header{Name: e.name, Mode: e.mode, Size: int64(len(content)), ModTime: at, Uid: e.owner, Gid: e.owner, Format: tar.FormatPAX}
		if err := t.WriteHeader(header); err != nil {
			return err
		}
		if _, err := t.Write(content); err != nil {
			return err
		}
	}
	return t.Close()
}

func (e entry) content() ([]byte, error) {
	if e.source == "" {
		return []byte(e.text), nil
	}
	return os.ReadFile(e.source)
}

// create writes a file.
func create(path string, write func(io.Writer) error) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}

// createPacked writes a file that gzip packs.
func createPacked(path string, write func(io.Writer) error) error {
	return create(path, func(w io.Writer) error {
		packed, err := gzip.NewWriterLevel(w, gzip.BestCompression)
		if err != nil {
			return err
		}
		return errors.Join(write(packed), packed.Close())
	})
}

// sortByName brings entries into one order.
func sortByName(entries []entry) {
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
}
