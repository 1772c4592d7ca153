package report_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cognito-confirm/report"
)

// TestTornReport cuts a report off, as a crash may have done, and finishes it:
// nothing in it is doubled, torn or missing. The cuts are all those around a
// line end and some of those between; TestScanOfATornReport has every one.
func TestTornReport(t *testing.T) {
	t.Parallel()
	n := resumption{input: "username\nbad.alice\n\"b\"\"ob, the \xff\"\nbad.carol\n"}
	dir := t.TempDir()
	n.mustRun(t, dir, everyRow)
	files := optionsIn(dir)
	whole, failed := contents(t, files.Report), contents(t, files.Failed)
	if want := "username" + reasons + "\nbad.alice" + notFound + "\n\"b\"\"ob, the \xff\"" + notAllowed + "\nbad.carol" + notFound + "\n"; failed != want {
		t.Fatalf("failed rows %q, want all of them", failed)
	}
	var ends []int // after each line
	for i := range whole {
		if whole[i] == '\n' {
			ends = append(ends, i+1)
		}
	}
	for cut := range len(whole) + 1 {
		if cut%11 != 0 && !strings.Contains(whole[max(0, cut-2):min(cut+2, len(whole))], "\n") {
			continue
		}
		for _, tail := range []string{"", "\x00", strings.Repeat("\x00", 5000)} {
			if tail != "" && cut%22 != 0 {
				continue
			}
			dir := t.TempDir()
			files := optionsIn(dir)
			put(t, files.Report, whole[:cut]+tail)
			kept := 0
			for kept < len(ends) && ends[kept] <= cut {
				kept++
			}
			done, r := n.mustRun(t, dir, everyRow)
			if want := []int{2, 3, 4}[max(0, kept-1):]; !slices.Equal(done, want) {
				t.Fatalf("cut at byte %d: did lines %v, want %v", cut, done, want)
			}
			if r.State().Earlier.Rows != max(0, kept-1) {
				t.Fatalf("cut at byte %d: %d rows earlier", cut, r.State().Earlier.Rows)
			}
			if got := contents(t, files.Report); got != whole {
				t.Fatalf("cut at byte %d: the report is\n%q, want\n%q", cut, got, whole)
			}
			if got := contents(t, files.Failed); got != failed {
				t.Fatalf("cut at byte %d: failed rows %q", cut, got)
			}
		}
	}
}

