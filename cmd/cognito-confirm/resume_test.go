package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/report"
)

const resumePool = "eu-west-1_Test00000"

// resumption is a directory with the files of one job, and the service.
type resumption struct {
	dir, url string
	service  *fakecognito.Server
}

func newResumption(t *testing.T) *resumption {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	r := &resumption{dir: t.TempDir(), service: fakecognito.New(fakecognito.Options{UserPoolID: resumePool, AcceptAnyone: true, LogCalls: true})}
	server := httptest.NewServer(r.service)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	r.url = server.URL
	return r
}

// path is that of a file of the job.
func (r *resumption) path(name string) string { return filepath.Join(r.dir, name) }

func (r *resumption) put(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(r.path(name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// tree returns all files of the job.
func (r *resumption) tree(t *testing.T) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(r.dir)
	if err != nil {
		t.Fatal(err)
	}
	tree := make(map[string]string)
	for _, entry := range entries {
		content, err := os.ReadFile(r.path(entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		tree[entry.Name()] = string(content)
	}
	return tree
}

// run runs the program, one call at a time.
func (r *resumption) run(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	return r.runWith(t.Context(), stdin, args...)
}

func (r *resumption) runWith(ctx context.Context, stdin string, args ...string) (status int, stdout, stderr string) {
	args = append([]string{"run", "--user-pool-id", resumePool, "--endpoint-url", r.url, "--rate", "5000", "--concurrency", "1"}, args...)
	var out, messages bytes.Buffer
	status = run(ctx, args, nil, strings.NewReader(stdin), &out, &messages)
	return status, out.String(), messages.String()
}

// called lists whom the service was asked for since it was last called.
func (r *resumption) called(t *testing.T, before int) string {
	t.Helper()
	var names []string
	for _, call := range r.service.Calls()[before:] {
		names = append(names, call.Username)
	}
	return strings.Join(names, " ")
}

const resumeUsers = "username,note\nalice,1\nbad.bob,2\n,3\ncarol,4\nstop,5\nbad.dave,6\neve,7\n"

// stopOnce makes the service refuse the run once, at the user stop.
func (r *resumption) stopOnce() {
	r.service.SetFault("stop", fakecognito.Fault{Code: "AccessDeniedException", Times: 1})
	r.service.SetFault("bad.bob", fakecognito.Fault{Code: "UserNotFoundException"})
	r.service.SetFault("bad.dave", fakecognito.Fault{Code: "UserNotFoundException"})
}

// TestResume stops a run in the middle and does what it says, for every kind
// of input.
func TestResume(t *testing.T) {
	for _, input := range []string{"users.csv", "users.csv.gz", "unpacked.csv", "-"} {
		t.Run(input, func(t *testing.T) {
			r := newResumption(t)
			r.stopOnce()
			stdin, args := "", []string{r.path(input), "--report", r.path("it's my report.csv"), "--failed", r.path("failed.csv")}
			switch input {
			case "-":
				stdin, args[0] = resumeUsers, "-"
			case "users.csv":
				r.put(t, input, resumeUsers)
			default: // gzip is known by its content too
				r.put(t, input, resumeZipped(t, resumeUsers))
			}
			status, _, stderr := r.run(t, stdin, args...)
			if want := "alice bad.bob carol stop"; status != 1 || r.called(t, 0) != want {
				t.Fatalf("status %d, called %s, want 1 and %s:\n%s", status, r.called(t, 0), want, stderr)
			}
			_, command, found := strings.Cut(stderr, "cognito-confirm: to finish: cognito-confirm ")
			if !found {
				t.Fatalf("no command to finish it:\n%s", stderr)
			}
			var out, messages bytes.Buffer
			status = run(t.Context(), resumeShell(t, command), nil, strings.NewReader(stdin), &out, &messages)
			if want := "stop bad.dave eve"; status != 3 || r.called(t, 4) != want {
				t.Fatalf("status %d, called %s, want 3 and %s:\n%s", status, r.called(t, 4), want, &messages)
			}
			for _, text := range []string{
				": 4 confirmed, 0 already confirmed, 0 trigger failed, 2 failed, 1 invalid\n",
				"4 of these rows were done by earlier runs, 3 by this one\n",
				": 3 attempts, ",
			} {
				if !strings.Contains(messages.String(), text) {
					t.Errorf("the summary has no %q in it:\n%s", text, &messages)
				}
			}
			if got := r.tree(t)["failed.csv"]; got != "username,note\nbad.bob,2\n,3\nbad.dave,6\n" {
				t.Errorf("failed rows %q", got)
			}
			r.checkFinished(t, stdin, append(args, "--resume"))
		})
	}
}

// checkFinished resumes a job that has finished: without calls, without
// credentials, without a change.
func (r *resumption) checkFinished(t *testing.T, stdin string, args []string) {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	t.Setenv("AWS_CONFIG_FILE", os.DevNull)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
	before, calls := r.tree(t), len(r.service.Calls())
	status, _, stderr := r.run(t, stdin, args...)
	if status != 3 || !strings.Contains(stderr, "cognito-confirm: nothing left to do: every row of the input is in the report\n") {
		t.Errorf("status %d, want 3 and that nothing is left to do:\n%s", status, stderr)
	}
	if strings.Contains(stderr, "to finish") || !strings.Contains(stderr, "7 of these rows were done by earlier runs, 0 by this one\n") {
		t.Errorf("it says\n%s", stderr)
	}
	if after := r.tree(t); !maps.Equal(before, after) || len(r.service.Calls()) != calls {
		t.Errorf("files %q, want %q; called %s", after, before, r.called(t, calls))
	}
}

// TestResumeOfASuccessExitsAsOne: the status is that of the whole, whichever run it is.
func TestResumeOfASuccessExitsAsOne(t *testing.T) {
	r := newResumption(t)
	r.put(t, "users.csv", "username\nalice\nbob\n")
	for i, args := range [][]string{nil, {"--resume"}, {"--resume"}} {
		if status, _, stderr := r.run(t, "", append(args, r.path("users.csv"))...); status != 0 || len(r.service.Calls()) != 2 {
			t.Errorf("run %d: status %d, %d calls in all, want 0 and 2:\n%s", i, status, len(r.service.Calls()), stderr)
		}
	}
}

// TestResumeSummary counts the whole input, and each of its runs apart.
func TestResumeSummary(t *testing.T) {
	r := newResumption(t)
	r.stopOnce()
	r.put(t, "users.csv", resumeUsers)
	r.run(t, "", r.path("users.csv"))
	status, stdout, _ := r.run(t, "", "--resume", "--summary", "-", r.path("users.csv"))
	var got report.Summary
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || status != 3 {
		t.Fatalf("status %d, summary %q: %v", status, stdout, err)
	}
	text := func(n report.Numbers) string {
		return fmt.Sprintf("%d rows, %d confirmed, %d failed, %d invalid, %d attempts, codes %v", n.Rows, n.Confirmed, n.FailedRows, n.Invalid, n.Attempts, n.Codes)
	}
	for _, test := range []struct{ got, want string }{
		{text(got.Numbers), "7 rows, 4 confirmed, 2 failed, 1 invalid, 6 attempts, codes map[UserNotFoundException:2 empty_username:1]"},
		{text(got.EarlierRuns), "4 rows, 2 confirmed, 1 failed, 1 invalid, 3 attempts, codes map[UserNotFoundException:1 empty_username:1]"},
		{text(got.ThisRun), "3 rows, 2 confirmed, 1 failed, 0 invalid, 3 attempts, codes map[UserNotFoundException:1]"},
	} {
		if test.got != test.want {
			t.Errorf("the summary says %s, want %s", test.got, test.want)
		}
	}
	if got.Outcome != report.Finished || got.ExitStatus != 3 || got.Failed != r.path("users.failed.csv") {
		t.Errorf("the summary says %s, %d, %s", got.Outcome, got.ExitStatus, got.Failed)
	}
}

// TestLockedReport: the second run ends before any call and says who is at it.
func TestLockedReport(t *testing.T) {
	r := newResumption(t)
	r.put(t, "users.csv", resumeUsers)
	r.service.SetFaultShare(1, fakecognito.Fault{Kind: fakecognito.FaultHang})
	ctx, cancel := context.WithCancelCause(t.Context())
	ended := make(chan int)
	go func() {
		status, _, _ := r.runWith(ctx, "", "--timeout", "5s", r.path("users.csv"))
		ended <- status
	}()
	for deadline := time.Now().Add(20 * time.Second); len(r.service.Calls()) == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("no call was made")
		}
	}
	for _, flag := range []string{"--resume", "--overwrite"} {
		status, _, stderr := r.run(t, "", flag, r.path("users.csv"))
		want := "cognito-confirm: another run holds this file: " + r.path("users.report.csv")
		if runtime.GOOS == "linux" {
			want += fmt.Sprintf(", held by process %d", os.Getpid())
		}
		want += "\ncognito-confirm: hint: wait for it to end, or give another --report\n"
		if status != 4 || stderr != want || len(r.service.Calls()) != 1 {
			t.Errorf("%s: status %d, %d calls, want 4 and 1; it says\n%s\nwant\n%s", flag, status, len(r.service.Calls()), stderr, want)
		}
	}
	cancel(&interruption{os.Interrupt})
	r.service.ClearFaults()
	if status := <-ended; status != 130 {
		t.Errorf("the first run ended with %d", status)
	}
	if status, _, stderr := r.run(t, "", "--resume", r.path("users.csv")); status != 3 {
		t.Errorf("status %d afterwards, want 3:\n%s", status, stderr)
	}
	if names := slices.Sorted(maps.Keys(r.tree(t))); !slices.Equal(names, []string{"users.csv", "users.failed.csv", "users.report.csv"}) {
		t.Errorf("files %v", names)
	}
}
