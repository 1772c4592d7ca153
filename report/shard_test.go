package report_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

func TestShardSuffix(t *testing.T) {
	for want, shard := range map[string]worker.Shard{
		"":                      {},
		".shard-0-of-1":         {Index: 0, Count: 1},
		".shard-3-of-4":         {Index: 3, Count: 4},
		".shard-03-of-10":       {Index: 3, Count: 10},
		".shard-00042-of-10000": {Index: 42, Count: 10_000},
	} {
		if got := report.ShardSuffix(shard); got != want {
			t.Errorf("%s: %q, want %q", shard, got, want)
		}
	}
}

// TestResumeOfAnotherShard is refused: each row would be done by nobody or by
// two. The note beside the report tells, or else its name.
func TestResumeOfAnotherShard(t *testing.T) {
	shard := func(index, count int) worker.Shard { return worker.Shard{Index: index, Count: count} }
	var whole worker.Shard
	tests := map[string]struct {
		name        string // of the report
		was, is     worker.Shard
		withoutNote bool
		refused     string
	}{
		"the same":                      {"r.csv", shard(0, 4), shard(0, 4), false, ""},
		"the same, without its note":    {"r.csv", shard(0, 4), shard(0, 4), true, ""},
		"another index":                 {"r.csv", shard(0, 4), shard(1, 4), false, "is the report of shard 0/4, not of shard 1/4"},
		"a multiple":                    {"r.csv", shard(0, 4), shard(0, 2), false, "is the report of shard 0/4, not of shard 0/2"},
		"another number":                {"r.csv", shard(0, 4), shard(0, 3), false, "is the report of shard 0/4, not of shard 0/3"},
		"the whole":                     {"r.csv", shard(0, 4), whole, false, "is the report of shard 0/4, not of the whole input"},
		"by name":                       {"users.shard-00-of-12.report.csv", shard(0, 12), shard(0, 6), true, "is the report of shard 0/12, not of shard 0/6"},
		"the whole by name":             {"users.shard-0-of-4.report.csv", shard(0, 4), whole, true, "is the report of shard 0/4, not of the whole input"},
		"the same by name":              {"users.shard-0-of-4.report.csv", shard(0, 4), shard(0, 4), true, ""},
		"the note goes before the name": {"users.shard-1-of-4.report.csv", shard(0, 4), shard(0, 4), false, ""},
		"a name that says nothing":      {"users.shard-9-of-4.report.csv", shard(0, 4), shard(0, 4), true, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			o := optionsIn(dir)
			o.Report, o.Shard = filepath.Join(dir, test.name), test.was
			write(t, o, result(2, "alice", worker.StatusConfirmed))
			if test.withoutNote {
				if err := os.Remove(o.Report + ".shard"); err != nil {
					t.Fatal(err)
				}
			}
			before := tree(t, dir)
			o.Resume, o.Shard = true, test.is
			r, err := report.Open(t.Context(), o)
			if err == nil {
				closeRecorder(t, r)
			}
			if got := errorText(err); test.refused == "" && err != nil || test.refused != "" && got != o.Report+" "+test.refused {
				t.Errorf("resume: %v, want %q", err, test.refused)
			}
			untouched(t, dir, before)
		})
	}
}

func errorText(err error) string {
	if !isError[*report.OtherShardError](err) {
		return ""
	}
	return err.Error()
}

// TestResumeOfUnknownShard: where neither a note nor the name tells, the rows do.
func TestResumeOfUnknownShard(t *testing.T) {
	dir := t.TempDir()
	path := runShard(t, optionsIn(dir), mergeInput, inOrder)
	before := tree(t, dir)
	o := optionsIn(dir)
	o.Report, o.Resume = path, true
	o.Header, o.Columns = "username,note\n", []string{"username", "note"}
	o.Shard = worker.Shard{Index: 0, Count: 3}
	r, err := report.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Remaining(t.Context(), o.Shard.Of(newSource(t, mergeInput, false, ',')))
	if edited, ok := errors.AsType[*report.EditedError](err); !ok || edited.Line != 2 {
		t.Errorf("Remaining: %v", err)
	}
	closeRecorder(t, r)
	untouched(t, dir, before)
}

