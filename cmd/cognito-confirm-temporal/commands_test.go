package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"

	"cognito-confirm/internal/program"
	"cognito-confirm/internal/rows"
	"cognito-confirm/report"
)

const (
	running   = enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	completed = enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
	failed    = enumspb.WORKFLOW_EXECUTION_STATUS_FAILED
)

const whichRun = "hint: start begins one; --user-pool-id or --quota-domain tells which is meant\n"

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
			"the run was stopped: AccessDeniedException\nhint: allow it\n"},
		"cancel, no run":  {fixedEngine{}, "cancel", program.Usage, "there is no run for eu-west-1\n" + whichRun},
		"status, no run":  {fixedEngine{}, "status", program.Usage, "there is no run for eu-west-1\n" + whichRun},
		"pause":           {fixedEngine{state: running}, "pause", program.Done, "paused: no calls are made before resume\n"},
		"pause, no run":   {fixedEngine{}, "pause", program.Usage, "there is no run for eu-west-1\n" + whichRun},
		"pause, too late": {fixedEngine{state: completed}, "pause", program.Usage, "the run has ended\nhint: status tells how\n"},
		"another rate":    {fixedEngine{state: running}, "rate 50", program.Done, "the rate is now 50 a second\n"},
		"no rate":         {fixedEngine{state: running}, "rate auto", program.Done, "the rate is now auto\n"},
		"wait": {fixedEngine{state: completed, result: report.Counts{Rows: 1234, Confirmed: 1234}}, "wait", program.Done,
			"1,234 rows: 1,234 confirmed, 0 already confirmed, 0 trigger failed, 0 failed, 0 invalid\n"},
		"wait, with files": {fixedEngine{state: completed, result: report.Counts{Rows: 12, Confirmed: 12}, status: &Status{Order: Order{Store: "s3://b/k", Run: "0123"}}}, "wait", program.Done,
			"12 rows: 12 confirmed, 0 already confirmed, 0 trigger failed, 0 failed, 0 invalid\n" +
				"report: s3://b/k/0123/report.csv\n"},
		"wait, some failed": {fixedEngine{state: completed, status: &Status{Order: Order{Store: "/store", Run: "0123"}},
			result: report.Counts{Rows: 1300, FailedRows: 1298, Invalid: 2, Codes: map[string]int{"empty_username": 1, rows.CodeMalformedRecord: 1, "UserNotFoundException": 1298}}}, "wait", program.Unsuccessful,
			"1,300 rows: 0 confirmed, 0 already confirmed, 0 trigger failed, 1,298 failed, 2 invalid\n" +
				"did not succeed: 1,298 UserNotFoundException, 1 empty_username, 1 malformed_record\n" +
				"report: /store/0123/report.csv\nfailed rows: /store/0123/failed.csv\nmalformed records: /store/0123/malformed.csv\n"},
		"wait, malformed": {fixedEngine{state: completed, status: &Status{Order: Order{Store: "/store", Run: "0123"}},
			result: report.Counts{Rows: 1, Invalid: 1, Codes: map[string]int{rows.CodeMalformedRecord: 1}}}, "wait", program.Unsuccessful,
			"1 row: 0 confirmed, 0 already confirmed, 0 trigger failed, 0 failed, 1 invalid\n" +
				"did not succeed: 1 malformed_record\n" +
				"report: /store/0123/report.csv\nmalformed records: /store/0123/malformed.csv\n"},
		"wait, no worker": {fixedEngine{state: running, idle: -1}, "wait", program.Done,
			noWorker + "0 rows: 0 confirmed, 0 already confirmed, 0 trigger failed, 0 failed, 0 invalid\n"},
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

const noWorker = "WARNING: no worker is at work for the task queue cognito-confirm\n" +
	"hint: " + programName + " worker starts one\n"

