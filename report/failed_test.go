package report_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// row is a result of a row with these bytes.
func row(line int, status worker.Status, raw string) worker.Result {
	r := result(line, "whoever", status)
	r.Row.Raw = raw
	return r
}

func TestFailedRowsAreTheInputsOwn(t *testing.T) {
	tests := []struct {
		name, header string
		results      []worker.Result
		want         string
	}{
		{
			name:   "as they stood, in the order of the results",
			header: "\" UserName \",client_metadata.k,\"note, and more\",\r\n",
			results: []worker.Result{
				row(9, worker.StatusFailed, "\"  bob \",\"v=1,2\",\"two\nlines\",\r\n"),
				row(2, worker.StatusConfirmed, "alice,,,\r\n"),
				row(3, worker.StatusTriggerFailed, "carol,,\" \"\"quoted\"\"\",\"x\"\n"),
				row(4, worker.StatusAlreadyConfirmed, "dave,,,\n"),
				row(5, worker.StatusInvalid, ",,,\n"),
			},
			want: "\" UserName \",client_metadata.k,\"note, and more\",\r\n" +
				"\"  bob \",\"v=1,2\",\"two\nlines\",\r\n" +
				"carol,,\" \"\"quoted\"\"\",\"x\"\n" +
				",,,\n",
		},
		{
			name:    "another delimiter",
			header:  "username;\"a;b\"\n",
			results: []worker.Result{row(2, worker.StatusFailed, "x;\"1;2\"\n"), row(3, worker.StatusFailed, "y;1,2\n")},
			want:    "username;\"a;b\"\nx;\"1;2\"\ny;1,2\n",
		},
		{
			name:    "no header",
			results: []worker.Result{row(1, worker.StatusFailed, "x,1\n"), row(2, worker.StatusInvalid, "y y,2\n")},
			want:    "x,1\ny y,2\n",
		},
		{
			name:    "a last record without its line end",
			header:  "username\n",
			results: []worker.Result{row(3, worker.StatusFailed, "bob"), row(2, worker.StatusFailed, "alice\n")},
			want:    "username\nbob\nalice\n",
		},
		{
			name:    "not UTF-8",
			header:  "username\n",
			results: []worker.Result{row(2, worker.StatusInvalid, "M\xfcller\x00\n")},
			want:    "username\nM\xfcller\x00\n",
		},
		{
			name:    "byte order mark in the header",
			header:  byteOrderMark + "username\n",
			results: []worker.Result{row(2, worker.StatusFailed, byteOrderMark+"x\n")},
			want:    byteOrderMark + byteOrderMark + "username\n" + byteOrderMark + "x\n",
		},
		{
			name:    "byte order mark in the first row",
			results: []worker.Result{row(2, worker.StatusFailed, byteOrderMark+"x\n"), row(3, worker.StatusFailed, byteOrderMark+"y\n")},
			want:    byteOrderMark + byteOrderMark + "x\n" + byteOrderMark + "y\n",
		},
		{
			name:   "a malformed record has no bytes of its own",
			header: "username\n",
			results: []worker.Result{
				{Row: worker.Row{Line: 2}, Status: worker.StatusInvalid, Code: "malformed_record"},
				row(3, worker.StatusFailed, "x\n"),
				{Row: worker.Row{Line: 4, LastLine: 9}, Status: worker.StatusInvalid, Code: "malformed_record"},
			},
			want: "username\nx\n",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := optionsIn(t.TempDir())
			o.Header = test.header
			write(t, o, test.results...)
			if got := read(t, o.Failed); got != test.want {
				t.Errorf("failed rows:\n%q, want\n%q", got, test.want)
			}
			if got := len(lines(t, read(t, o.Report))); got != len(test.results) {
				t.Errorf("%d lines in the report, want %d", got, len(test.results))
			}
		})
	}
}

// TestFailedRowsAcrossBatches makes sure that the header is written once.
func TestFailedRowsAcrossBatches(t *testing.T) {
	o := optionsIn(t.TempDir())
	o.Header = "username,note\n"
	want := "username,note\n"
	r := open(t, o)
	for i := range 3000 {
		record(t, r, row(i+2, worker.StatusFailed, "user,"+strings.Repeat("x", i%40)+"\n"))
		want += "user," + strings.Repeat("x", i%40) + "\n"
	}
	closeRecorder(t, r)
	if got := read(t, o.Failed); got != want {
		t.Errorf("%d bytes of failed rows, want %d", len(got), len(want))
	}
}

