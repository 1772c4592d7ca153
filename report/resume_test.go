package report_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"cognito-confirm/report"
)

// everyKindOfRow is an input with a row of every kind.
const everyKindOfRow = "username,note\n" +
	"alice,1\n" + // 2
	"bad.bob,2\n" +
	",3\n" + // empty
	"carol\n" + // 5: another number of columns
	"\"da\nve\",5\n" + // 6 and 7: a username with a line break
	"old.eve,\"6\n7\"\n" + // 8 and 9
	"hook.fred,8\n" + // 10
	"alice,9\n" + // again
	"ünal,10\n" +
	"esc\x1b[31m,11\n" +
	"\xff\xfe,12\n" +
	"tab\tbed,\"a \"\"quote\"\"\"\n" +
	"gina,14\n"

// TestResumeAfterEveryNumberOfRows ends a first run after each number of rows
// and a second one after each number of those that are left.
func TestResumeAfterEveryNumberOfRows(t *testing.T) {
	inputs := map[string]resumption{
		"every kind":           {input: everyKindOfRow},
		"without header":       {input: strings.TrimPrefix(everyKindOfRow, "username,note\n"), noHeader: true},
		"unclosed quote":       {input: everyKindOfRow + "bad.ivy,15\n\"henry,16\nivan,17\njane,18"},
		"nothing but bad rows": {input: "username\nbad1\nbad2\n\"\"\nbad3\n"},
		"blank lines between":  {input: "username\n\n\nalice\n\n\r\n\nbad\n\n"},
		"malformed first row":  {input: "a\"b\nalice\nbob\n", noHeader: true},
	}
	for name, n := range inputs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all, _ := n.mustRun(t, t.TempDir(), everyRow)
			want := n.undisturbed(t)
			for first := range len(all) + 1 {
				for _, second := range []int{0, 1, (len(all) - first) / 2} {
					dir := t.TempDir()
					n.mustRun(t, dir, first)
					n.mustRun(t, dir, second)
					left, r := n.mustRun(t, dir, everyRow)
					if earlier := min(first+second, len(all)); !slices.Equal(left, all[earlier:]) {
						t.Errorf("after %d and %d rows: did lines %v, want %v", first, second, left, all[earlier:])
					} else if r.State().Earlier.Rows != earlier || r.State().ThisRun.Rows != len(left) {
						t.Errorf("%d rows earlier and %d now, want %d and %d", r.State().Earlier.Rows, r.State().ThisRun.Rows, earlier, len(left))
					}
					want.same(t, dir)
				}
			}
		})
	}
}

// TestResumeOutOfOrder: rows finish in any order and any of them may be left
// out; those come first and in the order of the input.
func TestResumeOutOfOrder(t *testing.T) {
	n := resumption{input: "username\n" + strings.Join(numberedNames(3000), "\n") + "\n"}
	dir := t.TempDir()
	content := header
	missing := []int{2, 3, 700, 1500, 1501}
	for line := 2000; line >= 2; line-- {
		if !slices.Contains(missing, line) {
			content += fmt.Sprintf("%d,user%04d,confirmed,,,1,0,r,2026-03-01T00:00:00.000Z,1,,\n", line, line)
		}
	}
	put(t, optionsIn(dir).Report, content)
	want := missing
	for line := 2001; line <= 3001; line++ {
		want = append(want, line)
	}
	if done, _ := n.mustRun(t, dir, everyRow); !slices.Equal(done, want) {
		t.Errorf("did the lines %v, want those that were left out and then the rest", done)
	}
	n.undisturbed(t).same(t, dir)
}

// numberedNames are usernames with the number of the line on which they stand.
func numberedNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("user%04d", i+2)
	}
	return names
}

