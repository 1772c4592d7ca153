//go:build unix

package events

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestPipesAndLinks are refused, without a wait and without following them.
func TestPipesAndLinks(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	pipe, link, toNowhere := filepath.Join(dir, "pipe"), filepath.Join(dir, "link"), filepath.Join(dir, "to nowhere")
	target, nowhere := filepath.Join(elsewhere, "file"), filepath.Join(elsewhere, "none")
	put(t, target, everyLine)
	if err := errors.Join(syscall.Mkfifo(pipe, 0o600), os.Symlink(target, link), os.Symlink(nowhere, toNowhere)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{pipe, link, toNowhere, os.DevNull} {
		if _, err := Open(path, nil); !errors.As(err, new(*UnusableError)) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if got := read(t, target); got != everyLine {
		t.Errorf("what the link leads to is %q now", got)
	}
	if _, err := os.Lstat(nowhere); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("made what the link leads to: %v", err)
	}
}

// TestEmptyFilesOfOthers: a file with nothing in it is ours when a run can have made it.
func TestEmptyFilesOfOthers(t *testing.T) {
	for _, content := range []string{"", strings.Repeat("\x00", 100)} {
		for name, make := range map[string]func(path string) error{
			"for others to read": func(path string) error { return os.Chmod(path, 0o644) },
			"with another name":  func(path string) error { return os.Link(path, path+".other") },
		} {
			path := filepath.Join(t.TempDir(), "events.jsonl")
			put(t, path, content)
			if err := errors.Join(os.Chmod(path, 0o600), make(path)); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(path, nil); !errors.As(err, new(*UnusableError)) || read(t, path) != content {
				t.Errorf("%d bytes, %s: %v", len(content), name, err)
			}
		}
	}
}

// TestFullDisk: a disk that has no room stops nothing.
func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	var told []error
	w := &Writer{file: full, onFailure: func(err error) { told = append(told, err) }}
	w.Write(Signal{Signal: "SIGINT"})
	w.Write(Signal{Signal: "SIGINT"})
	closeWriter(t, w)
	if len(told) != 1 || !errors.Is(told[0], syscall.ENOSPC) {
		t.Errorf("told %q, want one failure", told)
	}
}
