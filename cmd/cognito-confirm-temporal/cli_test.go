package main

import (
	"bytes"
	"context"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"go.temporal.io/sdk/temporal"

	"cognito-confirm/internal/program"
	"cognito-confirm/report"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// invoke runs the program in this process. No engine is where it looks for one.
func invoke(t *testing.T, env []string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errors bytes.Buffer
	env = append(slices.Clone(env), "TEMPORAL_ADDRESS=127.0.0.1:1", "HOME="+t.TempDir())
	status = run(t.Context(), args, env, &out, &errors)
	return status, out.String(), errors.String()
}

func TestHelp(t *testing.T) {
	names := []string{""}
	for _, command := range newParser(&commands{}, nil, io.Discard, io.Discard, nil).Model.Children {
		names = append(names, command.Name)
	}
	for _, command := range names {
		name := strings.TrimSuffix("help-"+command, "-")
		status, got, stderr := invoke(t, nil, append(strings.Fields(command), "--help")...)
		if status != program.Done || stderr != "" {
			t.Errorf("the help of %q ends with %d: %s", command, status, stderr)
		}
		for line := range strings.Lines(got) {
			if n := len(strings.TrimSuffix(line, "\n")); n > helpWidth {
				t.Errorf("the help of %q has a line of %d columns: %s", command, n, line)
			}
		}
		if status, same, _ := invoke(t, nil, append([]string{"help"}, strings.Fields(command)...)...); status != program.Done || same != got {
			t.Errorf("help %s ends with %d:\n%s", command, status, same)
		}
		if slices.Contains([]string{"help", "help-start", "help-worker"}, name) {
			golden(t, name+".golden.txt", got)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(path); err != nil || got != string(want) {
		t.Errorf("%s, %v:\n%s", name, err, got)
	}
}

// TestNoArguments: the help, and a status that no script takes for success.
func TestNoArguments(t *testing.T) {
	_, help, _ := invoke(t, nil, "--help")
	if status, stdout, stderr := invoke(t, nil); status != program.Usage || stdout != help || stderr != "" {
		t.Errorf("it ends with %d:\n%s%s", status, stdout, stderr)
	}
}

// full is a standard output that takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

// TestUnwritableStandardOutput is no mistake on the command line.
func TestUnwritableStandardOutput(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"start", "--help"}, {"--version"}} {
		var stderr bytes.Buffer
		if status := run(t.Context(), args, nil, full{}, &stderr); status != program.Stopped || !strings.Contains(stderr.String(), "no space left on device") {
			t.Errorf("%v ends with %d:\n%s", args, status, stderr.String())
		}
	}
}

// TestNobodyReadsTheOutput: a signal ends what waits for a reader.
func TestNobodyReadsTheOutput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Hour, func() { cancel(&program.Interruption{Signal: syscall.SIGTERM}) })
		reader, writer := io.Pipe()
		began := time.Now()
		if status := run(ctx, []string{"--help"}, nil, writer, io.Discard); status != program.Terminated || time.Since(began) != time.Hour+program.Patience {
			t.Errorf("it ends with %d after %v", status, time.Since(began))
		}
		reader.Close() // which wakes the write that was left waiting
	})
}

