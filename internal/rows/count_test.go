package rows

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cognito-confirm/worker"
)

// yields reads an input to its end and returns how many rows there were.
func yields(t *testing.T, in *Input) (rows int, err error) {
	t.Helper()
	for {
		if _, err := in.Next(); err != nil {
			return rows, err
		}
		rows++
	}
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.String()
}

// TestCount: it is how many rows the reader yields, whatever these are, and
// counting in the middle changes nothing for the reader.
func TestCount(t *testing.T) {
	quoted := "username,note\r\nalice,\"two\nlines\"\r\n\r\n\" \",\"\"\r\nbob,\"not closed\ncarol,x\n"
	inputs := map[string]struct {
		name, text string
		options    Options
		want       int
	}{
		"no rows":        {"in.csv", "username\n", Options{}, 0},
		"lines":          {"in.csv", "username\nalice\nbob\n", Options{}, 2},
		"no last end":    {"in.csv", "username\nalice\nbob", Options{}, 2},
		"blank lines":    {"in.csv", "\n\nusername\n\nalice\n\n\nbob\n\n", Options{}, 2},
		"empty records":  {"in.csv", "username,note\n,\nalice,\n , \nbob,x\n", Options{}, 2},
		"one column":     {"in.csv", "username\n\" \"\nalice\n", Options{}, 2},
		"invalid rows":   {"in.csv", "username,note\n,x\na,b,c,d\nali\"ce,x\nusername,note\n", Options{}, 4},
		"quoted":         {"in.csv", quoted, Options{}, 2},
		"no header":      {"in.csv", "alice\n\nbob\n", Options{NoHeader: true}, 2},
		"old line ends":  {"in.csv", "username\ralice\rbob\r", Options{}, 2},
		"a found column": {"in.csv", "id;username\n1;alice\n\n2;bob\n", Options{}, 2},
		"look ahead":     {"in.csv", "username,cognito:username\nalice,\nbob,\n", Options{}, 2},
		"packed":         {"in.csv.gz", gzipped(t, quoted), Options{}, 2},
		"many":           {"in.csv", "username\n" + strings.Repeat("somebody@example.com\n", 3*countStep), Options{}, 3 * countStep},
	}
	for name, test := range inputs {
		t.Run(name, func(t *testing.T) {
			test.options.Path = filepath.Join(t.TempDir(), test.name)
			if err := os.WriteFile(test.options.Path, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			in, err := Open(t.Context(), test.options)
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			first, err := in.Next()
			if err != nil && !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
			last := 0
			got, err := in.Count(t.Context(), worker.Shard{}, func(rows int) { last = rows })
			if err != nil || got != test.want || last != got/countStep*countStep {
				t.Errorf("counted %d rows, %d on the way, error %v; want %d", got, last, err, test.want)
			}
			rest, err := yields(t, in)
			if first.Line > 0 {
				rest++
			}
			if !errors.Is(err, io.EOF) || rest != test.want {
				t.Errorf("read %d rows, error %v; want %d", rest, err, test.want)
			}
			if read, size := in.Read(); read != size || size != int64(len(test.text)) {
				t.Errorf("read %d bytes of %d, want %d", read, size, len(test.text))
			}
		})
	}
}

// TestCountOfTestdata counts every file that can be read.
func TestCountOfTestdata(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("testdata", "*.*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%d files, error %v", len(paths), err)
	}
	counted := 0
	for _, path := range paths {
		in, err := Open(t.Context(), Options{Path: path})
		if err != nil {
			continue
		}
		got, countErr := in.Count(t.Context(), worker.Shard{}, func(int) {})
		want, err := yields(t, in)
		in.Close()
		if errors.Is(err, io.EOF) && (countErr != nil || got != want) {
			t.Errorf("%s: counted %d rows, error %v; want %d", path, got, countErr, want)
		}
		counted += got
	}
	if counted == 0 {
		t.Error("no row in any file")
	}
}

// TestCountStandardInput: what somebody has read before is not counted.
func TestCountStandardInput(t *testing.T) {
	path := filepath.Join(t.TempDir(), "in.csv")
	if err := os.WriteFile(path, []byte("a title\nusername\nalice\nbob\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	stdin, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	if _, err := io.ReadFull(stdin, make([]byte, len("a title\n"))); err != nil {
		t.Fatal(err)
	}
	in, err := Open(t.Context(), Options{Path: "-", Stdin: stdin})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := in.Count(t.Context(), worker.Shard{}, nil); got != 2 || err != nil {
		t.Errorf("counted %d rows, error %v", got, err)
	}
}

func TestCountOnce(t *testing.T) {
	in, err := Open(t.Context(), Options{Path: "-", Stdin: strings.NewReader("username\nalice\n")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.Count(t.Context(), worker.Shard{}, nil); !errors.Is(err, ErrOnce) {
		t.Errorf("error %v", err)
	}
	if _, size := in.Read(); size != 0 {
		t.Errorf("size %d of no file", size)
	}
}

func TestCountEndsEarly(t *testing.T) {
	const text = "username\nalice\nbob\n"
	torn := gzipped(t, text)
	path := filepath.Join(t.TempDir(), "in.csv.gz")
	if err := os.WriteFile(path, []byte(torn[:len(torn)-4]), 0o600); err != nil {
		t.Fatal(err)
	}
	in, err := Open(t.Context(), Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if _, err := in.Count(t.Context(), worker.Shard{}, nil); !is[*UnusableError](err) {
		t.Errorf("a torn file: error %v", err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("the run is over")
	cancel(why)
	if _, err := in.Count(ctx, worker.Shard{}, nil); err != why {
		t.Errorf("a context that has ended: error %v", err)
	}
}
