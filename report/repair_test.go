package report_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

const (
	soundAlice = "2,alice,confirmed,,,1,0,r,,1,,\n"
	soundBad   = "3,bad.bob,failed,X,\"no, none\",1,0,r,,1,,\n"
	soundCarol = "4,carol,confirmed,,,1,0,r,,1,,\n"
)

// damagedReports are reports and what a repair makes of them.
func damagedReports() map[string]struct {
	content string
	kept    string // without the header
	dropped int
} {
	return map[string]struct {
		content string
		kept    string
		dropped int
	}{
		"a torn line in the middle":   {header + soundAlice + "3,bad.b\n" + soundCarol, soundAlice + soundCarol, 1},
		"zeros in the middle":         {header + soundAlice + strings.Repeat("\x00", 5000) + soundCarol, soundAlice, 1},
		"a quote that is not closed":  {header + strings.Replace(soundAlice, "alice", "\"alice", 1) + soundBad + soundCarol, soundBad + soundCarol, 1},
		"a line break in a field":     {header + soundAlice + strings.Replace(soundBad, "no, ", "no,\n", 1) + soundCarol, soundAlice + soundCarol, 2},
		"no header":                   {soundAlice + soundBad, soundAlice + soundBad, 0},
		"zeros in place of the start": {strings.Repeat("\x00", 70_000) + "\n" + soundBad + soundCarol, soundBad + soundCarol, 1},
		"another header":              {"a,b,c\n" + soundAlice, soundAlice, 1},
		"a torn last line as well":    {header + soundAlice + "x\n4,ca", soundAlice, 1},
		"the header again":            {header + soundAlice + header + soundBad, soundAlice + soundBad, 1},
		"lines twice":                 {header + soundAlice + soundBad + soundAlice, soundAlice + soundBad, 1},
		"two outcomes of one row":     {header + soundAlice + soundBad + strings.Replace(soundAlice, "confirmed", "failed", 1), soundBad, 2},
		"three outcomes of one row": {header + soundAlice + strings.Replace(soundAlice, "confirmed", "failed", 1) + soundBad + soundAlice,
			soundBad, 3},
		"two users of one row":        {header + soundAlice + strings.Replace(soundAlice, "alice", "zoe", 1) + soundBad, soundBad, 2},
		"what a spreadsheet damaged":  {byteOrderMark + strings.ReplaceAll(header+soundAlice+"x\n"+soundBad, "\n", "\r\n"), soundAlice + soundBad, 1},
		"an old report":               {oldHeader + "2,alice,confirmed,,,1,0,r,,1\nx\n", soundAlice, 1},
		"a line that is far too long": {header + soundAlice + strings.Repeat("x", 300_000) + "\n" + soundBad, soundAlice + soundBad, 1},
	}
}

// TestRepair keeps the sound lines, and the report as it was beside it; the
// rest is asked for again.
func TestRepair(t *testing.T) {
	for name, test := range damagedReports() {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			o := optionsIn(dir)
			put(t, o.Report, test.content)
			n := resumption{input: "username\nalice\nbad.bob\ncarol\n"}
			if _, _, err := n.begin(t, dir); !errors.As(err, new(*report.UnusableError)) {
				t.Errorf("resume: %v, want that it is damaged", err)
			}
			got, err := report.Repair(t.Context(), o.Report)
			want := report.Repaired{Kept: strings.Count(test.kept, "\n"), Dropped: test.dropped, Old: o.Report + ".damaged"}
			if err != nil || got != want {
				t.Fatalf("repaired %+v, %v; want %+v", got, err, want)
			}
			if got := read(t, o.Report); got != header+test.kept {
				t.Errorf("the report is\n%q, want\n%q", got, header+test.kept)
			}
			if got := read(t, want.Old); got != test.content {
				t.Errorf("the old report is %q", got)
			}
			if info, err := os.Stat(o.Report); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("mode %v, %v", info.Mode(), err)
			}
			done, _ := n.mustRun(t, dir, everyRow)
			if len(done) != 3-want.Kept || len(linesByNumber(t, dir)) != 3 {
				t.Errorf("did lines %v after it", done)
			}
			if got := len(tree(t, dir)); got != 3 { // report, failed rows, the old report
				t.Errorf("%d files", got)
			}
			// Once more there is nothing to do.
			before := tree(t, dir)
			if got, err := report.Repair(t.Context(), o.Report); err != nil || got != (report.Repaired{Kept: 3}) {
				t.Errorf("repaired %+v, %v", got, err)
			}
			untouched(t, dir, before)
		})
	}
}

// TestRepairOfASoundReport changes nothing, whatever a crash or a spreadsheet did.
func TestRepairOfASoundReport(t *testing.T) {
	sound := map[string]string{"empty": "", "torn header": header[:20], "old": oldHeader + "2,alice,confirmed,,,1,0,r,,1\n"}
	for name, content := range spreadsheets() {
		sound[name] = content
	}
	for name, content := range sound {
		dir := t.TempDir()
		o := optionsIn(dir)
		put(t, o.Report, content)
		before := tree(t, dir)
		want := len(scan(strings.NewReader(content)).lines)
		if got, err := report.Repair(t.Context(), o.Report); err != nil || got != (report.Repaired{Kept: want}) {
			t.Errorf("%s: repaired %+v, %v", name, got, err)
		}
		untouched(t, dir, before)
	}
}

