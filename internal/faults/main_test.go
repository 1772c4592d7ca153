//go:build unix

package faults

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

// The program's exit statuses.
const (
	exitDone        = 0
	exitStopped     = 1
	exitUsage       = 2
	exitUnsuccess   = 3
	exitInterrupted = 130
	exitTerminated  = 143
)

// binaryDirectory is where the tests build the program.
var binaryDirectory string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "cognito-confirm-faults-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		binaryDirectory = dir
		heedSignals()
		return m.Run()
	}())
}

// heedSignals makes this process and its children heed the signals that they
// inherit as ignored, as under nohup or in a shell's background job.
func heedSignals() {
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGHUP} {
		if signal.Ignored(s) {
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
}

// buildProgram returns the path of the program, built once as it is released.
func buildProgram(t *testing.T) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatalf("build: %v", err)
	}
	return path
}

var build = sync.OnceValues(func() (string, error) {
	path := filepath.Join(binaryDirectory, "cognito-confirm")
	command := exec.Command("go", "build", "-trimpath", "-o", path, "cognito-confirm/cmd/cognito-confirm")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		return "", errors.New(string(out))
	}
	return path, nil
})