// again takes the rows of an input through a failed-rows file and reads that.
func again(t testing.TB, dir string, in *source, noHeader bool, delimiter rune) (names []string, want, got [][]string) {
	t.Helper()
	o := optionsIn(dir)
	o.Overwrite, o.Header = true, in.header
	r := open(t, o)
	rows, fields := in.all(t)
	for i, row := range rows {
		record(t, r, worker.Result{Row: row, Status: worker.StatusInvalid})
		if !isMalformed(row) {
			want = append(want, fields[i])
		}
	}
	closeRecorder(t, r)
	if want == nil {
		missing(t, o.Failed)
		return in.names, nil, nil
	}
	out := newSource(t, read(t, o.Failed), noHeader, delimiter)
	_, got = out.all(t)
	return out.names, want, got
}

// TestFailedRowsRoundTrip has the texts that CSV readers take as something
// else; FuzzFailedRows looks for more of them.
func TestFailedRowsRoundTrip(t *testing.T) {
	for _, test := range roundTrips() {
		t.Run(test.name, func(t *testing.T) {
			in := newSource(t, test.input, test.noHeader, ',')
			names, want, got := again(t, t.TempDir(), in, test.noHeader, ',')
			if want == nil {
				t.Fatal("no rows in the input: the test tests nothing")
			}
			if !slices.Equal(names, in.names) {
				t.Errorf("header %q, want %q", names, in.names)
			}
			if !slices.EqualFunc(got, want, slices.Equal) {
				t.Errorf("rows\n%q, want\n%q", got, want)
			}
		})
	}
}

// FuzzFailedRows: whatever a reader makes of an input, it makes the same of the
// failed-rows file that comes from it.
func FuzzFailedRows(f *testing.F) {
	for _, seed := range roundTrips() {
		f.Add(seed.input, seed.noHeader, ',')
	}
	f.Add("username;note\nalice;\"a;b\"\n", false, ';')
	f.Add("username\tnote\nalice\t\"a\tb\"\n", false, '\t')
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, input string, noHeader bool, delimiter rune) {
		if delimiter != '\t' && !unicode.IsPrint(delimiter) || delimiter == '"' || delimiter == utf8.RuneError {
			return
		}
		os.Remove(optionsIn(dir).Failed)
		in := newSource(t, input, noHeader, delimiter)
		if !noHeader && in.names == nil {
			return // an input without a header that can be read is refused
		}
		if strings.Contains(input, "\r\r") {
			return // encoding/csv, which reads here, takes the first for a part of the cell
		}
		names, want, got := again(t, dir, in, noHeader, delimiter)
		if !slices.Equal(names, in.names) {
			t.Errorf("header %q, want %q", names, in.names)
		}
		if !slices.EqualFunc(got, want, slices.Equal) {
			t.Errorf("rows\n%q, want\n%q", got, want)
		}
	})
}

type roundTrip struct {
	name, input string
	noHeader    bool
}

func roundTrips() []roundTrip {
	return []roundTrip{
		{name: "plain", input: "username,note\nalice,1\nbob,2\n"},
		{name: "byte order mark", input: "\ufeffusername,note\nalice,1\n"},
		{name: "byte order mark twice", input: "\ufeff\ufeffid,username\n1,alice\n"},
		{name: "byte order mark in a row", input: "alice\n\ufeffbob\n", noHeader: true},
		{name: "byte order mark in the first row", input: "\ufeff\ufeffalice\nbob\n", noHeader: true},
		{name: "carriage returns doubled", input: "username,note\r\r\nalice,\"a\r\r\nb\"\r\n"},
		{name: "carriage returns alone", input: "username,note\nalice,\"a\rb\r\"\n"},
		{name: "no line end at the end", input: "username,note\r\nalice,1\r\nbob,\"\"\r"},
		{name: "blank lines between", input: "username\n\n\nalice\n\n\r\nbob\n"},
		{name: "malformed records between", input: "username,note\nalice\nbob,1\nc\"arol,2\ndave,3\n\"eve,4\n"},
		{name: "line breaks", input: "username,note\r\nalice,\"a\r\nb\n\nc\"\r\n"},
		{name: "one empty column", input: "username\n\"\"\nalice\n\"\"\n"},
		{name: "empty columns", input: "username,,\n,,\nalice,,\n"},
		{name: "spaces", input: " username , note \n alice ,  \n"},
		{name: "end of data of PostgreSQL", input: "username,note\n\\.,\\.\n"},
		{name: "comments of other readers", input: "username,note\n#alice,1\n;bob,2\n"},
		{name: "quotes", input: "username,note\nalice,\"say \"\"hi\"\"\"\n"},
		{name: "not UTF-8", input: "username,note\nalice,M\xfcller\nM\xfcller,\x00\n"},
		{name: "header with a line break", input: "\"user\nname\",username\n1,alice\n"},
	}
}

