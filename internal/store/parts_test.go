package store

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestFetch(t *testing.T) {
	tests := map[string]struct {
		objects []string
		want    []string // what is in the files
		parts   int
	}{
		"nothing":          {nil, nil, 0},
		"a report":         {[]string{"r"}, []string{"r"}, 0},
		"parts only":       {[]string{"r.parts/a", "r.parts/b"}, []string{"r.parts/a", "r.parts/b"}, 2},
		"a report, parts":  {[]string{"r", "r.parts/a"}, []string{"r", "r.parts/a"}, 1},
		"another's report": {[]string{"r2", "r2.parts/a", "r.parts", "r.failed"}, nil, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newMemory()
			for _, name := range test.objects {
				put(t, s, name, name)
			}
			paths, parts, err := Fetch(t.Context(), s, "r", t.TempDir(), 0)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, path := range paths {
				text, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, string(text))
			}
			if !slices.Equal(got, test.want) || len(parts) != test.parts {
				t.Errorf("got %q and %d parts", got, len(parts))
			}
		})
	}
}

// TestFetchWhilePartsAreJoined: what a run that was taken over from still does.
func TestFetchWhilePartsAreJoined(t *testing.T) {
	s := newMemory()
	put(t, s, "r.parts/1", "one")
	put(t, s, "r.parts/2", "two")
	s.fail(func(doing, name string) error {
		if doing == "stat" && name == "r.parts/2" {
			s.fail(nil)
			put(t, s, "r.parts/1-2", "both")
			s.Remove(t.Context(), "r.parts/1")
			s.Remove(t.Context(), "r.parts/2")
		}
		return nil
	})
	paths, parts, err := Fetch(t.Context(), s, "r", t.TempDir(), 0)
	if err != nil || len(paths) != 1 || !slices.Equal(parts, []string{"r.parts/1-2"}) {
		t.Errorf("got %q, %v", parts, err)
	}
}

func TestFetchFails(t *testing.T) {
	s := newMemory()
	put(t, s, "r.parts/1", "one")
	s.fail(func(doing, name string) error {
		if doing == "read" {
			return errDown
		}
		return nil
	})
	if _, _, err := Fetch(t.Context(), s, "r", t.TempDir(), 0); !errors.Is(err, errDown) {
		t.Errorf("got %v", err)
	}
}

func TestRemoveAll(t *testing.T) {
	s := newMemory()
	var names []string
	for i := range 100 {
		names = append(names, fmt.Sprint("r.parts/", i))
		put(t, s, names[i], strings.Repeat("x", i))
	}
	put(t, s, "r", "report")
	if err := RemoveAll(t.Context(), s, names, 0); err != nil || !slices.Equal(s.names(""), []string{"r"}) {
		t.Errorf("%q are left, %v", s.names(""), err)
	}
}
