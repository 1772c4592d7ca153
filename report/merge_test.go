package report_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// shardOptions are those of a run over a shard of the input in a directory.
func shardOptions(dir string, shard worker.Shard) report.Options {
	o := optionsIn(dir)
	o.Shard = shard
	o.Report = filepath.Join(dir, "users"+report.ShardSuffix(shard)+".report.csv")
	o.Failed, o.Malformed = report.DefaultFailed(o.Report), report.DefaultMalformed(o.Report)
	return o
}

// runShard does a shard of the input from beginning to end, its rows in the
// order that the shuffle makes.
func runShard(t testing.TB, o report.Options, input string, shuffle func([]worker.Row)) (path string) {
	t.Helper()
	in := newSource(t, input, false, ',')
	o.Header, o.Columns = in.header, in.names
	rows, _ := in.all(t)
	rows = slices.DeleteFunc(rows, func(row worker.Row) bool { return !o.Shard.Has(row) })
	shuffle(rows)
	r := open(t, o)
	for _, row := range rows {
		record(t, r, resultOf(row))
	}
	closeRecorder(t, r)
	return o.Report
}

func inOrder([]worker.Row) {}

// runShards does all shards of an input.
func runShards(t testing.TB, dir, input string, count int, shuffle func([]worker.Row)) (reports []string) {
	t.Helper()
	for index := range count {
		reports = append(reports, runShard(t, shardOptions(dir, worker.Shard{Index: index, Count: count}), input, shuffle))
	}
	return reports
}

// mergeTo merges reports of an input, as far as Merge goes.
func mergeTo(t testing.TB, ctx context.Context, o report.Options, input string, reports ...string) (*report.Recorder, error) {
	t.Helper()
	in := newSource(t, input, false, ',')
	o.Header, o.Columns = in.header, in.names
	r, err := report.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	if err := r.Merge(ctx, in, reports...); err != nil {
		return r, errors.Join(err, r.Close())
	}
	return r, nil
}

// mustMerge merges reports to the end, and fails the test on an error.
func mustMerge(t testing.TB, o report.Options, input string, reports ...string) *report.Recorder {
	t.Helper()
	o.Target = report.Target{}
	r, err := mergeTo(t, t.Context(), o, input, reports...)
	if err != nil {
		t.Fatalf("Merge: %v", err)
	}
	if err := r.Start(); err != nil {
		t.Fatalf("Start: %v", err)
	}
	closeRecorder(t, r)
	return r
}

// drawInput returns an input with rows of every kind, users that come up several
// times, blank lines, and records of several lines.
func drawInput(random *rand.Rand) string {
	var b strings.Builder
	b.WriteString("username,note\n")
	for range random.IntN(300) {
		user := fmt.Sprint([]string{"user", "bad", "hook", "old"}[random.IntN(4)], random.IntN(60))
		switch random.IntN(12) {
		case 0:
			b.WriteString("\n")
		case 1:
			fmt.Fprintf(&b, "%s,\"two\nlines\"\n", user)
		case 2:
			b.WriteString(",nobody\n")
		case 3:
			fmt.Fprintf(&b, "%s,one,too many\n", user)
		default:
			fmt.Fprintf(&b, "%s,%d\n", user, random.IntN(9))
		}
	}
	return b.String()
}

// TestMergeEqualsTheSingleRun: whatever the input, however many shards, and in
// whatever order their rows were done and their reports are given.
func TestMergeEqualsTheSingleRun(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	for i := range 12 {
		input := drawInput(random)
		dir := t.TempDir()
		reports := runShards(t, dir, input, 1+random.IntN(4), func(rows []worker.Row) {
			random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		})
		random.Shuffle(len(reports), func(i, j int) { reports[i], reports[j] = reports[j], reports[i] })
		merged := mustMerge(t, optionsIn(dir), input, reports...)

		single := t.TempDir()
		runShard(t, optionsIn(single), input, inOrder)
		sorted := func(dir string) []string {
			lines := strings.SplitAfter(read(t, optionsIn(dir).Report), "\n")
			slices.Sort(lines)
			return lines
		}
		if got, want := sorted(dir), sorted(single); !slices.Equal(got, want) {
			t.Fatalf("input %d: the lines are\n%q, want\n%q", i, got, want)
		}
		for _, path := range []func(report.Options) string{
			func(o report.Options) string { return o.Failed }, func(o report.Options) string { return o.Malformed },
		} {
			if got, want := contents(t, path(optionsIn(dir))), contents(t, path(optionsIn(single))); got != want {
				t.Fatalf("input %d: %s:\n%q, want\n%q", i, filepath.Base(path(optionsIn(dir))), got, want)
			}
		}
		rows, _ := newSource(t, input, false, ',').all(t)
		if got := merged.State().Earlier; got.Rows != len(rows) || merged.State().ThisRun.Rows != 0 {
			t.Fatalf("input %d: %d rows, want %d", i, got.Rows, len(rows))
		}
		if left, _ := (resumption{input: input}).mustRun(t, dir, everyRow); len(left) > 0 {
			t.Fatalf("input %d: a run that resumes the merged report does lines %v", i, left)
		}
	}
}

