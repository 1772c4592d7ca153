package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
)

func openDirectory(t *testing.T) *Directory {
	t.Helper()
	d, err := OpenDirectory(filepath.Join(t.TempDir(), "a", "store"))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// stat returns what is known of an object that is there.
func stat(t *testing.T, s Store, name string) Info {
	t.Helper()
	info, err := s.Stat(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func TestDirectory(t *testing.T) {
	d, ctx := openDirectory(t), t.Context()
	if _, err := d.Stat(ctx, "run/1.csv"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before anything is written: %v", err)
	}
	if names, err := d.List(ctx, "run/"); err != nil || len(names) > 0 {
		t.Errorf("list before anything is written: %q, %v", names, err)
	}
	put(t, d, "run/1.csv", "hello")
	put(t, d, "run/1.csv.parts/x", "")
	put(t, d, "run/10.csv", "other")
	info := stat(t, d, "run/1.csv")
	if text, err := d.Read(ctx, "run/1.csv", info, 1, 4); err != nil || string(text) != "ell" || info.Size != 5 {
		t.Errorf("range: %q, %v of %+v", text, err, info)
	}
	if mode := must(os.Stat(filepath.Join(d.root, "run", "1.csv"))).Mode(); mode != 0o600 {
		t.Errorf("the mode is %v", mode)
	}
	for prefix, want := range map[string][]string{
		"": {"run/1.csv", "run/1.csv.parts/x", "run/10.csv"}, "run/1.": {"run/1.csv", "run/1.csv.parts/x"}, "run/1.csv.parts/": {"run/1.csv.parts/x"}, "other": nil,
	} {
		if names, err := d.List(ctx, prefix); err != nil || !slices.Equal(names, want) {
			t.Errorf("list %q: %q, %v", prefix, names, err)
		}
	}
	for range 2 {
		if err := d.Remove(ctx, "run/1.csv.parts/x"); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Join(d.root, "run", "1.csv.parts")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an empty directory was left: %v", err)
	}
	put(t, d, "run/1.csv.parts/x", "again")
	if get(t, d, "run/1.csv.parts/x") != "again" {
		t.Error("nothing can be written where a directory was")
	}
}

func must[V any](value V, err error) V {
	if err != nil {
		panic(err)
	}
	return value
}

// TestDirectoryRefuses what would be outside of it, or in the way of its own files.
func TestDirectoryRefuses(t *testing.T) {
	d := openDirectory(t)
	for _, name := range []string{"", "..", "../x", "/x", "a/../../x", "a/.x.1.next"} {
		if _, err := d.Write(t.Context(), name, strings.NewReader("x"), Attributes{}); !errors.Is(err, fs.ErrInvalid) || !isFinal(err) {
			t.Errorf("write %q: %v", name, err)
		}
		if _, err := d.Stat(t.Context(), name); !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("stat %q: %v", name, err)
		}
	}
	put(t, d, "a/b", "x")
	if _, err := d.Stat(t.Context(), "a"); err == nil {
		t.Error("a directory is an object")
	}
}

// TestDirectoryVersions: content of the same size, as fast as it can be written, is
// another version each time.
func TestDirectoryVersions(t *testing.T) {
	d := openDirectory(t)
	seen := make(map[string]bool)
	for i := range 200 {
		put(t, d, "x", fmt.Sprintf("%03d", i))
		seen[stat(t, d, "x").Tag] = true
	}
	if len(seen) != 200 {
		t.Errorf("%d tags of 200 versions", len(seen))
	}
	old := stat(t, d, "x")
	put(t, d, "x", "new")
	if _, err := d.Read(t.Context(), "x", old, 0, 3); !errors.Is(err, ErrChanged) {
		t.Errorf("the old version is read: %v", err)
	}
}

func TestDirectoryConditions(t *testing.T) {
	d := openDirectory(t)
	write := func(text string, c Condition) (string, error) {
		return d.Write(t.Context(), "lock", strings.NewReader(text), Attributes{Condition: c})
	}
	if _, err := write("x", Condition{Tag: "0123"}); !errors.Is(err, ErrConflict) {
		t.Errorf("a tag of an object that is not there: %v", err)
	}
	first, err := write("first", Condition{Absent: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := write("second", Condition{Absent: true}); !errors.Is(err, ErrConflict) {
		t.Errorf("created twice: %v", err)
	}
	third, err := write("third", Condition{Tag: first})
	if err != nil || stat(t, d, "lock").Tag != third {
		t.Errorf("tag %q, %v", third, err)
	}
	if _, err := write("fourth", Condition{Tag: first}); !errors.Is(err, ErrConflict) {
		t.Errorf("written with an old tag: %v", err)
	}
	if got := get(t, d, "lock"); got != "third" {
		t.Errorf("the lock is %q", got)
	}
	if entries := must(os.ReadDir(d.root)); len(entries) != 2 { // with the lock
		t.Errorf("the directory has %v", entries)
	}
}

// TestDirectoryRace: of many who write with one condition, one does.
func TestDirectoryRace(t *testing.T) {
	d := openDirectory(t)
	put(t, d, "lock", "start")
	for i := range 20 {
		condition := Condition{Tag: stat(t, d, "lock").Tag}
		if i%4 == 0 {
			condition = Condition{Absent: true}
			if err := d.Remove(t.Context(), "lock"); err != nil {
				t.Fatal(err)
			}
		}
		var winners atomic.Int32
		var winner atomic.Value
		var wait sync.WaitGroup
		for writer := range 16 {
			wait.Go(func() {
				text := fmt.Sprint(i, "-", writer)
				_, err := d.Write(t.Context(), "lock", strings.NewReader(text), Attributes{Condition: condition})
				if err == nil {
					winners.Add(1)
					winner.Store(text)
				} else if !errors.Is(err, ErrConflict) {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if winners.Load() != 1 || get(t, d, "lock") != winner.Load() {
			t.Fatalf("%d of 16 have written, the last %v; the object is %q", winners.Load(), winner.Load(), get(t, d, "lock"))
		}
	}
}

// TestDirectoryFrozenWriter: while a process is frozen with the lock, the store does
// not answer. Nothing is lost.
func TestDirectoryFrozenWriter(t *testing.T) {
	d := openDirectory(t)
	put(t, d, "x", "first")
	write := func(ctx context.Context) error {
		_, err := d.Write(ctx, "x", strings.NewReader("second"), Attributes{Condition: Condition{Tag: stat(t, d, "x").Tag}})
		return err
	}
	release, err := lockedfile.MutexAt(filepath.Join(d.root, lockFile)).Lock()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := write(ctx); !errors.Is(err, context.DeadlineExceeded) || isFinal(err) {
		t.Errorf("with the lock taken: %v", err)
	}
	if get(t, d, "x") != "first" {
		t.Error("it was written without the lock")
	}
	release()
	if err := write(t.Context()); err != nil || get(t, d, "x") != "second" {
		t.Errorf("with the lock free again: %v", err)
	}
}

func TestDirectoryLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := openDirectory(t)
		first := mustAcquire(t, d, "first")
		if _, err := acquire(t, d, "second"); err == nil {
			t.Fatal("two hold the lock")
		}
		first.lock.Stop()
		start := time.Now()
		second := mustAcquire(t, d, "second")
		if took := time.Since(start); took < takeOverAfter || took > takeOverAfter+5*time.Second || second.lock.Before() != "first" {
			t.Errorf("taken over after %v from %q", took, second.lock.Before())
		}
	})
}
