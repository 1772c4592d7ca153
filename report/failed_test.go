package report_test

import (
	"slices"
	"strings"
	"testing"

	"cognito-confirm/worker"
)

// row is a result of a row with these fields, the username first.
func row(line int, status worker.Status, fields ...string) worker.Result {
	r := result(line, fields[0], status)
	r.Row.Fields = fields
	return r
}

func TestFailedRowsHaveWhatTheInputHad(t *testing.T) {
	tests := []struct {
		name      string
		header    []string
		delimiter rune
		results   []worker.Result
		want      string
	}{
		{
			name:   "header as it stood, all columns, in the order of the results",
			header: []string{" UserName ", "client_metadata.k", "note, and more", ""},
			results: []worker.Result{
				row(9, worker.StatusFailed, "  bob ", "v=1,2", "two\nlines", ""),
				row(2, worker.StatusConfirmed, "alice", "", "", ""),
				row(3, worker.StatusTriggerFailed, "carol", "", ` "quoted"`, "x"),
				row(4, worker.StatusAlreadyConfirmed, "dave", "", "", ""),
				row(5, worker.StatusInvalid, "", "", "", ""),
			},
			want: "\" UserName \",client_metadata.k,\"note, and more\",\n" +
				"\"  bob \",\"v=1,2\",\"two\nlines\",\n" +
				"carol,,\" \"\"quoted\"\"\",x\n" +
				",,,\n",
		},
		{
			name:      "semicolon",
			header:    []string{"username", "a;b"},
			delimiter: ';',
			results:   []worker.Result{row(2, worker.StatusFailed, "x", "1;2"), row(3, worker.StatusFailed, "y", "1,2")},
			want:      "username;\"a;b\"\nx;\"1;2\"\ny;1,2\n",
		},
		{
			name:      "tab",
			header:    []string{"username", "note"},
			delimiter: '\t',
			results:   []worker.Result{row(2, worker.StatusFailed, "x", "a\tb")},
			want:      "username\tnote\nx\t\"a\tb\"\n",
		},
		{
			name:    "no header",
			results: []worker.Result{row(1, worker.StatusFailed, "x", "1"), row(2, worker.StatusInvalid, "y y", "2")},
			want:    "x,1\ny y,2\n",
		},
		{
			name:    "one column, empty",
			header:  []string{"username"},
			results: []worker.Result{row(2, worker.StatusInvalid, ""), row(3, worker.StatusFailed, "x"), row(4, worker.StatusInvalid, "")},
			want:    "username\n\"\"\nx\n\"\"\n",
		},
		{
			name:   "a malformed record has no columns",
			header: []string{"username"},
			results: []worker.Result{
				{Row: worker.Row{Line: 2}, Status: worker.StatusInvalid, Code: worker.CodeMalformedRecord},
				row(3, worker.StatusFailed, "x"),
				{Row: worker.Row{Line: 4, LastLine: 9}, Status: worker.StatusInvalid, Code: worker.CodeMalformedRecord},
			},
			want: "username\nx\n",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := in(t.TempDir())
			o.Header, o.Delimiter = test.header, test.delimiter
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
	o := in(t.TempDir())
	o.Header = []string{"username", "note"}
	want := "username,note\n"
	r := open(t, o)
	for i := range 3000 {
		record(t, r, row(i+2, worker.StatusFailed, "user", strings.Repeat("x", i%40)))
		want += "user," + strings.Repeat("x", i%40) + "\n"
	}
	closeRecorder(t, r)
	if got := read(t, o.Failed); got != want {
		t.Errorf("%d bytes of failed rows, want %d", len(got), len(want))
	}
}

// TestFailedRowsRoundTrip has the texts that CSV readers take as something
// else; FuzzFailedRows looks for more of them.
func TestFailedRowsRoundTrip(t *testing.T) {
	for _, test := range roundTrips() {
		t.Run(test.name, func(t *testing.T) {
			header, rows := readRows(t, test.input, test.noHeader, ',')
			if len(rows) == 0 {
				t.Fatal("no rows in the input: the test tests nothing")
			}
			againHeader, again := rowsAgain(t, t.TempDir(), header, rows, test.noHeader, ',')
			if !slices.Equal(againHeader, header) {
				t.Errorf("header %q, want %q", againHeader, header)
			}
			if !slices.EqualFunc(again, rows, slices.Equal) {
				t.Errorf("rows\n%q, want\n%q", again, rows)
			}
		})
	}
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
