package report_test

import (
	"encoding/csv"
	"errors"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cognito-confirm/internal/oneline"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// FuzzResume: whatever stands where the report of an input should be, the run
// is refused and the files stay as they are, or every row of the input has
// exactly one line in the report afterwards.
func FuzzResume(f *testing.F) {
	const users = "username,note\nalice,1\nbad.bob,2\n,3\ncarol\n\"da\nve\",5\n\xff,6\nhook.eve,7\n"
	dir := f.TempDir()
	resumption{input: users}.mustRun(f, dir, everyRow)
	whole := contents(f, optionsIn(dir).Report)
	failed := contents(f, optionsIn(dir).Failed)
	for _, input := range []string{users, users + "zoe,8\n", strings.Replace(users, "alice", "zoe", 1), "alice\nbob\n", users + "\"open\nand,not\nclosed"} {
		for cut := 0; cut <= len(whole); cut += 41 {
			f.Add(input, whole[:cut], failed[:cut*len(failed)/len(whole)], cut%2 == 1)
			f.Add(input, whole[:cut]+"\x00\x00"+whole[cut:], "", false)
		}
		for _, foreign := range []string{"", "a,b\n1,2\n", "line,user", header, header + "2,alice,confirmed,,,1,0,r,,1,,\n\n\n", header + "9223372036854775807,a,failed,,,1,0,,,,,\n",
			header + "2,alice,failed,X,\"a\nb\",1,0,r,,1,,\n", header + "2,alice,confirmed,,,9223372036854775807,0,r,,1,,\n", header + "1,a,invalid,,,0,0,,,,,\n"} {
			f.Add(input, foreign, "", true)
		}
	}
	f.Fuzz(func(t *testing.T, input, content, failed string, noHeader bool) {
		n := resumption{input: input, noHeader: noHeader}
		rows := n.rows(t)
		files := optionsIn(dir)
		os.Remove(files.Failed)
		os.Remove(files.Malformed)
		put(t, files.Report, content)
		if failed != "" {
			put(t, files.Failed, failed)
		}
		before := tree(t, dir)
		_, _, err := n.run(t, dir, everyRow)
		if err != nil {
			_, isInTheWay := errors.AsType[*report.ExistsError](err) // failed rows that no report has
			isForeign := errors.As(err, new(*report.ForeignError))
			if _, ok := errors.AsType[*report.EditedError](err); !ok && !isForeign && !isInTheWay && !errors.As(err, new(*report.UnusableError)) && !errors.As(err, new(*report.OtherTargetError)) {
				t.Fatalf("refused with %v", err)
			}
			untouched(t, dir, before)
			return
		}
		after := contents(t, files.Report)
		if kept := content[:strings.LastIndexByte(content, '\n')+1]; strings.HasPrefix(content, header) && !strings.HasPrefix(after, kept) {
			t.Errorf("the report was\n%q, and is\n%q", content, after)
		}
		n.checkEveryRow(t, rows, dir)
		if tree := tree(t, dir); len(tree) > 3 {
			t.Errorf("left behind: %q", slices.Collect(maps.Keys(tree)))
		}
	})
}

// rows returns the rows of the input by their lines.
func (n resumption) rows(t testing.TB) map[int]worker.Row {
	t.Helper()
	rows := make(map[int]worker.Row)
	all, _ := newSource(t, n.input, n.noHeader, ',').all(t)
	for _, row := range all {
		if _, twice := rows[row.Line]; twice {
			t.Fatalf("two rows start on line %d", row.Line)
		}
		rows[row.Line] = row
	}
	return rows
}

// checkEveryRow reads the report with a parser that is not ours: every row of
// the input is in it once, as the user that it is, and nothing else is.
func (n resumption) checkEveryRow(t *testing.T, rows map[int]worker.Row, dir string) {
	t.Helper()
	content := contents(t, optionsIn(dir).Report)
	records, err := csv.NewReader(strings.NewReader(content)).ReadAll()
	if err != nil {
		t.Fatalf("the report is not CSV: %v\n%q", err, content)
	}
	seen := make(map[int]bool)
	unsuccessful := 0
	for _, record := range records[1:] {
		line, err := strconv.Atoi(record[0])
		row, known := rows[line]
		status := worker.Status(record[2])
		if err != nil || !known || seen[line] || record[1] != oneline.Escape(row.Username) || !status.Known() {
			t.Errorf("%q is no line for a row of the input, or the second one", record)
		}
		seen[line] = true
		if !status.Succeeded() && !isMalformed(row) {
			unsuccessful++
		}
	}
	if len(seen) != len(rows) {
		t.Errorf("%d rows are in the report, want %d", len(seen), len(rows))
	}
	if failed := strings.TrimPrefix(contents(t, optionsIn(dir).Failed), "(none)"); unsuccessful != n.records(t, failed) {
		t.Errorf("%d rows did not succeed, and the failed rows are %q", unsuccessful, failed)
	}
}

// records counts the rows of a failed-rows file.
func (n resumption) records(t *testing.T, failed string) int {
	t.Helper()
	noHeader := newSource(t, n.input, n.noHeader, ',').header == ""
	rows, _ := newSource(t, failed, noHeader, ',').all(t)
	for _, row := range rows {
		if isMalformed(row) {
			t.Errorf("line %d of the failed rows is malformed:\n%q", row.Line, failed)
		}
	}
	return len(rows)
}
