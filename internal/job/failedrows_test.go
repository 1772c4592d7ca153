package job

import (
	"cmp"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"cognito-confirm/internal/rows"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// rowsOf reads all rows of an input.
func rowsOf(t *testing.T, in *rows.Reader) (all []worker.Row) {
	t.Helper()
	for {
		row, err := in.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
}

// failAll reads an input as a job does, has every row of it fail, and returns its
// rows and the failed-rows file.
func failAll(t *testing.T, in *rows.Reader, dir string) (all []worker.Row, failed string) {
	t.Helper()
	o := report.Options{
		Report: filepath.Join(dir, "r.report.csv"), Failed: filepath.Join(dir, "r.failed.csv"), Overwrite: true,
		Header: in.Header(), Columns: in.Columns(), Delimiter: in.Delimiter(),
	}
	r, err := report.Open(t.Context(), o)
	if err == nil {
		err = r.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rowsOf(t, in) {
		if err := r.Record(worker.Result{Row: row, Status: worker.StatusFailed, Code: "SomeException", Message: "why, \"and\"; how\tso | ever"}); err != nil {
			t.Fatal(err)
		}
		if row.Invalid == nil || row.Invalid.Code != rows.CodeMalformedRecord {
			all = append(all, row)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(o.Failed)
	if err != nil && len(all) > 0 {
		t.Fatal(err)
	}
	return all, string(text)
}

// feedable is an input and the flags with which it is read.
type feedable struct {
	input   string
	options rows.Options
}

func feedables() map[string]feedable {
	return map[string]feedable{
		"plain":                    {"username,note\nalice,1\nbob,2\n", rows.Options{}},
		"one column":               {"username\nalice\nbob\n", rows.Options{}},
		"client metadata":          {"id,username,client_metadata.k\n1,alice,a\n2,bob,\"b,\"\"c\"\n", rows.Options{}},
		"a column of another name": {"mail,id\nalice@x,1\n", rows.Options{UsernameColumn: "MAIL"}},
		"semicolons":               {"username;note\nalice;a,b\nbob;\n", rows.Options{Delimiter: ';'}},
		"semicolons, found":        {"id;username;note\n1;alice;\"a;b\"\n", rows.Options{}},
		"tabs":                     {"username\tnote\nalice\t\"a\tb\"\n", rows.Options{Delimiter: '\t'}},
		"sep=":                     {"sep=;\r\nusername;note\r\nalice;1\r\n", rows.Options{}},
		"sep=, the comma":          {"sep=,\nusername,note\nalice,1\n", rows.Options{}},
		"CR":                       {"username,note\ralice,1\rbob,2\r", rows.Options{}},
		"CRCRLF":                   {"username,note\r\r\nalice,1\r\r\n", rows.Options{}},
		"a CR among LF":            {"username,note\nalice,1\rbob,2\ncarol,3\n", rows.Options{}},
		"no line end at the end":   {"username,note\r\nalice,1\r\nbob,2", rows.Options{}},
		"cells that are missing":   {"username,note,more\nalice\nbob,1\ncarol,1,2\n", rows.Options{}},
		"records over lines":       {"username,note\nalice,\"one\ntwo\n\"\nbob,2\n", rows.Options{}},
		"invalid and malformed":    {"username,note\n,1\nno one,2\nusername,note\na,b,c\nd\"e,4\nalice,5\n", rows.Options{}},
		"byte order mark":          {"\ufeffusername,note\n\ufeffalice,1\n", rows.Options{}},
		"UTF-16":                   {utf16Text("username;note\r\n\u00fcnal;\u4e16\u754c\r\n"), rows.Options{}},
		"a failed-rows file":       {"username,confirm_code,confirm_status,note\nalice,\"x,y\",,1\nbob\n", rows.Options{}},
		"no header":                {"alice@x,1\nbob@x,2\n,3\n", rows.Options{NoHeader: true}},
		"no header, one column":    {"alice@x\nbob@x\n", rows.Options{NoHeader: true}},
	}
}

// TestFailedRowsFeedStraightBack: with the flags of the run that wrote it, the
// failed-rows file has the rows of the input, without anything to warn of, and
// what comes of it has the columns of the input and of the reasons once.
func TestFailedRowsFeedStraightBack(t *testing.T) {
	for name, test := range feedables() {
		t.Run(name, func(t *testing.T) { feedBack(t, t.TempDir(), test.input, test.options) })
	}
}

// FuzzFailedRowsFeedBack: the same of any input with a row in it that can be fed back.
func FuzzFailedRowsFeedBack(f *testing.F) {
	for _, seed := range feedables() {
		f.Add(seed.input, cmp.Or(seed.options.Delimiter, ','))
	}
	f.Fuzz(func(t *testing.T, input string, delimiter rune) {
		o := rows.Options{Delimiter: delimiter}
		in, err := rows.NewReader(strings.NewReader(input), o)
		if err != nil {
			return
		}
		hasRows := false
		for {
			row, err := in.Next()
			if err != nil {
				break
			}
			if row.Invalid != nil && row.Invalid.Code == rows.CodeHeaderLine {
				return // what comes after it depends on it
			}
			hasRows = hasRows || row.Invalid == nil || row.Invalid.Code != rows.CodeMalformedRecord
		}
		if hasRows {
			feedBack(t, t.TempDir(), input, o)
		}
	})
}

func feedBack(t *testing.T, dir, input string, o rows.Options) {
	t.Helper()
	in, err := rows.NewReader(strings.NewReader(input), o)
	if err != nil {
		t.Fatal(err)
	}
	want, failed := failAll(t, in, dir)
	again, err := rows.NewReader(strings.NewReader(failed), o)
	if err != nil {
		t.Fatalf("%v in\n%s", err, failed)
	}
	got, failedAgain := failAll(t, again, dir)
	if got, want := again.Columns(), columnsWithReasons(in.Columns()); !slices.Equal(got, want) {
		t.Errorf("columns %q, want %q", got, want)
	}
	if failedAgain != failed {
		t.Errorf("the failed rows of the failed rows are\n%q, want\n%q", failedAgain, failed)
	}
	if in.Layout().Encoding == "UTF-8" && !slices.Equal(again.Layout().Assumptions(), in.Layout().Assumptions()) {
		t.Errorf("it is read with the notes %q, and the input with %q", again.Layout().Assumptions(), in.Layout().Assumptions())
	}
	for i := range want {
		if i < len(got) {
			want[i].Line, want[i].Raw, want[i].Unended = 0, "", false
			got[i].Line, got[i].Raw, got[i].Unended = 0, "", false
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("rows\n%+v, want\n%+v\nin\n%s", got, want, failed)
	}
}

func columnsWithReasons(columns []string) []string {
	if columns == nil {
		return nil
	}
	columns = slices.Clone(columns)
	for _, name := range []string{"confirm_status", "confirm_code", "confirm_message"} {
		if !slices.ContainsFunc(columns, func(column string) bool { return strings.EqualFold(strings.TrimSpace(column), name) }) {
			columns = append(columns, name)
		}
	}
	return columns
}

// utf16Text is a text in UTF-16, as spreadsheets save it.
func utf16Text(text string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		b.WriteByte(byte(unit))
		b.WriteByte(byte(unit >> 8))
	}
	return b.String()
}
