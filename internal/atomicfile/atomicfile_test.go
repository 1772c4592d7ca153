package atomicfile

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func hello(w io.Writer) error {
	_, err := io.WriteString(w, "hello\n")
	return err
}

func put(t *testing.T, path, content string, mode fs.FileMode) {
	t.Helper()
	if err := errors.Join(os.WriteFile(path, []byte(content), mode), os.Chmod(path, mode)); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func names(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// isOurs recognizes what earlier runs have written.
func isOurs(start []byte) bool { return strings.HasPrefix(string(start), "ours") }

// TestWrite: a file is written as a whole, and one that is not ours stays.
func TestWrite(t *testing.T) {
	tests := map[string]struct {
		old     string // "(none)" for no file
		options Options
		refused bool
	}{
		"new":                           {old: "(none)"},
		"new, for others to read":       {old: "(none)", options: Options{Mode: 0o644}},
		"empty":                         {old: ""},
		"of an earlier run":             {old: "ours: 1", options: Options{Ours: isOurs}},
		"long, of an earlier run":       {old: "ours" + strings.Repeat("x", 1<<20), options: Options{Ours: isOurs}},
		"of somebody else":              {old: "precious", options: Options{Ours: isOurs}, refused: true},
		"of anybody":                    {old: "ours: 1", refused: true},
		"of somebody else, overwriting": {old: "precious", options: Options{Overwrite: true}},
		"kept":                          {old: "ours: 1", options: Options{Ours: isOurs, Keep: isOurs}, refused: true},
		"kept, overwriting":             {old: "ours: 1", options: Options{Overwrite: true, Keep: isOurs}, refused: true},
		"not kept, overwriting":         {old: "precious", options: Options{Overwrite: true, Keep: isOurs}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "file")
			want := cmp.Or(test.options.Mode, 0o600)
			if test.old != "(none)" {
				want = 0o644
				put(t, path, test.old, want)
			}
			before := names(t, dir)
			checked := Check(path, test.options)
			if after := names(t, dir); !slices.Equal(after, before) || test.old != "(none)" && read(t, path) != test.old {
				t.Errorf("Check left %v, want %v", after, before)
			}
			for from, err := range map[string]error{"Check": checked, "Write": Write(path, test.options, hello)} {
				exists, isRefused := errors.AsType[*ExistsError](err)
				if isRefused != test.refused || !test.refused && err != nil {
					t.Errorf("%s: %v", from, err)
				}
				if isRefused && (exists.Path != path || exists.Kept != (test.options.Keep != nil)) {
					t.Errorf("%s: %+v", from, exists)
				}
			}
			if test.refused {
				if got := read(t, path); got != test.old {
					t.Errorf("it is %q now", got)
				}
				return
			}
			if got := read(t, path); got != "hello\n" {
				t.Errorf("wrote %q", got)
			}
			if info, err := os.Stat(path); err != nil || info.Mode() != want && os.PathSeparator == '/' {
				t.Errorf("mode %v, %v; want %v", info.Mode(), err, want)
			}
			if got := names(t, dir); len(got) != 1 {
				t.Errorf("left behind: %v", got)
			}
		})
	}
}

// TestWriteThatFails leaves what was there, and nothing else.
func TestWriteThatFails(t *testing.T) {
	failure := errors.New("no more words")
	for _, old := range []string{"(none)", "ours"} {
		dir := t.TempDir()
		path := filepath.Join(dir, "file")
		if old != "(none)" {
			put(t, path, old, 0o600)
		}
		before := names(t, dir)
		err := Write(path, Options{Overwrite: true}, func(w io.Writer) error {
			return errors.Join(hello(w), failure)
		})
		if !errors.Is(err, failure) || !slices.Equal(names(t, dir), before) {
			t.Errorf("%v; files %v, want %v", err, names(t, dir), before)
		}
		if old != "(none)" && read(t, path) != old {
			t.Errorf("it is %q now", read(t, path))
		}
	}
}

