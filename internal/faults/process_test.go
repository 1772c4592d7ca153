//go:build unix

package faults

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

// TestSignals interrupts runs in the middle. Every call on the wire is answered
// and recorded, and no new one is sent.
func TestSignals(t *testing.T) {
	t.Parallel()
	var cases []faultCase
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		cases = append(cases,
			faultCase{name: signal.String(), rows: 150, play: func(s *scenario) error { return s.signalOnTheWire(signal) }},
			faultCase{name: signal.String() + ", then another signal", rows: 150, play: func(s *scenario) error { return s.signalTwice(signal) }})
	}
	cases = append(cases, faultCase{name: "ignored hangup", rows: 150, play: (*scenario).ignoreHangup})
	playAll(t, len(cases), cases)
}

// TestFullDisk runs into a limit on the size of files. The run stops, and
// resumes when there is room.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	playAll(t, 2, []faultCase{
		{name: "in the middle", rows: 900, play: (*scenario).fillFile},
		{name: "with the first answer", play: (*scenario).fillFileAtOnce},
	})
}

// TestClosedStreams closes the reading end of a stream. The run still does and
// reports all rows.
func TestClosedStreams(t *testing.T) {
	t.Parallel()
	playAll(t, 2, []faultCase{
		{name: "standard output", rows: 200, play: func(s *scenario) error {
			return s.intoClosedPipe(func(c *exec.Cmd, pipe *os.File) { c.Stdout = pipe }, exitStopped, "--summary", "-")
		}},
		{name: "standard error", rows: 200, play: func(s *scenario) error {
			return s.intoClosedPipe(func(c *exec.Cmd, pipe *os.File) { c.Stderr = pipe }, exitUnsuccess)
		}},
	})
}

// slowAnswer is how long answers take while a signal is to meet calls on the wire.
const slowAnswer = 2 * time.Second

// beginOnTheWire starts a run and waits until all its calls are in flight.
func (s *scenario) beginOnTheWire(flags ...string) (*running, error) {
	s.server.SetFaultShare(1, fakecognito.Fault{Kind: fakecognito.FaultSlow, Delay: slowAnswer})
	r, err := s.begin(500, flags...)
	if err != nil {
		return nil, err
	}
	return r, r.until("all calls are in flight", func() bool { return s.inFlight() == s.concurrency })
}

func (s *scenario) signalOnTheWire(signal syscall.Signal) error {
	defer s.healUsers()
	r, err := s.beginOnTheWire("--summary", "summary.json")
	if err != nil {
		return err
	}
	if err := r.endBy(signal); err != nil {
		return err
	}
	if calls, sent := int(s.server.Counts().Calls), s.sent(); sent != calls {
		return fmt.Errorf("%d calls, %d of them in the report", calls, sent)
	}
	summary, err := os.ReadFile(s.path("summary.json"))
	if err == nil && !strings.Contains(string(summary), `"outcome": "interrupted"`) {
		err = fmt.Errorf("summary: %s", summary)
	}
	return errors.Join(err, os.Remove(s.path("summary.json")))
}

// endBy sends the signal and waits for the clean end, with no calls after those
// that were about to be sent at that moment.
func (r *running) endBy(signal syscall.Signal) error {
	calls, sent := r.scenario.server.Counts().Calls, time.Now()
	if err := r.Process.Signal(signal); err != nil {
		return err
	}
	status, err := r.wait()
	if err != nil {
		return err
	}
	// Generous, for a machine under load; nothing else ends these runs so soon.
	if took := time.Since(sent); took > slowAnswer+20*time.Second {
		return fmt.Errorf("it took %v to end", took)
	}
	if more := r.scenario.server.Counts().Calls - calls; more > int64(r.scenario.concurrency) {
		return fmt.Errorf("%d more calls after the signal", more)
	}
	return endedBy(status, signal)
}

func endedBy(status syscall.WaitStatus, signal syscall.Signal) error {
	want := exitTerminated
	if signal == syscall.SIGINT {
		want = exitInterrupted
	}
	if !status.Exited() || status.ExitStatus() != want {
		return fmt.Errorf("%s after %v, want exit status %d", describe(status), signal, want)
	}
	return nil
}