func TestResumeOfAnEditedInput(t *testing.T) {
	const input = "username,note\nalice,1\nbob,2\n\"carol\",\"3\n4\"\n,5\nbad,6\nalice,7\n"
	const (
		other = "has another username than in the report"
		none  = "is in the report, but no row starts there"
	)
	// Lines: alice 2, bob 3, carol 4 to 5, empty 6, bad 7, alice 8.
	tests := []struct {
		name, input string
		noHeader    bool
		line        int
		reason      string
	}{
		{name: "username changed", input: strings.Replace(input, "bob", "bert", 1), line: 3, reason: other},
		{name: "username in capitals", input: strings.Replace(input, "bob", "Bob", 1), line: 3, reason: other},
		{name: "last username changed", input: strings.Replace(input, "alice,7", "zoe,7", 1), line: 8, reason: other},
		{name: "empty username filled in", input: strings.Replace(input, "\n,5", "\nzoe,5", 1), line: 6, reason: other},
		{name: "row malformed", input: strings.Replace(input, "bob,2", "bob,2,2", 1), line: 3, reason: other},
		{name: "rows swapped", input: strings.Replace(input, "alice,1\nbob,2", "bob,2\nalice,1", 1), line: 2, reason: other},
		{name: "row inserted", input: strings.Replace(input, "bob", "zoe,0\nbob", 1), line: 3, reason: other},
		{name: "blank line inserted", input: strings.Replace(input, "bob", "\nbob", 1), line: 3, reason: none},
		{name: "row deleted", input: strings.Replace(input, "bob,2\n", "", 1), line: 3, reason: other},
		{name: "row deleted after two lines", input: strings.Replace(input, ",5\n", "", 1), line: 6, reason: other},
		// Nothing is known of line 5, where the empty one moves to.
		{name: "line break in a field taken out", input: strings.Replace(input, "3\n4", "34", 1), line: 6, reason: other},
		{name: "line break put into a field", input: strings.Replace(input, "bob,2", "bob,\"2\n\"", 1), line: 4, reason: none},
		{name: "last row cut off", input: strings.TrimSuffix(input, "alice,7\n"), line: 8, reason: none},
		{name: "nothing left but the header", input: "username,note\n", line: 2, reason: none},
		{name: "header line added", input: "username,note\n" + input, line: 2, reason: other},
		{name: "header line taken away", input: strings.TrimPrefix(input, "username,note\n"), noHeader: true, line: 2, reason: other},
		{name: "quote opened", input: strings.Replace(input, "bob", "\"bob", 1), line: 3, reason: other},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			resumption{input: input}.mustRun(t, dir, everyRow)
			before := tree(t, dir)
			_, _, err := resumption{input: test.input, noHeader: test.noHeader}.begin(t, dir)
			edited, ok := errors.AsType[*report.EditedError](err)
			if !ok || edited.Line != test.line || edited.Reason != test.reason {
				t.Errorf("resume: %v, want line %d, which %s", err, test.line, test.reason)
			}
			untouched(t, dir, before)
		})
	}
}

// TestResumeWithRowsAppended: what follows the last line of the report is new.
func TestResumeWithRowsAppended(t *testing.T) {
	dir := t.TempDir()
	resumption{input: everyKindOfRow}.mustRun(t, dir, everyRow)
	n := resumption{input: everyKindOfRow + "bad.henry,15\nivan,16\n"}
	done, _ := n.mustRun(t, dir, everyRow)
	if want := []int{17, 18}; !slices.Equal(done, want) {
		t.Errorf("did lines %v, want %v", done, want)
	}
	n.undisturbed(t).same(t, dir)
	if done, _ := n.mustRun(t, dir, everyRow); done != nil {
		t.Errorf("did lines %v again", done)
	}
}

func TestRemainingIsNilWhenNothingIsLeft(t *testing.T) {
	for name, input := range map[string]string{"all done": everyKindOfRow, "no rows at all": "username\n"} {
		dir := t.TempDir()
		n := resumption{input: input}
		n.mustRun(t, dir, everyRow)
		before := tree(t, dir)
		r, rows, err := n.begin(t, dir)
		if err != nil || rows != nil {
			t.Fatalf("%s: remaining %v, %v; want none", name, rows, err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		untouched(t, dir, before)
	}
}

// TestResumeEndsWithItsContext, in the report as well as in the input.
func TestResumeEndsWithItsContext(t *testing.T) {
	dir := t.TempDir()
	n := resumption{input: everyKindOfRow}
	n.mustRun(t, dir, 3)
	before := tree(t, dir)
	o := optionsIn(dir)
	o.Resume, o.Header, o.Columns = true, "username,note\n", []string{"username", "note"}
	why := errors.New("why it ended")
	ctx, cancel := context.WithCancelCause(t.Context())
	r, err := report.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	cancel(why)
	if _, err := r.Remaining(ctx, newSource(t, n.input, false, ',')); !errors.Is(err, why) {
		t.Errorf("Remaining: %v, want the cause", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if _, err := report.Open(ctx, o); !errors.Is(err, why) {
		t.Errorf("Open: %v, want the cause", err)
	}
	untouched(t, dir, before)
}

// TestResumeOfHugeLines: line numbers that nobody can count up to are refused at
// once.
func TestResumeOfHugeLines(t *testing.T) {
	for _, line := range []string{"9223372036854775807", "9223372036854774784", "1000000000000"} {
		dir := t.TempDir()
		put(t, optionsIn(dir).Report, header+line+",alice,confirmed,,,1,0,r,,1,,\n")
		_, _, err := resumption{input: everyKindOfRow}.begin(t, dir)
		if edited, ok := errors.AsType[*report.EditedError](err); !ok || fmt.Sprint(edited.Line) != line {
			t.Errorf("resume: %v, want that no row starts on line %s", err, line)
		}
	}
}
