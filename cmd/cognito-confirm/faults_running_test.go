//go:build faults || soak

package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// running is a run of the program that has not ended yet.
type running struct {
	*exec.Cmd
	scenario *scenario
	rate     float64
	output   transcript // of standard error
	ended    chan struct{}
}

// begin starts a run.
func (s *scenario) begin(rate float64, flags ...string) (*running, error) {
	return s.beginCommand(s.command(rate, flags), rate)
}

func (s *scenario) beginCommand(command []string, rate float64) (*running, error) {
	r := &running{Cmd: exec.Command(command[0], command[1:]...), scenario: s, rate: rate, ended: make(chan struct{})}
	r.Dir, r.Env, r.Stderr = s.dir, s.environ(), &r.output
	if err := r.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(r.ended)
		_ = r.Wait() // its ProcessState says it all
	}()
	return r, nil
}

// wait waits for the end of the run. The program is killed when it does not come.
func (r *running) wait() (syscall.WaitStatus, error) {
	timer := time.NewTimer(3 * time.Minute)
	defer timer.Stop()
	select {
	case <-r.ended:
	case <-timer.C:
		r.Process.Kill()
		<-r.ended
		return 0, fmt.Errorf("the run did not end:\n%s", r.output.String())
	}
	status := r.ProcessState.Sys().(syscall.WaitStatus)
	r.scenario.note(status, r.rate, r.output.String())
	return status, nil
}

// transcript is what a run says. It can be read while the run goes on.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (t *transcript) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(p)
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}