// TestFailedRowsAfterResume: whatever a crash left of the failed-rows file, it
// has the unsuccessful rows of all runs in it afterwards, and nothing else.
func TestFailedRowsAfterResume(t *testing.T) {
	const (
		head    = "username,note\n"
		ownHead = "username,note" + reasons + "\n"
		earlier = ownHead + "bad.bob,2" + notFound + "\nhook.carol,3" + noMail + "\n,4" + emptyName + "\n"
		later   = "bad.dave,5" + notFound + "\n\"bad, eve\",6" + notFound + "\n"
		old     = head + "\"bad.bob\",\"2\"\nhook.carol,3\n,4\n"
		none    = "(none)"
	)
	inputs := map[string]struct{ rest, failed string }{
		"no new failures":    {"dave,5\n", earlier},
		"new failures":       {"bad.dave,5\n\"bad, eve\",6\n", earlier + later},
		"nothing left":       {"", earlier},
		"a malformed record": {"x\n", earlier},
	}
	leftovers := map[string]struct{ failed, unfinished string }{
		"as it was":                {earlier, none},
		"missing":                  {none, none},
		"empty":                    {"", none},
		"torn":                     {ownHead + "bad.bob,2" + notFound + "\nhook.ca", none},
		"torn header":              {"usern", none},
		"with rows that were lost": {earlier + later, none},
		"in another form":          {old, none},
		"zeros":                    {strings.Repeat("\x00", 4096), none},
		"half replaced":            {ownHead + "bad.bob,2" + notFound + "\n", ownHead + "bad.bob,2" + notFound + "\nhook.ca"},
		"never put in its place":   {none, ownHead + strings.Repeat("bad.zoe,2"+notFound+"\n", 1000)},
	}
	for name, n := range inputs {
		for left, files := range leftovers {
			if left == "with rows that were lost" && name != "new failures" {
				continue // they are of another input then
			}
			t.Run(name+"/"+left, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				first := resumption{input: head + "alice,1\nbad.bob,2\nhook.carol,3\n,4\n" + n.rest}
				first.mustRun(t, dir, 4)
				paths := optionsIn(dir)
				for path, content := range map[string]string{paths.Failed: files.failed, unfinishedOf(paths.Failed, "123456"): files.unfinished} {
					if os.Remove(path); content != none {
						put(t, path, content)
						keepPrivate(t, path)
					}
				}
				_, r := first.mustRun(t, dir, everyRow)
				if got := contents(t, paths.Failed); got != n.failed {
					t.Errorf("failed rows\n%q, want\n%q", got, n.failed)
				}
				if r.FailedPath() != paths.Failed {
					t.Errorf("FailedPath returns %q", r.FailedPath())
				}
				want := 2
				if name == "a malformed record" {
					want = 3
				}
				if tree := tree(t, dir); len(tree) != want {
					t.Errorf("files left behind: %q", slices.Collect(maps.Keys(tree)))
				}
				if info, err := os.Stat(paths.Failed); err != nil || info.Mode().Perm() != 0o600 {
					t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
				}
			})
		}
	}
}

// TestFailedRowsOfNoFailures: a file that has some is removed.
func TestFailedRowsOfNoFailures(t *testing.T) {
	dir := t.TempDir()
	n := resumption{input: "username\nalice\nbob\n"}
	n.mustRun(t, dir, 1)
	put(t, optionsIn(dir).Failed, "username\nbob\n")
	_, r := n.mustRun(t, dir, everyRow)
	if got := contents(t, optionsIn(dir).Failed); got != "(none)" || r.FailedPath() != "" {
		t.Errorf("failed rows %q in %q, want no such file", got, r.FailedPath())
	}
}

