package rows

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

// outcome is what comes of an input, in short: a refusal, or the rows and notes.
func outcome(t testing.TB, in *Reader, err error) string {
	t.Helper()
	if err != nil {
		if !is[*UnusableError](err) {
			t.Fatalf("error %v, want an UnusableError", err)
		}
		wantGoodRefusal(t, err)
		return "refused: " + err.Error()
	}
	var said []string
	for {
		row, err := next(t, in)
		if err != nil {
			if err != io.EOF {
				said = append(said, "error: "+err.Error())
			}
			break
		}
		text := fmt.Sprintf("%d %s", row.Line, row.Username)
		if row.LastLine > 0 {
			text = fmt.Sprintf("%d-%d %s", row.Line, row.LastLine, row.Username)
		}
		if row.Invalid != nil {
			text = strings.TrimSpace(text) + " (" + row.Invalid.Code + ")"
			if row.Raw == "" {
				t.Errorf("line %d is refused and has no text to correct", row.Line)
			}
		}
		said = append(said, text)
	}
	if in.Layout().NoRows {
		said = append(said, "note: the input has no rows")
	}
	for _, note := range append(in.Layout().Assumptions(), in.Layout().Irregularities()...) {
		said = append(said, "note: "+note)
	}
	return strings.Join(said, "\n")
}

// The files that people were found to have.
func TestCases(t *testing.T) {
	tests := []struct {
		file     string
		noHeader bool
		want     []string
	}{
		{"01-sep-line.csv", false, []string{"3 user-1", "4 user-2", "note: the columns are separated by ';', as the first line tells"}},
		{"02-empty-records.csv", false, []string{"2 user-1", "3 user-2", "note: passed over 3 records with nothing in any cell"}},
		{"03-short-rows.csv", false, []string{"2 user-1", "3 user-2", "4 user-3", "5 user-4", "note: 2 rows have fewer cells than there are columns; the missing ones are empty"}},
		{"05-crcrlf-quoted.csv", false, []string{"2 user-1", "3 user-2"}},
		{"07-excel-mangled.csv", false, []string{"2 4.91512E+11", "3 1.23457E+15", "4 #N/A", "5 NULL", `6 \N`, "7 #REF!", "8 nan"}},
		{"11-awscli-text.txt", false, []string{"refused: a line of the input has several users on it; they belong on lines of their own"}},
		{"11-awscli-text.txt", true, []string{"refused: a line of the input has several users on it; they belong on lines of their own"}},
		{"13-plain.csv", false, []string{"2 user-1", "3 user-2", "4 user-3"}},
		{"13-plain.csv", true, []string{"1 username (header_line)", "2 user-1", "3 user-2", "4 user-3", "note: 1 line is a header in the place of a user, and not sent"}},
		{"14-smart-quotes.csv", false, []string{"refused: the cells of line 1 stand in “ ”, which are no quotation marks in a CSV"}},
		{"14-smart-quotes.csv", true, []string{"refused: the cells of line 1 stand in “ ”, which are no quotation marks in a CSV"}},
		{"15-preamble.csv", false, []string{"refused: line 1 is no header; the header seems to be on line 3"}},
		{"16-swallow-silent.csv", false, []string{"2 user-1", "3-6 (malformed_record)", "7 user-6", "note: 1 record takes several lines, the longest one lines 3 to 6"}},
		{"23-both-columns.csv", false, []string{`refused: the column "username" is empty, and the column "cognito:username" is not`}},
		{"26-padded.csv.gz", false, []string{"2 user-1", "3 user-2"}},
		{"27-users.csv.bz2", false, []string{"refused: the input is packed with bzip2, which is not read here"}},
		{"27-users.csv.bz2", true, []string{"refused: the input is packed with bzip2, which is not read here"}},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%s, no header %v", test.file, test.noHeader), func(t *testing.T) {
			in, err := Open(t.Context(), Options{Path: filepath.Join("testdata", test.file), NoHeader: test.noHeader})
			var r *Reader
			if err == nil {
				defer in.Close()
				r = in.Reader
			}
			if got, want := outcome(t, r, err), strings.Join(test.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// What a refusal tells people to type.
func TestHints(t *testing.T) {
	tests := []struct {
		file     string
		noHeader bool
		want     string
	}{
		{"11-awscli-text.txt", false, `put them there: tr '\t' '\n' < testdata/11-awscli-text.txt | cognito-confirm run - --no-header --report testdata/11-awscli-text.report.csv`},
		{"14-smart-quotes.csv", false, `put straight ones (") in their place, or take them away`},
		{"15-preamble.csv", false, "take away the lines before it: tail -n +3 < testdata/15-preamble.csv | cognito-confirm run - --report testdata/15-preamble.report.csv"},
		{"23-both-columns.csv", false, "say which one it is: --username-column cognito:username"},
		{"27-users.csv.bz2", false, "unpack it on the way: bunzip2 -c testdata/27-users.csv.bz2 | cognito-confirm run - --report testdata/27-users.report.csv"},
	}
	for _, test := range tests {
		_, err := Open(t.Context(), Options{Path: filepath.Join("testdata", test.file), NoHeader: test.noHeader})
		unusable, ok := err.(*UnusableError)
		if !ok || unusable.Hint != test.want {
			t.Errorf("%s: %#v, want the hint\n%s", test.file, err, test.want)
		}
	}
}

// outcomeOf reads a text in one piece and byte by byte, which must come to the same.
func outcomeOf(t *testing.T, text string, o Options) string {
	t.Helper()
	whole, err := NewReader(strings.NewReader(text), o)
	want := outcome(t, whole, err)
	if err == nil { // a refusal may tell more about what it has seen more of
		r, err := NewReader(iotest.OneByteReader(strings.NewReader(text)), o)
		if got := outcome(t, r, err); got != want {
			t.Errorf("byte by byte\n%s\nin one piece\n%s", got, want)
		}
	}
	return want
}

type outcomeTest struct {
	name, in string
	options  Options
	want     []string
}

func testOutcomes(t *testing.T, tests []outcomeTest) {
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got, want := outcomeOf(t, test.in, test.options), strings.Join(test.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}