const mergeInput = "username,note\nalice,1\nbob,2\nbad.carol,3\n\ndave,4\nerin,5\nheidi,6\n"

// edit changes what is in a file.
func edit(t testing.TB, path string, change func(string) string) {
	t.Helper()
	before := read(t, path)
	after := change(before)
	if after == before {
		t.Fatalf("%s: nothing was changed in %q", filepath.Base(path), before)
	}
	put(t, path, after)
}

// without returns an edit that removes the lines with a text in them.
func without(text string) func(string) string {
	return func(content string) string {
		lines := strings.SplitAfter(content, "\n")
		return strings.Join(slices.DeleteFunc(lines, func(line string) bool { return strings.Contains(line, text) }), "")
	}
}

// TestMergeRefuses everything but the complete reports of one input, and leaves
// the files as they were.
func TestMergeRefuses(t *testing.T) {
	// Of three shards, 0 has bob and dave, 1 has heidi, 2 has alice, bad.carol and erin.
	type files struct {
		dir, input string
		reports    []string
	}
	tests := map[string]struct {
		prepare func(t *testing.T, f *files)
		matches func(error) bool
		says    string // DIR stands for the directory
	}{
		"a missing row": {func(t *testing.T, f *files) { edit(t, f.reports[1], without("heidi")) },
			isError[*report.MissingError], "1 row of the input is in no report: line 8 of shard 1/3"},
		"missing rows": {func(t *testing.T, f *files) {
			edit(t, f.reports[0], without("bob"))
			edit(t, f.reports[2], without("eu-west-1"))
		}, isError[*report.MissingError], "4 rows of the input are in no report: line 3 of shard 0/3; lines 2, 4, 7 of shard 2/3"},
		"a torn line": {func(t *testing.T, f *files) {
			edit(t, f.reports[1], func(content string) string { return strings.TrimSuffix(content, "\n") })
		}, isError[*report.MissingError], "1 row of the input is in no report: line 8 of shard 1/3"},
		"a report that was not given": {func(t *testing.T, f *files) { f.reports = f.reports[:2] },
			isError[*report.MissingError], "3 rows of the input are in no report: lines 2, 4, 7 of shard 2/3, whose report was not given"},
		"an empty report": {func(t *testing.T, f *files) { put(t, f.reports[1], "") },
			isError[*report.MissingError], "line 8 of shard 1/3"},
		"shards that nobody knows": {func(t *testing.T, f *files) {
			for i, path := range f.reports {
				f.reports[i] = filepath.Join(f.dir, fmt.Sprintf("%d.csv", i))
				if err := errors.Join(os.Rename(path, f.reports[i]), os.Remove(path+".shard")); err != nil {
					t.Fatal(err)
				}
			}
			edit(t, f.reports[1], without("heidi"))
		}, isError[*report.MissingError], "1 row of the input is in no report: line 8"},
		"a row in two reports": {func(t *testing.T, f *files) {
			line := "3,bob,confirmed,,,1,0,,,25,,eu-west-1_Test00000\n"
			edit(t, f.reports[2], func(content string) string { return content + line })
		}, isError[*report.TwiceError], "line 3 of the input is in DIR/users.shard-0-of-3.report.csv and in DIR/users.shard-2-of-3.report.csv"},
		"a copy of a report": {func(t *testing.T, f *files) {
			path := filepath.Join(f.dir, "copy.csv")
			put(t, path, read(t, f.reports[0]))
			f.reports = append(f.reports, path)
		}, isError[*report.TwiceError], "line 3 of the input is in DIR/users.shard-0-of-3.report.csv and in DIR/copy.csv"},
		"a row twice in a report": {func(t *testing.T, f *files) {
			edit(t, f.reports[1], func(content string) string { return content + content[len(header):] })
		}, isDamaged, "DIR/users.shard-1-of-3.report.csv is damaged on line 3: not a line of a report: line 8 of the input is in it twice"},
		"a damaged line": {func(t *testing.T, f *files) {
			edit(t, f.reports[0], func(content string) string { return strings.Replace(content, "confirmed", "confirned", 1) })
		}, isDamaged, "DIR/users.shard-0-of-3.report.csv is damaged on line 2: not a line of a report"},
		"something else": {func(t *testing.T, f *files) { put(t, f.reports[0], mergeInput) },
			isHeaderless, "DIR/users.shard-0-of-3.report.csv is not a report of this program"},
		"a directory": {func(t *testing.T, f *files) { f.reports[0] = f.dir }, isAny, "DIR"},
		"a report that is not there": {func(t *testing.T, f *files) { f.reports[0] = filepath.Join(f.dir, "none.csv") },
			isAny, "open report: lstat DIR/none.csv"},
		"a note that is none": {func(t *testing.T, f *files) { put(t, f.reports[0]+".shard", "0 of 3\n") },
			isError[*report.UnusableError], "DIR/users.shard-0-of-3.report.csv.shard does not tell which shard the report is of"},
		"another user pool": {func(t *testing.T, f *files) {
			edit(t, f.reports[1], func(content string) string { return strings.ReplaceAll(content, testTarget.UserPoolID, otherPool) })
		}, isError[*report.OtherTargetError], "DIR/users.shard-1-of-3.report.csv is about the user pool " + otherPool + " at AWS, not " + testTarget.UserPoolID + " at AWS"},
		"another endpoint": {func(t *testing.T, f *files) { put(t, f.reports[1]+".endpoint", emulator+"\n") },
			isError[*report.OtherTargetError], testTarget.UserPoolID + " at " + emulator + ", not " + testTarget.UserPoolID + " at AWS"},
		"shards of two runs": {func(t *testing.T, f *files) {
			f.reports[1] = runShard(t, shardOptions(f.dir, worker.Shard{Index: 1, Count: 4}), f.input, inOrder)
		}, isError[*report.MixedShardsError], "DIR/users.shard-0-of-3.report.csv is the report of shard 0/3, and DIR/users.shard-1-of-4.report.csv that of shard 1/4: they are not shards of one run"},
		"another username": {func(t *testing.T, f *files) { f.input = strings.Replace(f.input, "bob", "bill", 1) },
			isError[*report.EditedError], "line 3 of the input has another username than in the report"},
		"a row less": {func(t *testing.T, f *files) { f.input = strings.Replace(f.input, "dave,4\n", "\n", 1) },
			isError[*report.EditedError], "line 6 of the input is in the report, but no row starts there"},
		"a line that no input has": {func(t *testing.T, f *files) {
			line := "4611686018427387904,mallory,failed,UserNotFoundException,,1,0,,,25,,eu-west-1_Test00000\n"
			edit(t, f.reports[2], func(content string) string { return content + line })
		}, isError[*report.EditedError], "line 4611686018427387904 of the input is in the report, but no row starts there"},
		"the last row less": {func(t *testing.T, f *files) { f.input = strings.Replace(f.input, "heidi,6\n", "", 1) },
			isError[*report.EditedError], "line 8 of the input is in the report, but no row starts there"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := files{dir: t.TempDir(), input: mergeInput}
			f.reports = runShards(t, f.dir, f.input, 3, inOrder)
			put(t, optionsIn(f.dir).Report, "of an earlier run\n")
			test.prepare(t, &f)
			before := tree(t, f.dir)
			o := optionsIn(f.dir)
			o.Overwrite, o.Target = true, report.Target{}
			_, err := mergeTo(t, t.Context(), o, f.input, f.reports...)
			if err == nil || !test.matches(err) || !strings.Contains(strings.ReplaceAll(err.Error(), f.dir, "DIR"), test.says) {
				t.Errorf("Merge: %v, want %s", err, test.says)
			}
			untouched(t, f.dir, before)
		})
	}
}

