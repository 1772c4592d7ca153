package job

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/aws/aws-sdk-go-v2/aws"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/rows"
	"cognito-confirm/report"
)

// TestOpenIsRefused for every reason: with its type and the part it is about,
// before any call, and with every file as it was.
func TestOpenIsRefused(t *testing.T) {
	is := func(target error) func(error) bool {
		return func(err error) bool { return errors.Is(err, target) }
	}
	tests := map[string]struct {
		prepare func(t *testing.T, b *bench, o *Options)
		part    Part
		matches func(error) bool
	}{
		"no pool": {func(_ *testing.T, _ *bench, o *Options) { o.Target.UserPoolID = "x" }, PartService, as[*cognito.TargetError]},
		"no region": {func(_ *testing.T, b *bench, o *Options) {
			o.Load = func(context.Context) (aws.Config, error) { return aws.Config{HTTPClient: b}, nil }
		}, PartService, as[*cognito.TargetError]},
		"no credentials": {func(_ *testing.T, _ *bench, o *Options) {
			o.Load = func(context.Context) (aws.Config, error) {
				return aws.Config{}, &cognito.CredentialsError{Err: errors.New("none")}
			}
		}, PartService, as[*cognito.CredentialsError]},
		"no input":     {func(_ *testing.T, b *bench, o *Options) { o.Input.Path = b.path("none.csv") }, PartInput, is(os.ErrNotExist)},
		"no column":    {func(t *testing.T, b *bench, _ *Options) { b.put(t, "users.csv", "name\nalice\n") }, PartInput, as[*rows.UnusableError]},
		"no name":      {func(_ *testing.T, _ *bench, o *Options) { o.Input.Path = "-" }, PartInput, is(ErrNoReport)},
		"no directory": {func(_ *testing.T, b *bench, o *Options) { o.Report = b.path("none/r.csv") }, PartOutputs, is(os.ErrNotExist)},
		"no directory for failed rows": {func(_ *testing.T, b *bench, o *Options) { o.Failed = b.path("none/f.csv") },
			PartOutputs, is(os.ErrNotExist)},
		"report is a directory":       {func(_ *testing.T, b *bench, o *Options) { o.Report = b.dir }, PartOutputs, func(error) bool { return true }},
		"report below a file":         {func(_ *testing.T, b *bench, o *Options) { o.Report = b.path("users.csv/r.csv") }, PartOutputs, func(error) bool { return true }},
		"failed rows are a directory": {func(_ *testing.T, b *bench, o *Options) { o.Failed = b.dir }, PartOutputs, func(error) bool { return true }},
		"failed rows cannot be made, and the old report stays": {func(t *testing.T, b *bench, o *Options) {
			b.put(t, "users.report.csv", "precious")
			o.Failed, o.Overwrite = b.path("none/f.csv"), true
		}, PartOutputs, is(os.ErrNotExist)},
		"one file twice":    {func(_ *testing.T, b *bench, o *Options) { o.Report = b.path("users.csv") }, PartOutputs, as[*SameFileError]},
		"report exists":     {func(t *testing.T, b *bench, _ *Options) { b.put(t, "users.report.csv", "x") }, PartOutputs, as[*report.ExistsError]},
		"failed rows exist": {func(t *testing.T, b *bench, _ *Options) { b.put(t, "users.failed.csv", "x") }, PartOutputs, as[*report.ExistsError]},
		"report is none": {func(t *testing.T, b *bench, o *Options) {
			b.put(t, "users.report.csv", "a,b\n1,2\n")
			o.Resume = true
		}, PartOutputs, as[*report.UnusableError]},
		"another run": {func(t *testing.T, b *bench, o *Options) {
			open(t, b.options())
			o.Overwrite = true
		}, PartOutputs, is(report.ErrLocked)},
		"input was edited": {func(t *testing.T, b *bench, o *Options) {
			finished(t, b)
			b.put(t, "users.csv", "username,note\nalice,1\n")
			o.Resume = true
		}, PartInput, as[*report.EditedError]},
		"input breaks off": {func(t *testing.T, b *bench, o *Options) {
			finished(t, b)
			o.Input.Path, o.Report, o.Failed, o.Resume = "-", b.path("users.report.csv"), b.path("users.failed.csv"), true
			o.Input.Stdin = io.MultiReader(strings.NewReader(users[:30]), iotest.ErrReader(io.ErrUnexpectedEOF))
		}, PartInput, is(io.ErrUnexpectedEOF)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b := newBench(t.TempDir())
			b.put(t, "users.csv", users)
			o := b.options()
			test.prepare(t, b, &o)
			before, calls := b.tree(t), b.called()
			j, err := Open(t.Context(), o)
			opening, ok := errors.AsType[*OpenError](err)
			if j != nil || !ok || opening.Part != test.part || !test.matches(err) {
				t.Errorf("%v, %v, want an error of part %d", j, err, test.part)
			}
			if after := b.tree(t); fmt.Sprint(after) != fmt.Sprint(before) || b.called() != calls {
				t.Errorf("files %v, want %v; called %s", after, before, b.called())
			}
		})
	}
}