// TestShardIsNotedBesideTheReport, for as long as it is that of a shard.
func TestShardIsNotedBesideTheReport(t *testing.T) {
	dir := t.TempDir()
	o := optionsIn(dir)
	note := o.Report + ".shard"
	put(t, note, "shard: 1/3\n") // left by a report that is gone
	o.Shard = worker.Shard{Index: 2, Count: 12}
	write(t, o, result(2, "alice", worker.StatusConfirmed))
	if got := contents(t, note); got != "shard: 2/12\n" {
		t.Errorf("the note is %q", got)
	}
	put(t, note, "2 of 12\n")
	o.Resume = true
	if _, err := report.Open(t.Context(), o); !isError[*report.UnusableError](err) {
		t.Errorf("resume with another note: %v", err)
	}
	put(t, note, "shard: 1/3\n")
	o.Resume, o.Overwrite, o.Shard = false, true, worker.Shard{}
	write(t, o, result(2, "alice", worker.StatusConfirmed))
	missing(t, note)
}

// TestShardFileThatIsNotOurs stays, whatever the run may do: it is refused before
// anything is changed.
func TestShardFileThatIsNotOurs(t *testing.T) {
	modes := map[string]func(*report.Options){
		"new": func(*report.Options) {}, "overwrite": func(o *report.Options) { o.Overwrite = true },
		"resume": func(o *report.Options) { o.Resume = true },
	}
	for mode, set := range modes {
		for _, shard := range []worker.Shard{{}, {Index: 0, Count: 2}} {
			for _, content := range []string{"", "precious\n", "shard: 0/2", "shard: 7/2\n"} {
				dir := t.TempDir()
				o := optionsIn(dir)
				o.Shard = shard
				set(&o)
				put(t, o.Report+".shard", content)
				if mode == "overwrite" {
					put(t, o.Report, header+"2,alice,confirmed,,,1,0,r,,1,,\n")
				}
				before := tree(t, dir)
				if _, err := report.Open(t.Context(), o); !isError[*report.UnusableError](err) {
					t.Errorf("%s, shard %v, %q: %v", mode, shard, content, err)
				}
				untouched(t, dir, before)
			}
		}
	}
}

// TestNotesThatComeLate: what comes to the place of a note after the look at it is
// not replaced, removed or written through either.
func TestNotesThatComeLate(t *testing.T) {
	for _, suffix := range []string{".shard", ".endpoint"} {
		for _, shard := range []worker.Shard{{}, {Index: 0, Count: 2}} {
			dir := t.TempDir()
			o := optionsIn(dir)
			o.Shard = shard
			if !shard.IsWhole() {
				o.Target.Endpoint = "http://127.0.0.1:9999"
			}
			r, err := report.Open(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			put(t, o.Report+suffix, "precious\n")
			if err := r.Start(); suffix == ".shard" && !isError[*report.UnusableError](err) {
				t.Errorf("shard %v: Start: %v", shard, err)
			}
			r.Close()
			if got := read(t, o.Report+suffix); got != "precious\n" {
				t.Errorf("%s, shard %v: it is %q now", suffix, shard, got)
			}
		}
	}
}

// TestShardThatDoesNotBegin leaves no note.
func TestShardThatDoesNotBegin(t *testing.T) {
	dir := t.TempDir()
	o := optionsIn(dir)
	o.Shard = worker.Shard{Index: 0, Count: 2}
	// The last step of Start fails: the note of whose the failed rows are cannot be made.
	o.Failed = filepath.Join(dir, "f.csv")
	r, err := report.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(o.Failed+".owner", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := r.Start(); err == nil {
		t.Fatal("it has begun")
	}
	closeRecorder(t, r)
	missing(t, o.Report+".shard")
	missing(t, o.Report)
}
