//go:build e2e

package e2e

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// patience is how long a command may take.
const patience = 8 * time.Minute

// built returns the absolute path of a file that make puts into the tree.
func built(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("../..", path))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%v: make e2e and make memory put it there", err)
	}
	return path
}

// credentials are variables for [newCommand]. No emulator checks them.
func credentials() []string {
	return []string{"AWS_ACCESS_KEY_ID=x", "AWS_SECRET_ACCESS_KEY=x", "AWS_DEFAULT_REGION=us-east-1"}
}

// newCommand returns a command that runs in the directory and has the built
// program in its PATH. It inherits nothing else, so that the user's own
// configuration does not matter.
func newCommand(t *testing.T, dir string, env []string, name string, arguments ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	bin := filepath.Dir(built(t, "bin/cognito-confirm"))
	if name == "cognito-confirm" {
		name = filepath.Join(bin, name)
	}
	command := exec.CommandContext(ctx, name, arguments...)
	command.Dir = dir
	command.Env = append([]string{
		"PATH=" + bin + string(filepath.ListSeparator) + os.Getenv("PATH"),
		"HOME=" + dir,
		"AWS_EC2_METADATA_DISABLED=true",
		"AWS_MAX_ATTEMPTS=1",
	}, env...)
	return command
}

// outcome is how a command ended.
type outcome struct {
	status         int
	stdout, stderr string
}

// finish runs the command to its end.
func finish(t *testing.T, command *exec.Cmd) outcome {
	t.Helper()
	var stdout, stderr strings.Builder
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || !exit.Exited()) {
		t.Fatalf("%s: %v\n%s", command, err, &stderr)
	}
	return outcome{command.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}