func as[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// finished runs a job to its end.
func finished(t *testing.T, b *bench) {
	t.Helper()
	if err := open(t, b.options()).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestOpenIsInterrupted, wherever it is.
func TestOpenIsInterrupted(t *testing.T) {
	b := newBench(t.TempDir())
	b.put(t, "users.csv", users)
	finished(t, b)
	before := b.tree(t)
	theirs := errors.New("signal")
	ended, end := context.WithCancelCause(t.Context())
	end(theirs)
	o := b.options()
	o.Resume = true
	if _, err := Open(ended, o); !errors.Is(err, theirs) {
		t.Errorf("%v", err)
	}
	if after := b.tree(t); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("files %v, want %v", after, before)
	}
}

// TestDistinct: one file is one by whatever name or link.
func TestDistinct(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	in := func(name string) string { return filepath.Join(dir, name) }
	for _, err := range []error{
		os.WriteFile("users.csv", nil, 0o600),
		os.Mkdir("sub", 0o700),
		os.Symlink(".", "linked"),
		os.Symlink("users.csv", "symbolic.csv"),
		os.Symlink("new.csv", "nowhere.csv"),
		os.Link("users.csv", "hard.csv"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat("users.csv")
	if err != nil {
		t.Fatal(err)
	}
	redirected := File{Role: "a", Path: "-", Info: info}
	for _, test := range []struct {
		a, b File
		same bool
	}{
		{File{Path: in("users.csv")}, File{Path: "users.csv"}, true},
		{File{Path: in("users.csv")}, File{Path: "symbolic.csv"}, true},
		{File{Path: in("users.csv")}, File{Path: "hard.csv"}, true},
		{File{Path: in("users.csv")}, File{Path: in("linked/users.csv")}, true},
		{redirected, File{Path: "users.csv"}, true},
		{redirected, File{Path: "new.csv"}, false},
		{File{Path: in("new.csv")}, File{Path: "new.csv"}, true},
		{File{Path: in("new.csv")}, File{Path: "./sub/../new.csv"}, true},
		{File{Path: in("new.csv")}, File{Path: in("linked/new.csv")}, true},
		{File{Path: in("new.csv")}, File{Path: in("nowhere.csv")}, true},
		{File{Path: in("new.csv")}, File{Path: in("newer.csv")}, false},
		{File{Path: in("users.csv")}, File{Path: in("new.csv")}, false},
		{File{Path: in("none/new.csv")}, File{Path: in("other/new.csv")}, false},
	} {
		for _, files := range [][]File{{test.a, test.b}, {test.b, test.a}} {
			files[0].Role, files[1].Role = "first", "second"
			err := Distinct(files...)
			same, ok := errors.AsType[*SameFileError](err)
			if ok != test.same || err != nil && !ok {
				t.Errorf("%s and %s: %v", files[0].Path, files[1].Path, err)
			}
			if ok && (same.First != "first" || same.Second != "second" || same.Path != files[1].Path) {
				t.Errorf("%+v", same)
			}
		}
	}
}

// TestFilesOfAJob are all looked at, the driver's too.
func TestFilesOfAJob(t *testing.T) {
	b := newBench(t.TempDir())
	b.put(t, "users.csv", users)
	for second, set := range map[string]func(o *Options, path string){
		"report":                    func(o *Options, path string) { o.Report = path },
		"failed-rows file":          func(o *Options, path string) { o.Failed = path },
		"file of malformed records": func(o *Options, path string) { o.Malformed = path },
		"summary":                   func(o *Options, path string) { o.Outputs = []File{{Role: "summary", Path: path}} },
		"standard output":           func(o *Options, path string) { o.Streams = []File{{Role: "standard output", Path: path}} },
	} {
		o := b.options()
		o.Overwrite = true
		set(&o, o.Input.Path)
		_, err := Open(t.Context(), o)
		if same, ok := errors.AsType[*SameFileError](err); !ok || same.First != "input" || same.Second != second {
			t.Errorf("%s: %v", second, err)
		}
	}
}

func TestDefaultNames(t *testing.T) {
	for _, test := range []struct {
		input, report, failed string // as given
		wantReport            string
		wantFailed            string
	}{
		{input: "users.csv", wantReport: "users.report.csv", wantFailed: "users.failed.csv"},
		{input: "a/users.CSV", wantReport: "a/users.report.csv", wantFailed: "a/users.failed.csv"},
		{input: "users.Csv.GZ", wantReport: "users.report.csv", wantFailed: "users.failed.csv"},
		{input: "users.gz", wantReport: "users.gz.report.csv", wantFailed: "users.gz.failed.csv"},
		{input: "users.txt", wantReport: "users.txt.report.csv", wantFailed: "users.txt.failed.csv"},
		{input: "users", wantReport: "users.report.csv", wantFailed: "users.failed.csv"},
		{input: "a.csv.csv", wantReport: "a.csv.report.csv", wantFailed: "a.csv.failed.csv"},
		{input: "users.failed.csv", wantReport: "users.failed.report.csv", wantFailed: "users.failed.failed.csv"},
		{input: "users.csv", report: "r", wantReport: "r", wantFailed: "r.failed.csv"},
		{input: "users.csv", failed: "f", wantReport: "users.report.csv", wantFailed: "f"},
		{input: "-", report: "out.report.csv", wantReport: "out.report.csv", wantFailed: "out.failed.csv"},
		{input: "-", report: "out.csv", wantReport: "out.csv", wantFailed: "out.failed.csv"},
		{input: "-", report: "out", wantReport: "out", wantFailed: "out.failed.csv"},
		{input: "-", report: "r.csv", failed: "f.csv", wantReport: "r.csv", wantFailed: "f.csv"},
	} {
		o, err := Options{Input: rows.Options{Path: test.input}, Report: test.report, Failed: test.failed}.withDefaults()
		if err != nil || o.Report != test.wantReport || o.Failed != test.wantFailed {
			t.Errorf("%+v: %s and %s, %v", test, o.Report, o.Failed, err)
		}
	}
}