// signalTwice sends more signals, as somebody does who has lost patience. Those of
// the first second are the first one again. A second hangup does not end a run,
// so that one becomes a termination.
func (s *scenario) signalTwice(signal syscall.Signal) error {
	s.server.SetFaultShare(1, fakecognito.Fault{Kind: fakecognito.FaultHang})
	defer s.healUsers()
	r, err := s.begin(500)
	if err != nil {
		return err
	}
	if err := r.until("all calls are in flight", func() bool { return s.inFlight() == s.concurrency }); err != nil {
		return err
	}
	first := time.Now() // before it is sent: a machine under load may take its time after
	if err := r.Process.Signal(signal); err != nil {
		return err
	}
	if signal == syscall.SIGHUP {
		signal = syscall.SIGTERM
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for ended := false; !ended; {
		select {
		case <-r.ended:
			ended = true
		case <-tick.C:
			_ = r.Process.Signal(signal)
		}
	}
	took := time.Since(first)
	status, err := r.wait()
	if err != nil {
		return err
	}
	if took < time.Second {
		return fmt.Errorf("%s only %v after the first signal", describe(status), took)
	}
	return endedBy(status, signal)
}

// ignoreHangup sends a hangup to a run under nohup, which ignores those.
func (s *scenario) ignoreHangup() error {
	s.server.SetFaultShare(1, fakecognito.Fault{Kind: fakecognito.FaultSlow, Delay: slowAnswer, Times: s.concurrency})
	r, err := s.beginAfter("trap '' HUP", 500)
	if err != nil {
		return err
	}
	if err := r.until("all calls are in flight", func() bool { return s.inFlight() == s.concurrency }); err != nil {
		return err
	}
	return s.toTheEnd(r, r.Process.Signal(syscall.SIGHUP))
}

// stoppedFor checks the end of a run whose files broke at a moment.
func (s *scenario) stoppedFor(status syscall.WaitStatus, output string, broke time.Time, reason string) error {
	if !status.Exited() || status.ExitStatus() != exitStopped {
		return fmt.Errorf("the run ended with %s, want exit status %d", describe(status), exitStopped)
	}
	if !strings.Contains(output, reason) {
		return fmt.Errorf("the run did not report %q", reason)
	}
	late := 0
	for _, call := range s.server.Calls() {
		if call.Received.After(broke) {
			late++
		}
	}
	// Those that were on their way at that moment.
	if late > s.concurrency {
		return fmt.Errorf("%d calls arrived after the file had broken, want at most %d", late, s.concurrency)
	}
	return nil
}

var lostAnswers = regexp.MustCompile(`WARNING: (\d+) answers could not be written`)

func (s *scenario) fillFile() error {
	const rate = 400
	s.flags = nil // everything that it has to report
	r, err := s.beginAfter("ulimit -f 8", rate)
	if err != nil {
		return err
	}
	status, err := r.wait()
	if err != nil {
		return err
	}
	s.died(rate)
	output := r.output.String()
	if err := s.stoppedFor(status, output, time.Now(), "file too large"); err != nil {
		return err
	}
	if s.lines() == 0 || s.lines() > len(s.rows)/2 {
		return fmt.Errorf("%d rows in the report", s.lines())
	}
	if !strings.Contains(output, "--resume asks for these rows again") {
		return errors.New("it did not tell what happens to the lost answers")
	}
	lost := 0
	if found := lostAnswers.FindStringSubmatch(output); found != nil {
		lost, _ = strconv.Atoi(found[1])
	}
	// Rows that are invalid may be among the lost ones, without a call.
	calls := int(s.server.Counts().Calls) - s.sent()
	if lost < calls || lost > calls+s.invalidRows() {
		return fmt.Errorf("it reported %d lost answers of %d", lost, calls)
	}
	return nil
}

func (s *scenario) invalidRows() int {
	n := 0
	for _, row := range s.rows {
		if row.status == "invalid" {
			n++
		}
	}
	return n
}

// fillFileAtOnce loses the very first answer. The next row has a while to wait
// for its turn, and the run must stop before that.
func (s *scenario) fillFileAtOnce() error {
	if err := s.writePlainInput(30); err != nil {
		return err
	}
	first := s.rows[0].username
	s.server.SetFault(first, fakecognito.Fault{Code: "UserNotFoundException", Message: strings.Repeat("x", 2000)})
	defer s.server.SetFault(first)
	r, err := s.beginAfter("ulimit -f 1", 1.0/60)
	if err != nil {
		return err
	}
	status, err := r.wait()
	if err != nil {
		return err
	}
	s.died(1)
	if calls := s.server.Counts().Calls; calls != 1 || s.lines() != 0 {
		return fmt.Errorf("%d calls and %d lines in the report, want 1 and 0", calls, s.lines())
	}
	return s.stoppedFor(status, r.output.String(), time.Now(), "file too large")
}

// intoClosedPipe runs the program with nobody reading one of its streams.
func (s *scenario) intoClosedPipe(connect func(*exec.Cmd, *os.File), want int, flags ...string) error {
	reader, writer, err := os.Pipe()
	if err != nil {
		return err
	}
	defer writer.Close()
	reader.Close()
	s.flags = nil // it has much to write
	command := s.command(400, flags)
	c := exec.Command(command[0], command[1:]...)
	c.Dir, c.Env = s.dir, s.environ()
	connect(c, writer)
	_ = c.Run() // ProcessState has the result
	if status := c.ProcessState.ExitCode(); status != want || s.lines() != len(s.rows) {
		return fmt.Errorf("exit status %d with %d rows in the report, want %d with %d", status, s.lines(), want, len(s.rows))
	}
	return nil
}