// TestFailedRowsOfManyFailures: more than fit into the memory that is set aside.
func TestFailedRowsOfManyFailures(t *testing.T) {
	var input strings.Builder
	input.WriteString("username,note\n")
	for range 3000 {
		input.WriteString("bad.user," + strings.Repeat("x", 100) + "\n")
	}
	dir := t.TempDir()
	n := resumption{input: input.String()}
	n.mustRun(t, dir, 2900)
	r, _, err := n.begin(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	const held = 64 << 10
	written, err := filepath.Glob(unfinishedOf(optionsIn(dir).Failed, "*"))
	if err != nil || len(written) != 1 {
		t.Fatalf("unfinished files: %v, %v", written, err)
	}
	if got, all := len(read(t, written[0])), len(n.input); got < all-held-20_000 {
		t.Errorf("%d of %d bytes of failed rows written, the rest is held in memory", got, all)
	}
	closeRecorder(t, r)
	n.mustRun(t, dir, everyRow)
	want := strings.ReplaceAll(strings.TrimSuffix(n.input, "\n"), "\n", notFound+"\n") + notFound + "\n"
	want = strings.Replace(want, notFound, reasons, 1)
	if got := contents(t, optionsIn(dir).Failed); got != want {
		t.Errorf("%d bytes of failed rows, want the whole input and the reasons, %d", len(got), len(want))
	}
}

// TestResumeWithoutAReport starts afresh.
func TestResumeWithoutAReport(t *testing.T) {
	dir := t.TempDir()
	n := resumption{input: everyKindOfRow}
	r, rows, err := n.begin(t, dir)
	if err != nil || rows == nil {
		t.Fatalf("remaining %v, %v", rows, err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if tree := tree(t, dir); len(tree) != 0 {
		t.Fatalf("left behind by a run that did not begin: %q", tree)
	}
	n.mustRun(t, dir, everyRow)
	n.undisturbed(t).same(t, dir)
}

// TestResumeWithoutAReportSparesFailedRows: they are of another run, and it is
// not for this one to take them away.
func TestResumeWithoutAReportSparesFailedRows(t *testing.T) {
	dir := t.TempDir()
	put(t, optionsIn(dir).Failed, everyKindOfRow)
	before := tree(t, dir)
	n := resumption{input: everyKindOfRow}
	_, _, err := n.begin(t, dir)
	if exists, ok := errors.AsType[*report.ExistsError](err); !ok || exists.Path != optionsIn(dir).Failed {
		t.Errorf("%v, want that the failed rows exist", err)
	}
	untouched(t, dir, before)
}

// TestResumeSparesWhatIsNoFailedRows: a file of another kind stays, and one that
// a crash left torn or full of zeros does not.
func TestResumeSparesWhatIsNoFailedRows(t *testing.T) {
	for content, spared := range map[string]bool{
		"precious data\n": true, "id,name\n1,alice\n": true, "username,note\n": true,
		"username\nsomebody\n": false, "userna": false, "": false, "\x00\x00\x00": false, "\ufeffusername\n": false,
		"\"username\"\r\nsomebody\r\n": false, // as another version wrote it
	} {
		dir := t.TempDir()
		n := resumption{input: "username\nalice\nbad.bob\n"}
		n.mustRun(t, dir, 1)
		put(t, optionsIn(dir).Failed, content)
		before := tree(t, dir)
		_, _, err := n.run(t, dir, everyRow)
		if _, isUnusable := errors.AsType[*report.UnusableError](err); isUnusable != spared {
			t.Errorf("failed rows %q: %v", content, err)
		}
		if spared {
			untouched(t, dir, before)
		}
	}
}

// TestCloseWithoutStart: a run that does not begin changes nothing, whatever it
// was allowed to.
func TestCloseWithoutStart(t *testing.T) {
	for name, overwrite := range map[string]bool{"resume": false, "overwrite": true} {
		for report, failed := range map[string]string{
			header + "2,bad,failed,X,,1,0,r,,1,,\n3,bo": "username\nbad\n",
			header + "2,bad,failed,X,,1,0,r,,1,,\n":     "(none)",
			"line,user":                                 "username\nb",
			"":                                          "(none)",
		} {
			dir := t.TempDir()
			files := optionsIn(dir)
			put(t, files.Report, report)
			if failed != "(none)" {
				put(t, files.Failed, failed)
			}
			if err := os.Chmod(files.Report, 0o644); err != nil {
				t.Fatal(err)
			}
			before := tree(t, dir)
			r, _, err := resumption{input: "username\nbad\nbob\n", overwrite: overwrite}.begin(t, dir)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for range 2 {
				if err := r.Close(); err != nil {
					t.Errorf("%s: Close: %v", name, err)
				}
			}
			untouched(t, dir, before)
			if info, err := os.Stat(files.Report); err != nil || info.Mode().Perm() != 0o644 {
				t.Errorf("%s: the mode is %v, %v", name, info.Mode(), err)
			}
		}
	}
}

// TestResumeRefusedForItsFailedRows: before the report is touched.
func TestResumeRefusedForItsFailedRows(t *testing.T) {
	dir := t.TempDir()
	n := resumption{input: everyKindOfRow}
	n.mustRun(t, dir, 3)
	before := tree(t, dir)
	o := optionsIn(dir)
	o.Resume, o.Failed = true, filepath.Join(dir, "nowhere", "failed.csv")
	if _, err := report.Open(t.Context(), o); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("Open: %v, want that the directory does not exist", err)
	}
	untouched(t, dir, before)
}

// TestResumeThroughALink writes where the report is.
func TestResumeThroughALink(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	n := resumption{input: everyKindOfRow}
	n.mustRun(t, elsewhere, 3)
	if err := os.Symlink(optionsIn(elsewhere).Report, optionsIn(dir).Report); err != nil {
		t.Fatal(err)
	}
	n.mustRun(t, dir, everyRow)
	if err := os.Rename(optionsIn(dir).Failed, optionsIn(elsewhere).Failed); err != nil {
		t.Fatal(err)
	}
	n.undisturbed(t).same(t, elsewhere)
}
