//go:build faults && linux && amd64

package faults

import (
	"fmt"
	"syscall"
	"testing"
)

// TestFaultsCrash has the runtime of the program die, as it does by a fault of the
// machine. It ends by a signal and not with the status of a wrong command line.
func TestFaultsCrash(t *testing.T) {
	t.Parallel()
	var cases []faultCase
	for _, signal := range []syscall.Signal{syscall.SIGSEGV, syscall.SIGBUS, syscall.SIGILL, syscall.SIGFPE, syscall.SIGTRAP, syscall.SIGSYS} {
		cases = append(cases, faultCase{name: signal.String(), rows: 150, play: func(s *scenario) error { return s.crash(signal) }})
	}
	playAll(t, len(cases), cases) // a runtime takes ten seconds to die
}

func (s *scenario) crash(signal syscall.Signal) error {
	defer s.healUsers()
	r, err := s.beginOnTheWire()
	if err != nil {
		return err
	}
	if err := r.Process.Signal(signal); err != nil {
		return err
	}
	status, err := r.wait()
	if err == nil && (!status.Signaled() || status.Signal() != syscall.SIGABRT || status.CoreDump()) {
		err = fmt.Errorf("%s, core dump: %v; want killed by %v without one", describe(status), status.CoreDump(), syscall.SIGABRT)
	}
	return err
}
