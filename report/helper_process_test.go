package report_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// The variables that make a helper process of the test binary.
const (
	helperRole      = "REPORT_TEST_ROLE"
	helperDirectory = "REPORT_TEST_DIRECTORY"
)

const (
	roleHold = "hold" // opens a report and holds it until it is killed
	roleFill = "fill" // records with room for no more than maxFile bytes a file
)

// maxFile is how long a file of the filling process may become.
const maxFile = 20_000

// fillRows is how many results the filling process records.
const fillRows = 2_000

// filled is what the filling process saw.
type filled struct {
	Recorded, Refused, Failures, Rows, Lost int
	RecordError, FailureError, CloseError   string
}

// startHelper starts the test binary in a role on the directory.
func startHelper(t *testing.T, role, dir string) (*exec.Cmd, io.WriteCloser, io.Reader) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), helperRole+"="+role, helperDirectory+"="+dir)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, stdin, stdout
}

// help is the helper process.
func help(role string) (exitCode int) {
	o := optionsIn(os.Getenv(helperDirectory))
	o.Overwrite = true
	o.Header = "username,note\n"
	switch role {
	case roleHold:
		return hold(o)
	case roleFill:
		return fill(o, "")
	default:
		return fill(o, strings.Repeat("x", 500)) // the failed rows fill up first
	}
}

func hold(o report.Options) int {
	r, err := report.Open(context.Background(), o)
	if err == nil {
		err = r.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println("held")
	io.Copy(io.Discard, os.Stdin)
	r.Close()
	return 0
}

func fill(o report.Options, note string) int {
	if err := limitFiles(maxFile); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	var saw filled
	var failures atomic.Int64
	o.OnFailure = func(err error) {
		failures.Add(1)
		saw.FailureError = err.Error()
	}
	r, err := report.Open(context.Background(), o)
	if err == nil {
		err = r.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	for i := range fillRows {
		row := result(i+2, fmt.Sprintf("user%d", i), worker.StatusFailed)
		row.Row.Raw = raw(row.Row.Username, note)
		saw.Recorded++
		if err := r.Record(row); err != nil {
			saw.Refused++
			saw.RecordError = err.Error()
		}
	}
	if err := r.Close(); err != nil {
		saw.CloseError = err.Error()
	}
	state := r.State()
	saw.Failures, saw.Rows, saw.Lost = int(failures.Load()), state.ThisRun.Rows, state.Lost
	if err := json.NewEncoder(os.Stdout).Encode(saw); err != nil {
		return 1
	}
	return 0
}
