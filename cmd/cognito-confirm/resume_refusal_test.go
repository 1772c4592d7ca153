package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
)

func resumeZipped(t *testing.T, text string) string {
	t.Helper()
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return zipped.String()
}

// resumeShell returns the words that a shell makes of a line.
func resumeShell(t *testing.T, line string) []string {
	t.Helper()
	line = strings.TrimSuffix(line, "\n")
	out, err := exec.CommandContext(t.Context(), "sh", "-c", `for word in `+line+`; do printf '%s\0' "$word"; done`).Output()
	if err != nil {
		t.Fatalf("a shell cannot read %s: %v", line, err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

// TestResumeCommand: what is to be typed is what was typed, and --resume.
func TestResumeCommand(t *testing.T) {
	for _, test := range []struct {
		args []string
		want string
		then []string // what a shell makes of it, nil when that is what was typed
	}{
		{[]string{"run", "users.csv"}, "cognito-confirm run users.csv --resume", nil},
		{[]string{"users.csv", "--rate", "40", "--user-pool-id=eu-west-1_A"}, "cognito-confirm users.csv --rate 40 --user-pool-id=eu-west-1_A --resume", nil},
		{[]string{"run", "--resume", "users.csv"}, "cognito-confirm run users.csv --resume", []string{"run", "users.csv"}},
		{[]string{"run", "--overwrite", "users.csv"}, "cognito-confirm run users.csv --resume", []string{"run", "users.csv"}},
		{[]string{"run", "--overwrite=true", "users.csv"}, "cognito-confirm run users.csv --resume", []string{"run", "users.csv"}},
		{[]string{"run", "--resume=true", "users.csv"}, "cognito-confirm run users.csv --resume", []string{"run", "users.csv"}},
		{[]string{"run", "my users.csv"}, "cognito-confirm run 'my users.csv' --resume", nil},
		{[]string{"it's", "\"$HOME\"", "`id`", "a;b", "~/x", "*", "!x", "\\", "#"}, "", nil},
		{[]string{"", "a\nb", "\t", "ü", "{a,b}", "a&b", "<", "a=b c"}, "", nil},
		{[]string{"run", "--rate", "5", "--", "-users.csv"}, "cognito-confirm run --rate 5 --resume -- -users.csv", []string{"run", "--rate", "5", "--", "-users.csv"}},
	} {
		got := (&job{args: test.args}).resumeCommand()
		if test.want != "" && got != test.want {
			t.Errorf("%q: %s, want %s", test.args, got, test.want)
		}
		words := resumeShell(t, strings.TrimPrefix(got, "cognito-confirm "))
		at := slices.Index(words, "--resume")
		if at < 0 {
			t.Fatalf("%q: %s has no --resume in it", test.args, got)
		}
		want := test.args
		if test.then != nil {
			want = test.then
		}
		if words = slices.Delete(words, at, at+1); !slices.Equal(words, want) {
			t.Errorf("%q: a shell makes %q of it, want %q", test.args, words, want)
		}
	}
	if got := (&job{}).resumeCommand(); got != "" {
		t.Errorf("without arguments: %s", got)
	}
}

// TestResumeIsRefused before any call, with a hint, and nothing is changed.
func TestResumeIsRefused(t *testing.T) {
	const edit = "cognito-confirm: hint: resume with the input as it was, or give the new one another --report\n"
	tests := map[string]struct {
		input  string
		report string // instead of the one that the first run left
		args   []string
		says   string
		hint   string
	}{
		"edited":              {input: strings.Replace(resumeUsers, "carol", "Carol", 1), says: "line 5 of the input has another username than in the report: the input was edited since", hint: edit},
		"shortened":           {input: "username,note\nalice,1\n", says: "line 3 of the input is in the report, but no row starts there: the input was edited since", hint: edit},
		"another program's":   {input: resumeUsers, report: "id,name\n1,alice\n", says: "DIR/users.report.csv is not a report of this program; its first line is another one", hint: "cognito-confirm: hint: give the one that the earlier run wrote, or --overwrite to start again\n"},
		"resume or overwrite": {input: resumeUsers, args: []string{"--overwrite"}, says: "--resume and --overwrite can't be used together"},
		"neither":             {input: resumeUsers, args: []string{"--resume=false"}, says: "DIR/users.report.csv exists", hint: "cognito-confirm: hint: --resume continues it, --overwrite replaces it\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := newResumption(t)
			r.stopOnce()
			r.put(t, "users.csv", resumeUsers)
			r.run(t, "", r.path("users.csv"))
			r.put(t, "users.csv", test.input)
			if test.report != "" {
				r.put(t, "users.report.csv", test.report)
			}
			before, calls := r.tree(t), len(r.service.Calls())
			status, _, stderr := r.run(t, "", append([]string{"--resume", r.path("users.csv")}, test.args...)...)
			stderr = strings.ReplaceAll(stderr, r.dir, "DIR")
			if status != 2 || !strings.HasPrefix(stderr, "cognito-confirm: "+test.says+"\n"+test.hint) {
				t.Errorf("status %d, want 2 and %s; it says\n%s", status, test.says, stderr)
			}
			if after := r.tree(t); !maps.Equal(after, before) || len(r.service.Calls()) != calls {
				t.Errorf("files %q, want %q; called %s", after, before, r.called(t, calls))
			}
		})
	}
}

// TestResumeOfAnInputThatBreaksOff is not blamed on the report.
func TestResumeOfAnInputThatBreaksOff(t *testing.T) {
	r := newResumption(t)
	r.stopOnce()
	r.put(t, "users.csv", resumeUsers)
	r.run(t, "", r.path("users.csv"))
	before, calls := r.tree(t), len(r.service.Calls())
	var out, messages bytes.Buffer
	stdin := io.MultiReader(strings.NewReader(resumeUsers[:30]), iotest.ErrReader(syscall.EIO))
	status := run(t.Context(), []string{"--user-pool-id", resumePool, "--endpoint-url", r.url, "--resume", "--report", r.path("users.report.csv"), "-"}, nil, stdin, &out, &messages)
	if want := "cognito-confirm: read input: input/output error\n"; status != 2 || messages.String() != want {
		t.Errorf("status %d, it says %q; want 2 and %q", status, &messages, want)
	}
	if after := r.tree(t); !maps.Equal(after, before) || len(r.service.Calls()) != calls {
		t.Errorf("files %q, want %q", after, before)
	}
}

// TestResumeIsInterrupted while it reads what is done.
func TestResumeIsInterrupted(t *testing.T) {
	for signal, want := range map[os.Signal]int{os.Interrupt: 130, syscall.SIGTERM: 143, syscall.SIGHUP: 143} {
		r := newResumption(t)
		r.stopOnce()
		r.put(t, "users.csv", resumeUsers)
		r.run(t, "", r.path("users.csv"))
		before, calls := r.tree(t), len(r.service.Calls())
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(&interruption{signal})
		status, _, stderr := r.runWith(ctx, "", "--resume", r.path("users.csv"))
		if status != want || !strings.HasPrefix(stderr, "cognito-confirm: interrupted by signal: ") {
			t.Errorf("%v: status %d, want %d; it says\n%s", signal, status, want, stderr)
		}
		if after := r.tree(t); !maps.Equal(after, before) || len(r.service.Calls()) != calls {
			t.Errorf("%v: files %q, want %q", signal, after, before)
		}
	}
}

// TestUnfinishedFailedRowsAreNobodysFile: the name that the failed-rows file has
// while it is made anew must not be the input's or the report's.
func TestUnfinishedFailedRowsAreNobodysFile(t *testing.T) {
	r := newResumption(t)
	r.put(t, "users.csv.tmp", "username\nalice\n")
	before := r.tree(t)
	for _, args := range [][]string{
		{r.path("users.csv.tmp"), "--failed", r.path("users.csv"), "--report", r.path("report.csv")},
		{r.path("users.csv.tmp"), "--failed", r.path("new.csv"), "--report", r.path("new.csv.tmp")},
		{r.path("users.csv.tmp"), "--failed", r.path("new.csv"), "--summary", r.path("new.csv.tmp")},
	} {
		status, _, stderr := r.run(t, "", args...)
		if status != 2 || !strings.Contains(stderr, "are the same file") {
			t.Errorf("%v: status %d, want 2:\n%s", args[1:], status, stderr)
		}
		if after := r.tree(t); !maps.Equal(after, before) || len(r.service.Calls()) > 0 {
			t.Fatalf("files %q, want %q", after, before)
		}
	}
}
