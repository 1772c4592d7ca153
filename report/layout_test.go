package report_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"cognito-confirm/report"
)

// spreadsheets are what other programs make of one report.
func spreadsheets() map[string]string {
	const (
		alice = "2,alice,confirmed,,,1,0,r,01/03/2026 00:00,1.5E+03,,eu-west-1_Test00000\n"
		bad   = "3,bad.bob,failed,X,\"no, \"\"none\"\"\",2,1,r,2026-03-01T00:00:00.000Z,1,,eu-west-1_Test00000\n"
	)
	plain := header + alice + bad
	return map[string]string{
		"as it was":          plain,
		"CRLF":               strings.ReplaceAll(plain, "\n", "\r\n"),
		"a byte order mark":  byteOrderMark + plain,
		"both":               byteOrderMark + strings.ReplaceAll(plain, "\n", "\r\n"),
		"CRLF in the lines":  header + strings.ReplaceAll(alice+bad, "\n", "\r\n"),
		"quotation marks":    quoted(header) + quoted(alice) + strings.Replace(bad, "3,bad.bob", "\"3\",\"bad.bob\"", 1),
		"lines sorted":       header + bad + alice,
		"columns sorted":     strings.Replace(header, "line,username,status", "status,line,username", 1) + strings.Replace(alice, "2,alice,confirmed", "confirmed,2,alice", 1) + strings.Replace(bad, "3,bad.bob,failed", "failed,3,bad.bob", 1),
		"semicolons":         strings.ReplaceAll(header+alice, ",", ";") + "3;bad.bob;failed;X;\"no, \"\"none\"\"\";2;1;r;2026-03-01T00:00:00.000Z;1;;eu-west-1_Test00000\n",
		"tabs":               strings.ReplaceAll(header+alice, ",", "\t") + "3\tbad.bob\tfailed\tX\t\"no, \"\"none\"\"\"\t2\t1\tr\t2026-03-01T00:00:00.000Z\t1\t\teu-west-1_Test00000\n",
		"blank lines":        header + "\r\n" + alice + "\n" + bad + "\n\n",
		"a torn line behind": byteOrderMark + plain + "4,ca",
	}
}

func quoted(line string) string {
	return `"` + strings.ReplaceAll(strings.TrimSuffix(line, "\n"), ",", `","`) + "\"\n"
}

// TestWhatSpreadsheetsDo does not damage a report: a scan reads it, and a resume
// keeps every line and the text of every field.
func TestWhatSpreadsheetsDo(t *testing.T) {
	plain := spreadsheets()["as it was"]
	want := parse(t, plain)
	wantLines := scan(strings.NewReader(plain)).lines
	for name, content := range spreadsheets() {
		t.Run(name, func(t *testing.T) {
			got := scan(strings.NewReader(content))
			if name == "lines sorted" && len(got.lines) == 2 {
				got.lines[0], got.lines[1] = got.lines[1], got.lines[0]
			}
			if !reflect.DeepEqual(got, scanned{lines: wantLines}) {
				t.Errorf("scanned %+v, want %+v", got, wantLines)
			}
			dir := t.TempDir()
			o := optionsIn(dir)
			put(t, o.Report, content)
			n := resumption{input: "username\nalice\nbad.bob\ncarol\n"}
			done, r := n.mustRun(t, dir, everyRow)
			if len(done) != 1 || done[0] != 4 {
				t.Errorf("did lines %v, want line 4", done)
			}
			records := parse(t, read(t, o.Report))
			if name == "lines sorted" {
				records[0], records[1] = records[1], records[0]
			}
			if len(records) != 3 || !reflect.DeepEqual(records[:2], want) {
				t.Errorf("the report is\n%q, want a line after\n%q", records, want)
			}
			if r.Warnings() != nil {
				t.Errorf("warnings %q", r.Warnings())
			}
			if info, err := os.Stat(o.Report); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("mode %v, %v", info.Mode(), err)
			}
			if got := tree(t, dir); len(got) != 2 {
				t.Errorf("left behind: %d files", len(got))
			}
		})
	}
}

// TestLayoutIsChangedByStart, and not before everything else is in order.
func TestLayoutIsChangedByStart(t *testing.T) {
	dir := t.TempDir()
	o := optionsIn(dir)
	put(t, o.Report, spreadsheets()["both"])
	before := tree(t, dir)
	r, _, err := resumption{input: "username\nalice\nbad.bob\ncarol\n"}.begin(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	closeRecorder(t, r)
	untouched(t, dir, before)
	if _, _, err := (resumption{input: "username\nzoe\n"}).begin(t, dir); err == nil {
		t.Error("resumed with another input")
	}
	untouched(t, dir, before)
}

// TestLayoutThroughALink: the link stays one.
func TestLayoutThroughALink(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	put(t, optionsIn(elsewhere).Report, spreadsheets()["both"])
	if err := os.Symlink(optionsIn(elsewhere).Report, optionsIn(dir).Report); err != nil {
		t.Skip(err)
	}
	resumption{input: "username\nalice\nbad.bob\n"}.mustRun(t, dir, everyRow)
	if info, err := os.Lstat(optionsIn(dir).Report); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", info.Mode(), err)
	}
	if got := read(t, optionsIn(elsewhere).Report); got != spreadsheets()["as it was"] {
		t.Errorf("the report is %q", got)
	}
}

// TestSecondRunDuringAChangeOfLayout: the lock goes over to the new file.
func TestSecondRunDuringAChangeOfLayout(t *testing.T) {
	dir := t.TempDir()
	o := optionsIn(dir)
	o.Resume = true
	put(t, o.Report, spreadsheets()["both"])
	first := open(t, o)
	if _, err := report.Open(t.Context(), o); err == nil {
		t.Error("two runs have one report")
	}
	closeRecorder(t, first)
}