// TestTornLineIsCutOffByStart, and not before everything else is in order.
func TestTornLineIsCutOffByStart(t *testing.T) {
	dir := t.TempDir()
	n := resumption{input: "username\nalice\nbob\n"}
	const line = "2,alice,confirmed,,,1,0,r,,1,,\n"
	put(t, optionsIn(dir).Report, header+line+"3,bo")
	r, _, err := n.begin(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := contents(t, optionsIn(dir).Report); got != header+line+"3,bo" {
		t.Errorf("before Start the report is %q", got)
	}
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	if got := contents(t, optionsIn(dir).Report); got != header+line {
		t.Errorf("after Start the report is %q", got)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestReportsThatCannotBeContinued are refused with what is wrong, and stay
// byte for byte what they are.
func TestReportsThatCannotBeContinued(t *testing.T) {
	const (
		alice = "2,alice,confirmed,,,1,0,r,2026-03-01T00:00:00.000Z,1,,\n"
		bob   = "3,bob,failed,UserNotFoundException,\"no, none\",1,0,r,2026-03-01T00:00:00.000Z,1,,\n"
		other = "is not a report of this program; its first line is another one"
	)
	damaged := func(line int, why string) string { return fmt.Sprintf("is damaged on line %d: %s", line, why) }
	const notALine = "not a line of a report"
	tests := map[string]struct{ content, reason string }{
		"another CSV":                    {"username,status\nalice,confirmed\n", other},
		"another CSV without an end":     {"username", other},
		"the failed rows":                {"username\nbad\n", other},
		"a column more":                  {strings.Replace(header, "\n", ",note\n", 1) + alice, other},
		"a column less":                  {"line,username,status,code,message,attempts,throttled,request_id,started_at\n", other},
		"lines in another order":         {strings.Replace(header, "line,username", "username,line", 1) + alice, damaged(2, notALine)},
		"a column in place of another":   {strings.Replace(header, "message", "note", 1) + alice, other},
		"a column twice":                 {strings.Replace(header, "message", "code", 1) + alice, other},
		"no header":                      {alice + bob, other},
		"binary":                         {"\x7fELF\x02\x01\x01\x00\x00\x00", other},
		"zeros before something":         {strings.Repeat("\x00", 100_000) + "x", other},
		"UTF-16":                         {"l\x00i\x00n\x00e\x00,\x00", other},
		"a longer start":                 {"line,username,status\n", other},
		"gzip":                           {"\x1f\x8b\x08\x00\x00\x00\x00\x00", other},
		"a blank":                        {" ", other},
		"damaged in the middle":          {header + alice + "3,bo\x00\x00\x00\x00\x00\n" + bob, damaged(3, "wrong number of fields")},
		"zeros in the middle":            {header + alice + strings.Repeat("\x00", 200) + "\n" + bob, damaged(3, "wrong number of fields")},
		"a column too many":              {header + alice + strings.Replace(bob, ",,\n", ",,,\n", 1), damaged(3, "wrong number of fields")},
		"a quote in a field":             {header + alice + strings.Replace(bob, "bob", "b\"ob", 1), damaged(3, `bare " in non-quoted-field`)},
		"a quote that is not closed":     {header + strings.Replace(alice, "alice", "\"alice", 1) + bob, damaged(2, `extraneous or missing " in quoted-field`)},
		"a line that is no number":       {header + strings.Replace(alice, "2,", "two,", 1), damaged(2, notALine)},
		"a line of none":                 {header + strings.Replace(alice, "2,", ",", 1), damaged(2, notALine)},
		"line 0":                         {header + strings.Replace(alice, "2,", "0,", 1), damaged(2, notALine)},
		"a negative line":                {header + alice + strings.Replace(bob, "3,", "-3,", 1), damaged(3, notALine)},
		"a line of too many digits":      {header + strings.Replace(alice, "2,", "92233720368547758080,", 1), damaged(2, notALine)},
		"a fraction":                     {header + strings.Replace(alice, "2,", "2.0,", 1), damaged(2, notALine)},
		"an unknown status":              {header + strings.Replace(alice, "confirmed", "done", 1), damaged(2, notALine)},
		"a status in capitals":           {header + strings.Replace(alice, "confirmed", "CONFIRMED", 1), damaged(2, notALine)},
		"no status":                      {header + strings.Replace(alice, "confirmed", "", 1), damaged(2, notALine)},
		"attempts that are no number":    {header + strings.Replace(alice, ",1,0,", ",one,0,", 1), damaged(2, notALine)},
		"negative attempts":              {header + strings.Replace(alice, ",1,0,", ",-1,0,", 1), damaged(2, notALine)},
		"negative throttles":             {header + strings.Replace(alice, ",1,0,", ",1,-1,", 1), damaged(2, notALine)},
		"more throttles than attempts":   {header + strings.Replace(alice, ",1,0,", ",1,2,", 1), damaged(2, notALine)},
		"attempts that cannot have been": {header + strings.Replace(alice, ",1,0,", ",9223372036854775807,0,", 1), damaged(2, notALine)},
		"a row twice":                    {header + alice + bob + alice, damaged(4, notALine+": line 2 of the input is in it twice")},
		"a line with two users":          {header + alice + strings.Replace(bob, "3,", "2,", 1), damaged(3, notALine+": line 2 of the input is in it twice")},
		"the header again":               {header + alice + header + bob, damaged(3, notALine)},
		"two lines in one":               {header + strings.TrimSuffix(alice, "\n") + bob, damaged(2, "wrong number of fields")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			files := optionsIn(dir)
			put(t, files.Report, test.content)
			put(t, files.Failed, "username\nwhoever\n")
			if err := os.Chmod(files.Report, 0o640); err != nil {
				t.Fatal(err)
			}
			before := tree(t, dir)
			_, _, err := resumption{input: "username\nalice\nbob\n"}.begin(t, dir)
			unusable, ok := errors.AsType[*report.UnusableError](err)
			if !ok || unusable.Path != files.Report || unusable.Reason != test.reason || unusable.IsHeaderless != (test.reason == other) {
				t.Errorf("refused with %v, want that it %s", err, test.reason)
			}
			untouched(t, dir, before)
			if info, err := os.Stat(files.Report); err != nil || info.Mode().Perm() != 0o640 {
				t.Errorf("its mode is %v, %v; want what it was", info.Mode(), err)
			}
			// Nothing holds it any more.
			r, err := report.Open(t.Context(), report.Options{Report: files.Report, Failed: files.Failed, Overwrite: true})
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestReportWithBlankLines: an editor's last line break, or two, do no harm.
func TestReportWithBlankLines(t *testing.T) {
	dir := t.TempDir()
	put(t, optionsIn(dir).Report, header+"\n2,alice,confirmed,,,1,0,r,,1,,\n\n")
	done, _ := resumption{input: "username\nalice\nbob\n"}.mustRun(t, dir, everyRow)
	if !slices.Equal(done, []int{3}) {
		t.Errorf("did lines %v, want line 3 alone", done)
	}
}

// TestReportThatIsNoFile: what can only be refused is refused.
func TestReportThatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(optionsIn(dir).Report, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, _, err := (resumption{input: "username\nalice\n"}).begin(t, dir); err == nil {
		t.Error("a directory was continued")
	}
	if entries, err := os.ReadDir(filepath.Dir(optionsIn(dir).Report)); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}
