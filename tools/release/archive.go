package main

import (
	"archive/zip"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
)

// writeArchive writes the binary with what goes with it: a zip for Windows, a
// packed tar for the others.
func writeArchive(out string, b binary) error {
	entries, err := archived(b)
	if err != nil {
		return err
	}
	file := filepath.Join(out, b.name())
	if b.system == "windows" {
		return create(file+".zip", func(w io.Writer) error { return writeZip(w, b, entries) })
	}
	return createPacked(file+".tar.gz", func(w io.Writer) error { return writeTar(w, b.time, entries) })
}

// archived lists what is in an archive, in a directory of its name.
func archived(b binary) ([]entry, error) {
	entries := []entry{{name: filepath.Base(b.path), source: b.path, mode: 0o755}}
	for _, file := range []string{"README.md", "LICENSE", "CHANGELOG.md", "docs/cognito-confirm.1"} {
		entries = append(entries, entry{name: filepath.Base(file), source: file, mode: 0o644})
	}
	for dir, as := range map[string]string{"cmd/cognito-confirm/completion": "completion", "samples": "samples"} {
		files, err := filesUnder(dir, as)
		if err != nil {
			return nil, err
		}
		entries = append(entries, files...)
	}
	sortByName(entries)
	for i := range entries {
		entries[i].name = b.name() + "/" + entries[i].name
	}
	return entries, nil
}

// filesUnder lists the files of a directory. Scripts can be run.
func filesUnder(dir, as string) (entries []entry, err error) {
	err = filepath.WalkDir(dir, func(source string, d fs.DirEntry, err error) error {
		// The picture is for the README on the web.
		if err != nil || d.IsDir() || strings.HasSuffix(source, ".png") {
			return err
		}
		mode := int64(0o644)
		if strings.HasSuffix(source, ".sh") {
			mode = 0o755
		}
		entries = append(entries, entry{name: path.Join(as, filepath.ToSlash(strings.TrimPrefix(source, dir))), source: source, mode: mode})
		return nil
	})
	return entries, err
}

func writeZip(w io.Writer, b binary, entries []entry) error {
	z := zip.NewWriter(w)
	for _, e := range entries {
		content, err := e.content()
		if err != nil {
			return err
		}
		header := &zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: b.time.UTC()}
		header.SetMode(fs.FileMode(e.mode))
		file, err := z.CreateHeader(header)
		if err != nil {
			return err
		}
		if _, err := file.Write(content); err != nil {
			return err
		}
	}
	return z.Close()
}