// TestWriteReplacesNothingNew: what changes after the look is somebody's work.
func TestWriteReplacesNothingNew(t *testing.T) {
	tests := map[string]struct {
		old     string // "(none)" for no file
		options Options
		// change is what somebody does with the file while it is written.
		change func(t *testing.T, path string)
		exists bool // the error is an ExistsError
	}{
		"a file that comes":                    {"(none)", Options{}, write, true},
		"a file that comes, overwriting":       {"(none)", Options{Overwrite: true}, write, true},
		"an empty file that is filled":         {"", Options{}, write, true},
		"an empty file that another replaces":  {"", Options{}, replace, true},
		"ours":                                 {"ours: 1", Options{Ours: isOurs}, write, true},
		"ours, replaced":                       {"ours: 1", Options{Ours: isOurs}, replace, true},
		"ours, by more of ours":                {"ours: 1", Options{Ours: func([]byte) bool { return true }}, write, false},
		"a file, overwriting":                  {"worthless", Options{Overwrite: true}, write, false},
		"a file of the same size, overwriting": {"worthles", Options{Overwrite: true}, replace, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "file")
			if test.old != "(none)" {
				put(t, path, test.old, 0o600)
			}
			err := Write(path, test.options, func(w io.Writer) error {
				test.change(t, path)
				return hello(w)
			})
			if err == nil || errors.As(err, new(*ExistsError)) != test.exists {
				t.Errorf("%v, want an ExistsError: %v", err, test.exists)
			}
			if got := read(t, path); got != "precious" || len(names(t, dir)) != 1 {
				t.Errorf("it is %q now, files %v", got, names(t, dir))
			}
		})
	}
}

// write puts somebody's work into a file, replace another file of it in its place.
func write(t *testing.T, path string) { put(t, path, "precious", 0o600) }

func replace(t *testing.T, path string) {
	put(t, path+".new", "precious", 0o600)
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}

func TestPlacesThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "file"), "x", 0o600)
	for _, path := range []string{dir, filepath.Join(dir, "none", "file"), filepath.Join(dir, "file", "file")} {
		for from, err := range map[string]error{"Check": Check(path, Options{Overwrite: true}), "Write": Write(path, Options{Overwrite: true}, hello)} {
			if err == nil {
				t.Errorf("%s: %s can be written", from, path)
			}
		}
	}
	if got := names(t, dir); len(got) != 1 {
		t.Errorf("left behind: %v", got)
	}
}

// TestSweep removes what Temporary made for these paths, and nothing else.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	path, other := filepath.Join(dir, "a.csv"), filepath.Join(dir, "b.csv")
	for _, path := range []string{path, path, other} {
		file, err := Temporary(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
	kept := []string{".a.csv..tmp", ".a.csv.1.tmp.bak", ".a.csv.1x.tmp", ".a.csv.tmp", "a.csv", "a.csv.1.tmp"}
	for _, name := range kept {
		put(t, filepath.Join(dir, name), "", 0o600)
	}
	if err := os.Mkdir(filepath.Join(dir, ".a.csv.9.tmp"), 0o700); err != nil {
		t.Fatal(err)
	}
	Sweep(Unfinished{Path: path}, Unfinished{Path: filepath.Join(dir, "none", "x")})
	got := names(t, dir)
	got = slices.DeleteFunc(got, func(name string) bool { return strings.HasPrefix(name, ".b.csv.") })
	if want := append(kept, ".a.csv.9.tmp"); len(got) != len(want) || len(names(t, dir)) != len(want)+1 {
		t.Errorf("left: %v, want %v and one of b.csv", names(t, dir), want)
	}
}

// TestSweepKnowsOurs by more than the name.
func TestSweepKnowsOurs(t *testing.T) {
	tests := map[string]struct {
		content string
		mode    fs.FileMode
		swept   bool
	}{
		"empty":                  {"", 0o600, true},
		"half-made":              {"ours: 1", 0o600, true},
		"of somebody else":       {"precious\n", 0o600, false},
		"zeros":                  {"\x00\x00", 0o600, false},
		"empty, for others":      {"", 0o644, os.PathSeparator != '/'},
		"half-made, for others":  {"ours: 1", 0o644, os.PathSeparator != '/'},
		"long, of somebody else": {strings.Repeat("precious\n", 10_000), 0o600, false},
	}
	for name, test := range tests {
		dir := t.TempDir()
		put(t, filepath.Join(dir, ".a.csv.1.tmp"), test.content, test.mode)
		Sweep(Unfinished{Path: filepath.Join(dir, "a.csv"), Ours: isOurs})
		if got := len(names(t, dir)) == 0; got != test.swept {
			t.Errorf("%s: swept %v, want %v", name, got, test.swept)
		}
	}
}

// TestTemporaryOfALongName: the random part makes it no longer than a name may be.
func TestTemporaryOfALongName(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, strings.Repeat("n", 255))
	if err := Write(path, Options{}, hello); err != nil {
		t.Fatal(err)
	}
	if got := names(t, dir); len(got) != 1 || len(got[0]) != 255 {
		t.Errorf("files %v", got)
	}
}