// TestStart: what start tells, and whether it leaves a copy of the input in the store.
func TestStart(t *testing.T) {
	input := filepath.Join(t.TempDir(), "users.csv")
	if err := os.WriteFile(input, []byte("username\nann\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := must[string](t)(importInput(t.Context(), t.TempDir(), input, Settings{UserPoolID: testPool}, ""))
	at := func(rate float64) *Status { return &Status{Order: Order{Run: run}, Progress: Progress{Rate: rate}} }
	_, hint := exitOf(&lockedError{})
	hint = "hint: " + hint
	for name, test := range map[string]struct {
		engine fixedEngine
		args   string
		status int
		says   string // standard error, without the name of the program
		copies int
	}{
		"begun":              {fixedEngine{}, "", program.Done, "run RUN has begun; its files are in STORE/RUN\n", 1},
		"begun again":        {fixedEngine{state: completed, run: run}, "", program.Done, "run RUN has begun; its files are in STORE/RUN\n", 1},
		"no worker":          {fixedEngine{idle: -1}, "", program.Done, "run RUN has begun; its files are in STORE/RUN\n" + noWorker, 1},
		"no worker any more": {fixedEngine{state: running, run: run, idle: time.Hour}, "", program.Done, "run RUN is at work already\n" + noWorker, 1},
		"at work":            {fixedEngine{state: running, run: run, status: at(40)}, "", program.Done, "run RUN is at work already\n", 1},
		"at another rate":    {fixedEngine{state: running, run: run, status: at(20)}, "--rate 5.5", program.Done, "run RUN is at work already; its rate is 20 a second, and 'rate 5.5' changes that\n", 1},
		"at what it finds":   {fixedEngine{state: running, run: run, status: at(0)}, "", program.Done, "run RUN is at work already; its rate is auto, and 'rate 40' changes that\n", 1},
		"at a rate":          {fixedEngine{state: running, run: run, status: at(0.5)}, "--rate auto", program.Done, "run RUN is at work already; its rate is 0.5 a second, and 'rate auto' changes that\n", 1},
		"nobody answers":     {fixedEngine{state: running, run: run}, "--rate auto", program.Done, "run RUN is at work already\n", 1},
		"another run":        {fixedEngine{state: running, run: "0123"}, "", program.Locked, "another run has the quota of eu-west-1: 0123\n" + hint + "\n", 0},
		"another in the meantime": {fixedEngine{state: running, run: "0123", late: true}, "", program.Locked,
			"a copy of the input is in STORE/RUN\nanother run has the quota of eu-west-1: 0123\n" + hint + "\n", 1},
		"one of a schedule":               {fixedEngine{state: running}, "", program.Locked, "another run has the quota of eu-west-1: one of a schedule\n" + hint + "\n", 0},
		"one of a schedule that is known": {fixedEngine{state: running, status: &Status{Order: Order{Run: "0123"}}}, "", program.Locked, "another run has the quota of eu-west-1: 0123\n" + hint + "\n", 0},
		"the same, begun by a schedule":   {fixedEngine{state: running, status: at(40)}, "", program.Done, "run RUN is at work already\n", 1},
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
			if copies, _ := filepath.Glob(filepath.Join(store, run, inputName)); len(copies) != test.copies {
				t.Errorf("copies of the input: %q", copies)
			}
		})
	}
}

// TestRefusedSchedule leaves the store as it was, and the settings of the schedule that
// is there already.
func TestRefusedSchedule(t *testing.T) {
	input := filepath.Join(t.TempDir(), "users.csv")
	for name, test := range map[string]struct {
		refusal error
		says    string
	}{
		"by the engine": {serviceerror.NewInvalidArgument("Invalid schedule spec: CronString does not have 5-7 fields"),
			"the engine refuses the schedule: Invalid schedule spec: CronString does not have 5-7 fields\nhint: --cron takes an expression as '0 3 * * *' or '@every 1h'\n"},
		"for there is one": {serviceerror.NewWorkflowExecutionAlreadyStarted("already started", "", ""),
			"there is a schedule for eu-west-1\nhint: --overwrite replaces it; 'temporal schedule delete --schedule-id cognito-confirm/eu-west-1' ends it\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := t.TempDir()
			path := filepath.Join(store, "schedules", "eu-west-1.json")
			args := []string{"schedule", input, "--cron", "x", "--store", store, "--user-pool-id", testPool}
			status, _, stderr := invoke(t, serveEngine(t, &fixedEngine{refusal: test.refusal}), args...)
			said := strings.ReplaceAll(stderr, programName+": ", "")
			if status != program.Usage || said != test.says {
				t.Errorf("it ends with %d:\n%s", status, said)
			}
			if _, err := os.Stat(path); !os.IsNotExist(err) {
				t.Errorf("it leaves %s: %v", path, err)
			}
			if status, _, stderr := invoke(t, serveEngine(t, &fixedEngine{}), args...); status != program.Done {
				t.Errorf("accepted, it ends with %d: %s", status, stderr)
			}
			if _, err := os.Stat(path); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestStatusWithoutWorker: what the engine knows, and what is missing.
func TestStatusWithoutWorker(t *testing.T) {
	for name, test := range map[string]struct {
		engine fixedEngine
		says   string // standard output
	}{
		"running": {fixedEngine{state: running, run: "0123", idle: -1},
			"run 0123: running; no worker is at work for the task queue cognito-confirm; cognito-confirm-temporal worker starts one\n"},
		"a worker that does not answer": {fixedEngine{state: running, run: "0123", idle: 30 * time.Second}, "run 0123: running; no worker has answered\n"},
		"completed": {fixedEngine{state: completed, run: "0123", idle: -1, result: report.Counts{Rows: 12, Confirmed: 11, Invalid: 1}},
			"run 0123: completed, 12 rows\n11 confirmed, 0 already confirmed, 0 trigger failed, 0 failed, 1 invalid\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, stdout, stderr := invoke(t, serveEngine(t, &test.engine), "status", "--quota-domain", "eu-west-1")
			if status != program.Done || stdout != test.says || stderr != "" {
				t.Errorf("it ends with %d:\n%s%s", status, stdout, stderr)
			}
		})
	}
}