// TestRepairIsRefused: a file that is not a report stays as it is.
func TestRepairIsRefused(t *testing.T) {
	for _, content := range []string{"username\nalice\n", "precious", "x\n", header + "x\n", "\x7fELF\n"} {
		dir := t.TempDir()
		o := optionsIn(dir)
		put(t, o.Report, content)
		before := tree(t, dir)
		if got, err := report.Repair(t.Context(), o.Report); !errors.As(err, new(*report.UnusableError)) || got != (report.Repaired{}) {
			t.Errorf("%q: repaired %+v, %v", content, got, err)
		}
		untouched(t, dir, before)
	}
	dir := t.TempDir()
	o := optionsIn(dir)
	if _, err := report.Repair(t.Context(), o.Report); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	missing(t, o.Report)
	put(t, o.Report, header+soundAlice+"x\n")
	before := tree(t, dir)
	why := errors.New("why it ended")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if _, err := report.Repair(ctx, o.Report); !errors.Is(err, why) {
		t.Errorf("ended: %v", err)
	}
	untouched(t, dir, before)
	o.Overwrite = true
	r := open(t, o)
	if _, err := report.Repair(t.Context(), o.Report); !errors.Is(err, report.ErrLocked) {
		t.Errorf("of a report that is being written: %v", err)
	}
	closeRecorder(t, r)
}

// TestRepairTwice keeps every report that was damaged.
func TestRepairTwice(t *testing.T) {
	dir := t.TempDir()
	o := optionsIn(dir)
	put(t, o.Report+".damaged", "precious")
	for _, old := range []string{".damaged.2", ".damaged.3"} {
		put(t, o.Report, header+soundAlice+"x\n")
		got, err := report.Repair(t.Context(), o.Report)
		if err != nil || got.Old != o.Report+old || read(t, got.Old) != header+soundAlice+"x\n" {
			t.Errorf("repaired %+v, %v", got, err)
		}
	}
	if got := read(t, o.Report+".damaged"); got != "precious" {
		t.Errorf("the first one is %q", got)
	}
}

// TestAllDamagedLinesAreNamed, up to some.
func TestAllDamagedLinesAreNamed(t *testing.T) {
	dir := t.TempDir()
	o := optionsIn(dir)
	content := header + soundAlice + "x\n" + soundBad + soundAlice
	put(t, o.Report, content)
	_, _, err := resumption{input: "username\nalice\n"}.begin(t, dir)
	unusable, ok := errors.AsType[*report.UnusableError](err)
	if !ok || unusable.Reason != "is damaged on lines 3, 5; on line 3: wrong number of fields" || !slices.Equal(unusable.Damaged, []int{3, 5}) {
		t.Errorf("resume: %v", err)
	}
	put(t, o.Report, header+strings.Repeat("x\n", 1500))
	_, _, err = resumption{input: "username\nalice\n"}.begin(t, dir)
	unusable, ok = errors.AsType[*report.UnusableError](err)
	const want = "is damaged on lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21 and 1480 more; on line 2: wrong number of fields"
	if !ok || unusable.Reason != want || len(unusable.Damaged) != 1000 {
		t.Errorf("resume: %v", err)
	}
}

// FuzzRepair: whatever a report has become, every line that a repair keeps is
// one that was there, and a run can go on with it or is told of another input.
func FuzzRepair(f *testing.F) {
	for _, test := range damagedReports() {
		if len(test.content) < 2000 {
			f.Add(test.content)
		}
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, content string) {
		o := optionsIn(dir)
		put(t, o.Report, content)
		repaired, err := report.Repair(t.Context(), o.Report)
		if repaired.Old != "" {
			if err := os.Remove(repaired.Old); err != nil {
				t.Error(err)
			}
		}
		if err != nil {
			if !errors.As(err, new(*report.UnusableError)) || read(t, o.Report) != content {
				t.Errorf("refused with %v", err)
			}
			return
		}
		after := scan(strings.NewReader(read(t, o.Report)))
		if len(after.lines) != repaired.Kept || after.errs != nil {
			t.Fatalf("kept %d, and there are %d lines, %q", repaired.Kept, len(after.lines), after.errs)
		}
		seen := make(map[int]bool)
		for _, line := range after.lines {
			if seen[line.Line] || !strings.Contains(content, string(line.Status)) || line.Status == worker.Status("") {
				t.Errorf("kept %+v", line)
			}
			seen[line.Line] = true
		}
		_, _, err = resumption{input: "username\nalice\nbad.bob\ncarol\n"}.run(t, dir, everyRow)
		if err != nil && !errors.As(err, new(*report.EditedError)) && !errors.As(err, new(*report.OtherTargetError)) {
			t.Errorf("resume: %v", err)
		}
		os.Remove(o.Failed)
	})
}