func TestUsage(t *testing.T) {
	input := filepath.Join(t.TempDir(), "users.csv")
	if err := os.WriteFile(input, []byte("name\nann\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	store, engine := t.TempDir(), serveEngine(t, &fixedEngine{})
	for name, test := range map[string]struct {
		args, env []string
		status    int
		says      string
	}{
		"no such command":   {[]string{"strat"}, nil, program.Usage, programName + ": hint: " + programName + " --help lists the commands"},
		"help on nothing":   {[]string{"help", "strat"}, nil, program.Usage, programName + ": hint: " + programName + " --help lists the commands"},
		"no such flag":      {[]string{"start", "--rat"}, nil, program.Usage, programName + ": hint: " + programName + " start --help lists the flags"},
		"a stray word":      {[]string{"status", "--quota-domain", "x", "S3cretPw"}, nil, program.Usage, "unexpected argument at position 4\n"},
		"no command so":     {[]string{"S3cretPw"}, nil, program.Usage, "unexpected argument at position 1\n"},
		"a command so":      {[]string{"strat"}, nil, program.Usage, `unexpected argument strat, did you mean`},
		"no domain":         {[]string{"status"}, nil, program.Usage, "say --user-pool-id or --quota-domain"},
		"a rate":            {[]string{"rate", "-1", "--quota-domain", "x"}, nil, program.Usage, "unknown flag -1"},
		"a rate of nothing": {[]string{"rate", "0", "--quota-domain", "x"}, nil, program.Usage, "must be a number above 0, or auto"},
		"a variable":        {[]string{"worker"}, []string{"COGNITO_CONFIRM_TASK_QUEU=x"}, program.Usage, "COGNITO_CONFIRM_TASK_QUEUE does"},
		"a pool":            {[]string{"start", input, "--store", store, "--user-pool-id", "x"}, nil, program.Usage, `"x" is not a user pool id`},
		"a store":           {[]string{"start", input, "--store", "s3://b", "--user-pool-id", testPool}, nil, program.Usage, "it is s3://bucket/key"},
		"standard input":    {[]string{"start", "-", "--store", store, "--user-pool-id", testPool}, nil, program.Usage, "the input must be a file"},
		"calls":             {[]string{"start", input, "--store", store, "--user-pool-id", testPool, "--concurrency", "0"}, nil, program.Usage, "--concurrency must be from 1"},
		"no input":          {[]string{"start", store + "/none.csv", "--store", store, "--user-pool-id", testPool}, engine, program.Usage, "open input: "},
		"no directory":      {[]string{"start", input, "--no-header", "--store", input, "--user-pool-id", testPool}, engine, program.Usage, "not a directory"},
		"no store":          {[]string{"schedule", input, "--cron", "@daily", "--store", input, "--user-pool-id", testPool}, engine, program.Usage, "not a directory"},
		"no engine":         {[]string{"pause", "--quota-domain", "x"}, nil, program.Stopped, "TEMPORAL_ADDRESS, or a profile of temporal.toml, tells where the engine is"},
		"a configuration":   {[]string{"pause", "--quota-domain", "x"}, []string{"TEMPORAL_CONFIG_FILE=" + input}, program.Usage, "configuration of Temporal"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, _, stderr := invoke(t, test.env, test.args...)
			if status != test.status || !strings.Contains(stderr, test.says) {
				t.Errorf("it ends with %d:\n%s", status, stderr)
			}
			for line := range strings.Lines(stderr) {
				if !strings.HasPrefix(line, "cognito-confirm-temporal: ") {
					t.Errorf("standard error has the line %q", line)
				}
			}
		})
	}
}

func TestExitOf(t *testing.T) {
	for name, test := range map[string]struct {
		err    error
		status int
		hint   string
	}{
		"SIGINT":     {&program.Interruption{Signal: os.Interrupt}, program.Interrupted, ""},
		"locked":     {&lockedError{"eu-west-1", "0123"}, program.Locked, "wait for it to end (wait), or end it (cancel); another --quota-domain is for another account"},
		"canceled":   {ended(temporal.NewCanceledError()), program.Stopped, ""},
		"stopped":    {ended(temporal.NewApplicationErrorWithOptions("x", typeFatal, temporal.ApplicationErrorOptions{Details: []any{Hint{"do"}}})), program.Stopped, "do"},
		"unreported": {context.DeadlineExceeded, program.Stopped, ""},
	} {
		if status, hint := exitOf(test.err); status != test.status || hint != test.hint {
			t.Errorf("%s: %d, %q", name, status, hint)
		}
	}
}

// TestStatusText shows a run at work, as long as it takes.
func TestStatusText(t *testing.T) {
	s := runStatus{State: "running", Run: "0123", Worker: "7@host", Attempt: 2, LastFailure: "activity Heartbeat timeout",
		Status: &Status{Order: Order{UserPoolID: testPool}, InFlight: true, Progress: Progress{
			Planned: Planned{Rows: 3000, Chunks: 3}, Next: 1, Done: report.Counts{Rows: 1000, Confirmed: 990, FailedRows: 10}}},
		Beat: &Beat{Index: 1, Done: Done{Counts: report.Counts{Rows: 234, Confirmed: 230, Invalid: 4}, Pace: Pace{Rate: 38, At: time.Now()}}, Reason: "cruising below it", InFlight: 3}}
	want := "run 0123 of eu-west-1_Test00000: running, 1,234 of 3,000 rows, chunk 2 of 3\n" +
		"1,220 confirmed, 0 already confirmed, 0 trigger failed, 10 failed, 4 invalid\n" +
		"38.0 calls a second, cruising below it; 3 in flight, by 7@host\n" +
		"attempt 2 of the chunk, after: activity Heartbeat timeout"
	if got := s.text(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	s.Beat.Index = 0
	if got := s.text(); !strings.Contains(got, "running, 1,000 of 3,000 rows, chunk 2 of 3") {
		t.Errorf("after the last heartbeat of the chunk before: %s", got)
	}
	s.Status.Progress.Paused, s.Beat, s.LastFailure = true, nil, ""
	s.Status.Progress.Part = report.Counts{Rows: 240, Confirmed: 240}
	if got := s.text(); !strings.Contains(got, ": paused, 1,240 of 3,000 rows, chunk 2 of 3\n1,230 confirmed") {
		t.Errorf("paused: %s", got)
	}
	s.State, s.Result = "completed", &report.Counts{Rows: 3000, Confirmed: 2990, FailedRows: 10}
	s.Status.Progress = Progress{Planned: Planned{Rows: 3000}} // it was finished before
	if got := s.text(); got != "run 0123 of eu-west-1_Test00000: completed, 3,000 rows\n2,990 confirmed, 0 already confirmed, 0 trigger failed, 10 failed, 0 invalid" {
		t.Errorf("completed: %s", got)
	}
}