func isError[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func isDamaged(err error) bool {
	unusable, ok := errors.AsType[*report.UnusableError](err)
	return ok && len(unusable.Damaged) == 1
}

func isHeaderless(err error) bool {
	unusable, ok := errors.AsType[*report.UnusableError](err)
	return ok && unusable.IsHeaderless
}

func isAny(error) bool { return true }

// TestMergeWhileAShardRuns is refused, and done when it has ended.
func TestMergeWhileAShardRuns(t *testing.T) {
	dir := t.TempDir()
	reports := runShards(t, dir, mergeInput, 2, inOrder)
	o := shardOptions(dir, worker.Shard{Index: 1, Count: 2})
	o.Resume, o.Header, o.Columns = true, "username,note\n", []string{"username", "note"}
	running, err := report.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	_, err = mergeTo(t, t.Context(), optionsIn(dir), mergeInput, reports...)
	if !isError[*report.RunningError](err) || !strings.HasPrefix(err.Error(), "a run still writes to "+reports[1]) {
		t.Errorf("Merge: %v", err)
	}
	missing(t, optionsIn(dir).Report)
	closeRecorder(t, running)
	mustMerge(t, optionsIn(dir), mergeInput, reports...)
}

// TestMergeIsInterrupted, and leaves nothing behind.
func TestMergeIsInterrupted(t *testing.T) {
	dir := t.TempDir()
	reports := runShards(t, dir, mergeInput, 2, inOrder)
	before := tree(t, dir)
	theirs := errors.New("signal")
	ended, end := context.WithCancelCause(t.Context())
	end(theirs)
	if _, err := mergeTo(t, ended, optionsIn(dir), mergeInput, reports...); !errors.Is(err, theirs) {
		t.Errorf("Merge: %v", err)
	}
	untouched(t, dir, before)
}

// TestMergeReadsOtherLayouts: a version before this one or a spreadsheet may have
// written some of the reports.
func TestMergeReadsOtherLayouts(t *testing.T) {
	dir := t.TempDir()
	const input = "username\nalice\nbob\ncarol\n"
	put(t, filepath.Join(dir, "old.csv"), oldHeader+"2,alice,confirmed,,,1,0,r,2026-03-01T00:30:00.000Z,25\n")
	put(t, filepath.Join(dir, "saved.csv"), byteOrderMark+strings.ReplaceAll(header, ",", ";")+"3;bob;confirmed;;;1;0;r;01.03.2026;25;;"+otherPool+"\r\n")
	put(t, filepath.Join(dir, "new.csv"), header+"4,carol,confirmed,,,1,0,r,2026-03-01T00:30:00.000Z,25,,"+otherPool+"\n")
	r := mustMerge(t, optionsIn(dir), input, filepath.Join(dir, "old.csv"), filepath.Join(dir, "saved.csv"), filepath.Join(dir, "new.csv"))
	want := header + "2,alice,confirmed,,,1,0,r,2026-03-01T00:30:00.000Z,25,,\n" +
		"3,bob,confirmed,,,1,0,r,01.03.2026,25,," + otherPool + "\n" +
		"4,carol,confirmed,,,1,0,r,2026-03-01T00:30:00.000Z,25,," + otherPool + "\n"
	if got := read(t, optionsIn(dir).Report); got != want {
		t.Errorf("the report is\n%s\nwant\n%s", got, want)
	}
	if got := r.Target(); got != (report.Target{UserPoolID: otherPool}) {
		t.Errorf("the target is %v", got)
	}
}

// TestMergedReportHasItsNotes: of the endpoint, for that is the same, and none of
// a shard.
func TestMergedReportHasItsNotes(t *testing.T) {
	dir := t.TempDir()
	var reports []string
	for index := range 2 {
		o := shardOptions(dir, worker.Shard{Index: index, Count: 2})
		o.Target.Endpoint = emulator
		reports = append(reports, runShard(t, o, mergeInput, inOrder))
	}
	o := optionsIn(dir)
	put(t, o.Report+".shard", "shard: 1/2\n") // of an earlier run
	mustMerge(t, o, mergeInput, reports...)
	if got := contents(t, o.Report+".endpoint"); got != emulator+"\n" {
		t.Errorf("the endpoint is %q", got)
	}
	missing(t, o.Report+".shard")
}

// TestMergeAcrossLinks: the notes are beside the files, not beside the links.
func TestMergeAcrossLinks(t *testing.T) {
	dir, links := t.TempDir(), t.TempDir()
	var reports []string
	for i, path := range runShards(t, dir, mergeInput, 3, inOrder)[:2] {
		link := filepath.Join(links, fmt.Sprint(i))
		if err := os.Symlink(path, link); err != nil {
			t.Skip(err)
		}
		reports = append(reports, link)
	}
	_, err := mergeTo(t, t.Context(), optionsIn(links), mergeInput, reports...)
	if err == nil || !strings.Contains(err.Error(), "of shard 2/3, whose report was not given") {
		t.Errorf("Merge: %v", err)
	}
}

// TestMissingIsBounded: a message has room for some of what is missing.
func TestMissingIsBounded(t *testing.T) {
	var input strings.Builder
	input.WriteString("username\n")
	for i := range 500 {
		fmt.Fprintf(&input, "user%d\n", i)
	}
	dir := t.TempDir()
	path := runShard(t, shardOptions(dir, worker.Shard{Index: 3, Count: 8}), input.String(), inOrder)
	_, err := mergeTo(t, t.Context(), optionsIn(dir), input.String(), path)
	missing, ok := errors.AsType[*report.MissingError](err)
	if !ok || len(missing.Shards) != 7 {
		t.Fatalf("Merge: %v", err)
	}
	rows := 0
	for _, shard := range missing.Shards {
		if rows += shard.Rows; len(shard.Lines) != 10 || shard.Shard.Index == 3 || shard.IsGiven {
			t.Errorf("missing: %+v", shard)
		}
	}
	if rows != missing.Rows {
		t.Errorf("%d rows are missing, and %d in the shards", missing.Rows, rows)
	}
	text := missing.Error()
	if len(text) > 700 || !strings.HasSuffix(text, "; and rows of 2 more shards") || strings.Contains(text, "\n") {
		t.Errorf("%q", text)
	}
}
