package rows

import (
	"os"
	"strings"
	"testing"
	"time"
)

// growing is an input file that somebody writes to after it was opened.
type growing struct {
	path string
	file *os.File
}

func newGrowing(t *testing.T, name, content string) growing {
	t.Helper()
	path := put(t, name, content)
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	// As old as no clock can be too coarse for.
	hourAgo := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, hourAgo, hourAgo); err != nil {
		t.Fatal(err)
	}
	return growing{path, file}
}

// touch is what somebody does who writes something that cannot be seen yet.
func (g growing) touch(t *testing.T) {
	t.Helper()
	if err := os.Chtimes(g.path, time.Time{}, time.Now()); err != nil {
		t.Fatal(err)
	}
}

func (g growing) add(t *testing.T, text string) {
	t.Helper()
	if _, err := g.file.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

// A last line without an end may be half a username when the file has changed.
func TestUnfinishedLine(t *testing.T) {
	long := strings.Repeat("u,x\n", 20_000) // more than any buffer
	const touched = "touched"
	tests := []struct {
		name, before, after string
		noHeader            bool
		rows                int
		last                string
		unfinished          int
		changed             bool
	}{
		{"nobody writes", "username\nann\nuser-1", "", false, 2, "user-1", 0, false},
		{"nobody writes, no header", "ann\nuser-1", "", true, 2, "user-1", 0, false},
		{"somebody writes", "username\nann\nuser-1", touched, false, 1, "ann", 3, true},
		{"the rest comes after it was read, no header", "user-1", "2\n", true, 0, "", 1, true},
		{"a whole last line", "username\nann\nbob\n", touched, false, 2, "bob", 0, true},
		{"a whole line more", "username\nann\nbob\n", "cem\n", false, 3, "cem", 0, true},
		{"in time", "username,note\n" + long + "user-1", "2,x\n", false, 20_001, "user-12", 0, true},
		{"half of it in time", "username,note\n" + long, "user-1", false, 20_000, "u", 20_002, true},
		{"inside quotation marks", "username,note\nann,x\nbob,\"y\nz\n", touched, false, 1, "ann", 3, true},
		{"a mistake", "username\nann\nb\"", touched, false, 1, "ann", 3, true},
		{"a carriage return may be half a line end", "username,note\nann,x\nbob,y\r", touched, false, 2, "bob", 0, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			file := newGrowing(t, "users.csv", test.before)
			in, err := Open(t.Context(), Options{Path: file.path, NoHeader: test.noHeader})
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			if in.Changed() {
				t.Error("changed before anybody wrote")
			}
			switch test.after {
			case "":
			case touched:
				file.touch(t)
			default:
				file.add(t, test.after)
			}
			rows := remainingRows(t, in.Reader)
			last := ""
			if len(rows) > 0 {
				last = rows[len(rows)-1].Username
			}
			if len(rows) != test.rows || last != test.last {
				t.Errorf("%d rows, the last one of %q; want %d and %q", len(rows), last, test.rows, test.last)
			}
			layout := in.Layout()
			if layout.Unfinished != test.unfinished || in.Changed() != test.changed {
				t.Errorf("unfinished line %d, changed %v; want %d, %v", layout.Unfinished, in.Changed(), test.unfinished, test.changed)
			}
			if layout.NoRows {
				t.Error("an input with a line that is not finished has no rows")
			}
			if test.unfinished > 0 && !strings.Contains(strings.Join(layout.Irregularities(), "\n"), "left for the next --resume") {
				t.Errorf("notes %q", layout.Irregularities())
			}
			remainingRows(t, in.Reader) // the end stays the end
		})
	}
}

// A last line that was whole when it was read may be half a username by the time
// it is its turn.
func TestUnended(t *testing.T) {
	for _, test := range []struct {
		name, in string
		isLeft   []bool // for each row, once somebody has written
	}{
		{"no line end", "username\nann\nuser-1", []bool{false, true}},
		{"a line end", "username\nann\nuser-1\n", []bool{false, false}},
		{"malformed", "username,x\nann\nbob,\"y", []bool{false, true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := newGrowing(t, "users.csv", test.in)
			in, err := Open(t.Context(), Options{Path: file.path})
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			for _, isLeft := range test.isLeft {
				row, err := in.Next()
				if err != nil || row.Unended != isLeft || in.LeaveOut(row) {
					t.Fatalf("%+v, error %v, left out %v before anybody wrote", row, err, in.LeaveOut(row))
				}
				file.touch(t)
				if in.LeaveOut(row) != isLeft || in.Layout().Unfinished > 0 != isLeft {
					t.Errorf("%+v, unfinished %d", row, in.Layout().Unfinished)
				}
				hourAgo := in.Info().ModTime()
				if err := os.Chtimes(file.path, hourAgo, hourAgo); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// A file that took the place of the one that is read has rows that nobody reads.
func TestReplacedFile(t *testing.T) {
	for _, name := range []string{"file", "link"} {
		t.Run(name, func(t *testing.T) {
			path := newGrowing(t, "users.csv", "username\nann\n").path
			other := put(t, "other.csv", "username\nann\nbob\n")
			place := path
			if name == "link" {
				place = path + ".link"
				if err := os.Symlink(path, place); err != nil {
					t.Skip(err)
				}
			}
			in, err := Open(t.Context(), Options{Path: place})
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			if in.Changed() {
				t.Error("changed before anybody did a thing")
			}
			if err := os.Remove(place); err != nil {
				t.Skip(err) // an open file stays where it is, on some systems
			}
			if in.Changed() {
				t.Error("a file that is gone has changed")
			}
			if err := os.Rename(other, place); err != nil {
				t.Fatal(err)
			}
			if !in.Changed() {
				t.Error("another file in its place is no change")
			}
		})
	}
}

// A pipe ends when its writer closes it, so its last line is whole.
func TestPipeIsWhole(t *testing.T) {
	in, err := Open(t.Context(), Options{Path: "-", Stdin: strings.NewReader("username\nann\nbob")})
	if err != nil {
		t.Fatal(err)
	}
	if rows := remainingRows(t, in.Reader); len(rows) != 2 || in.Changed() {
		t.Errorf("%d rows, changed %v", len(rows), in.Changed())
	}
}

// A header may be half of one, too.
func TestUnfinishedHeader(t *testing.T) {
	_, err := newReader(strings.NewReader("user"), Options{}, func() bool { return true })
	wantUnusable(t, err, "the header is not complete: the file is still being written", "wait until it is whole")
}

// A gzip file that grows is looked at as it is on the disk.
func TestGrowingGzip(t *testing.T) {
	whole := zipped(t, "username\nann\nbob")
	file := newGrowing(t, "users.csv.gz", whole)
	in, err := Open(t.Context(), Options{Path: file.path})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	file.touch(t)
	if rows := remainingRows(t, in.Reader); len(rows) != 1 || in.Layout().Unfinished != 3 {
		t.Errorf("rows %v, layout %+v", rows, in.Layout())
	}

	file = newGrowing(t, "users.csv.gz", whole[:len(whole)-3])
	in, err = Open(t.Context(), Options{Path: file.path})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	file.touch(t)
	if row, err := in.Next(); err != nil || row.Username != "ann" {
		t.Fatalf("row %+v, error %v", row, err)
	}
	_, err = in.Next()
	wantUnusable(t, err, "the gzip file ends in the middle: it is still being written", "wait until it is whole, then give it with --resume")
}
