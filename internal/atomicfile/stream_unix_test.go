//go:build unix

package atomicfile

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// TestLinks: what a link leads to is what counts, and the link stays.
func TestLinks(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	target, link := filepath.Join(elsewhere, "file"), filepath.Join(dir, "link")
	if err := os.Symlink(target, link); err != nil {
		t.Fatal(err)
	}
	if err := Write(link, Options{Overwrite: true}, hello); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("through a link to nowhere: %v", err)
	}
	put(t, target, "precious", 0o600)
	if err := Write(link, Options{Ours: isOurs}, hello); !errors.As(err, new(*ExistsError)) || read(t, target) != "precious" {
		t.Errorf("through a link to somebody's file: %v, %q", err, read(t, target))
	}
	put(t, target, "ours", 0o600)
	if err := Write(link, Options{Ours: isOurs}, hello); err != nil || read(t, target) != "hello\n" {
		t.Errorf("through a link to ours: %v, %q", err, read(t, target))
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", info.Mode(), err)
	}
	if got := names(t, dir); len(got) != 1 {
		t.Errorf("left behind: %v", got)
	}
}

// TestSweepSparesOtherNames: a file with two names is wanted under the other one, and a
// link or a pipe is none of ours.
func TestSweepSparesOtherNames(t *testing.T) {
	dir, elsewhere := t.TempDir(), filepath.Join(t.TempDir(), "file")
	put(t, elsewhere, "ours", 0o600)
	path := filepath.Join(dir, "a.csv")
	err := errors.Join(os.Link(elsewhere, filepath.Join(dir, ".a.csv.1.tmp")), os.Symlink(elsewhere, filepath.Join(dir, ".a.csv.2.tmp")),
		syscall.Mkfifo(filepath.Join(dir, ".a.csv.3.tmp"), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	Sweep(Unfinished{Path: path, Ours: isOurs})
	if got := names(t, dir); len(got) != 3 {
		t.Errorf("left %v, want all three", got)
	}
	if err := os.Link(elsewhere, path); err != nil {
		t.Fatal(err)
	}
	Sweep(Unfinished{Path: path})
	if got := names(t, dir); len(got) != 3 || read(t, path) != "ours" {
		t.Errorf("left %v, want that the first has its other name alone", got)
	}
}

// TestPipe: a pipe without a reader is refused at once, and one with a reader gets
// what is written.
func TestPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Check(path, Options{}); err != nil {
		t.Errorf("Check: %v", err)
	}
	if err := Write(path, Options{}, hello); !errors.Is(err, syscall.ENXIO) {
		t.Errorf("Write without a reader: %v", err)
	}
	reader, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if err := Write(path, Options{}, hello); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(reader); string(got) != "hello\n" {
		t.Errorf("read %q, %v", got, err)
	}
}

// TestPipeThatIsFull: a reader that reads nothing is not waited for without end.
func TestPipeThatIsFull(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	pipe, err := os.OpenFile(path, os.O_RDWR|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	if n, err := (stream{pipe, time.Millisecond}).Write(make([]byte, 4<<20)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("wrote %d bytes, %v", n, err)
	}
}

// TestSocket is refused before there is anything to write: it cannot be opened.
func TestSocket(t *testing.T) {
	// Not TempDir, whose name may be too long for a socket.
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "socket")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if err := Check(path, Options{Overwrite: true}); err == nil || err.Error() != path+" is a socket" {
		t.Errorf("%v", err)
	}
}

// TestDevices are written to and stay what they are.
func TestDevices(t *testing.T) {
	before, err := os.Stat(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(Check(os.DevNull, Options{}), Write(os.DevNull, Options{}, hello)); err != nil {
		t.Error(err)
	}
	if after, err := os.Stat(os.DevNull); err != nil || after.Mode() != before.Mode() || !os.SameFile(before, after) {
		t.Errorf("it is %v now, %v", after.Mode(), err)
	}
	if err := Write("/dev/full", Options{}, hello); err != nil && !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a full device: %v", err)
	}
}

// TestDescriptorOfThisProcess: a name of an open file is appended to, not
// replaced under whoever holds it.
func TestDescriptorOfThisProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	put(t, path, "before\n", 0o600)
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	name := "/proc/self/fd/" + strconv.Itoa(int(file.Fd()))
	if _, err := os.Stat(name); err != nil {
		t.Skip(err)
	}
	before, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(Check(name, Options{}), Write(name, Options{}, hello)); err != nil {
		t.Fatal(err)
	}
	if after, err := os.Stat(path); err != nil || !os.SameFile(before, after) || read(t, path) != "before\nhello\n" {
		t.Errorf("it is %q now, %v", read(t, path), err)
	}
}
