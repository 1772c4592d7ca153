//go:build bench

package bench

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// contender is a way to use a quota.
type contender struct {
	name string
	// command returns the process for a situation.
	command func(t *testing.T, s situation, url string) *exec.Cmd
	// end ends the process, whose standard input is closed, and returns how many
	// rows it has finished and how many of those it gave up.
	end func(running *exec.Cmd, said *strings.Builder) (rows, failed int, err error)
}

// fixedShare is the share of a known quota that a cautious person uses.
const fixedShare = 0.8

func contenders(t *testing.T) []contender {
	t.Helper()
	all := []contender{
		{"cognito-confirm --rate auto", ourCommand, endOurs},
		{"a pool, the SDK's standard mode", inRole(standardRole), endOthers},
		{"a pool, the SDK's adaptive mode", inRole(adaptiveRole), endOthers},
		{fmt.Sprintf("a fixed rate of %.0f %% of the quota", 100*fixedShare), inRole(fixedRole), endOthers},
	}
	if err := isolated(t, exec.Command("python3", "-c", "import boto3")).Run(); err != nil {
		fmt.Println("Without boto3, which python3 cannot import: on Debian it is in python3-boto3.")
		return all
	}
	return append(all, contender{"a pool, boto3's adaptive mode", boto3Command, endOthers})
}

// ourCommand is the built program with an input that outlasts it.
func ourCommand(t *testing.T, s situation, url string) *exec.Cmd {
	t.Helper()
	input := writeRows(t, int(s.quota.Rate*(*warmup+*window).Seconds()*1.2)+1000)
	return program(t, "run", "--endpoint-url", url, "--user-pool-id", poolID, "--rate", "auto", "--pace", s.pace,
		"--concurrency", strconv.Itoa(s.inFlight), "--summary", "summary.json", input)
}

// endOurs terminates the program. An interrupt would be ignored in a background
// job.
func endOurs(running *exec.Cmd, _ *strings.Builder) (rows, failed int, err error) {
	const terminated = 143
	if err := running.Process.Signal(syscall.SIGTERM); err != nil {
		return 0, 0, err
	}
	if err := running.Wait(); running.ProcessState.ExitCode() != terminated {
		return 0, 0, fmt.Errorf("ended otherwise than by the signal: %v", err)
	}
	text, err := os.ReadFile(filepath.Join(running.Dir, "summary.json"))
	if err != nil {
		return 0, 0, err
	}
	var summary struct {
		Rows       int `json:"rows"`
		FailedRows int `json:"failed_rows"`
	}
	err = json.Unmarshal(text, &summary)
	return summary.Rows, summary.FailedRows, err
}

// inRole is this test binary in one of the roles of contend.
func inRole(role string) func(*testing.T, situation, string) *exec.Cmd {
	return func(t *testing.T, s situation, url string) *exec.Cmd {
		t.Helper()
		return again(t, role, urlVariable+"="+url, inFlightVariable+"="+strconv.Itoa(s.inFlight),
			fmt.Sprintf("%s=%g", rateVariable, fixedShare*s.quota.Rate))
	}
}

//go:embed testdata/adaptive.py
var adaptivePython string

func boto3Command(t *testing.T, s situation, url string) *exec.Cmd {
	t.Helper()
	command := isolated(t, exec.Command("python3", "-c", adaptivePython))
	command.Env = append(command.Env, "AWS_DEFAULT_REGION=us-east-1", urlVariable+"="+url,
		poolVariable+"="+poolID, inFlightVariable+"="+strconv.Itoa(s.inFlight))
	return command
}

// poolVariable is the user pool, for a contender that is not in Go.
const poolVariable = "COGNITO_BENCH_POOL"

// endOthers waits for a process that ends with its standard input.
func endOthers(running *exec.Cmd, said *strings.Builder) (rows, failed int, err error) {
	if err := running.Wait(); err != nil {
		return 0, 0, err
	}
	_, err = fmt.Sscan(said.String(), &rows, &failed)
	return rows, failed, err
}
