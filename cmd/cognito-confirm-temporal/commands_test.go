package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"

	"cognito-confirm/internal/program"
)

const (
	running   = enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	completed = enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
	failed    = enumspb.WORKFLOW_EXECUTION_STATUS_FAILED
)

// TestCommands: what the commands tell of a run, whatever has become of it.
func TestCommands(t *testing.T) {
	for name, test := range map[string]struct {
		engine fixedEngine
		args   string
		status int
		says   string // standard error, without the name of the program
	}{
		"cancel":           {fixedEngine{state: running}, "cancel", program.Done, "canceled; start goes on with it\n"},
		"cancel, too late": {fixedEngine{state: completed}, "cancel", program.Done, "the run had completed before: nothing was canceled\n"},
		"cancel, stopped before": {fixedEngine{state: failed}, "cancel", program.Stopped,
			"the run was stopped: AccessDeniedException\nallow it\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := append(strings.Fields(test.args), "--quota-domain", "eu-west-1")
			status, _, stderr := invoke(t, serveEngine(t, &test.engine), args...)
			said := strings.ReplaceAll(stderr, programName+": ", "")
			if status != test.status || said != test.says {
				t.Errorf("it ends with %d:\n%s", status, said)
			}
		})
	}
}

// TestStart: what start tells, and what it leaves in the store.
func TestStart(t *testing.T) {
	input := filepath.Join(t.TempDir(), "users.csv")
	if err := os.WriteFile(input, []byte("username\nann\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := must[string](t)(importInput(t.Context(), t.TempDir(), input, Settings{UserPoolID: testPool}, ""))
	at := func(rate float64) *Status { return &Status{Order: Order{Run: run}, Progress: Progress{Rate: rate}} }
	for name, test := range map[string]struct {
		engine fixedEngine
		args   string
		status int
		says   string // standard error, without the name of the program
	}{
		"begun":            {fixedEngine{}, "", program.Done, "run RUN has begun; its files are in STORE/RUN\n"},
		"at work":          {fixedEngine{state: running, run: run, status: at(40)}, "", program.Done, "run RUN is at work already\n"},
		"at another rate":  {fixedEngine{state: running, run: run, status: at(20)}, "--rate 5.5", program.Done, "run RUN is at work already; its rate is 20 a second, and 'rate 5.5' changes that\n"},
		"at what it finds": {fixedEngine{state: running, run: run, status: at(0)}, "", program.Done, "run RUN is at work already; its rate is auto, and 'rate 40' changes that\n"},
		"at a rate":        {fixedEngine{state: running, run: run, status: at(0.5)}, "--rate auto", program.Done, "run RUN is at work already; its rate is 0.5 a second, and 'rate auto' changes that\n"},
		"nobody answers":   {fixedEngine{state: running, run: run}, "--rate auto", program.Done, "run RUN is at work already\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := t.TempDir()
			args := append([]string{"start", input, "--store", store, "--user-pool-id", testPool}, strings.Fields(test.args)...)
			status, _, stderr := invoke(t, serveEngine(t, &test.engine), args...)
			said := strings.NewReplacer(programName+": ", "", store, "STORE", run, "RUN").Replace(stderr)
			if status != test.status || said != test.says {
				t.Errorf("it ends with %d:\n%s", status, said)
			}
		})
	}
}
