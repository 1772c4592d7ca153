package main

import (
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
