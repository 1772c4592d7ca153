//go:build unix

package faults

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"os/exec"
	"strconv"
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

// beginAfter starts a run whose process executes a shell command first.
func (s *scenario) beginAfter(shell string, rate float64, flags ...string) (*running, error) {
	return s.beginCommand(append([]string{"sh", "-c", shell + `; exec "$@"`, "sh"}, s.command(rate, flags)...), rate)
}

func (s *scenario) beginCommand(command []string, rate float64) (*running, error) {
	r := &running{Cmd: exec.Command(command[0], command[1:]...), scenario: s, rate: rate, ended: make(chan struct{})}
	r.Dir, r.Env, r.Stderr = s.dir, s.environ(), &r.output
	if err := r.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(r.ended)
		_ = r.Wait() // ProcessState has the result
	}()
	return r, nil
}

// runPatience is how long a run may take before it counts as hanging.
const runPatience = 3 * time.Minute

// wait waits for the end of the run, and kills the program when it hangs.
func (r *running) wait() (syscall.WaitStatus, error) { return r.waitFor(runPatience) }

// waitFor is wait for runs that take their time.
func (r *running) waitFor(patience time.Duration) (syscall.WaitStatus, error) {
	timer := time.NewTimer(patience)
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

// until waits for a condition while the run goes on.
func (r *running) until(what string, isTrue func() bool) error {
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !isTrue() {
		select {
		case <-tick.C:
		case <-r.ended:
			status, _ := r.wait()
			return fmt.Errorf("%s before %s", describe(status), what)
		case <-deadline.C:
			_ = r.Process.Kill()
			_, _ = r.wait()
			return fmt.Errorf("waited a minute until %s", what)
		}
	}
	return nil
}

// transcript is the output of a run. It can be read while the run goes on.
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

// lines counts the rows that are in the report so far.
func (s *scenario) lines() int {
	text, _ := os.ReadFile(s.path("users.report.csv"))
	return max(0, bytes.Count(text, []byte("\n"))-1)
}

// sent adds up the calls that the report lists as sent.
func (s *scenario) sent() int {
	file, err := os.Open(s.path("users.report.csv"))
	if err != nil {
		return 0
	}
	defer file.Close()
	records := csv.NewReader(file)
	sent := 0
	for {
		record, err := records.Read()
		if err != nil {
			return sent // the end, or a last line that is half written
		}
		attempts, _ := strconv.Atoi(record[5])
		sent += attempts
	}
}
