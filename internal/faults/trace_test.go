//go:build faults && linux && amd64

package faults

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// strike is what happens to a run at one of its system calls. The calls are
// counted over all threads of the process. strace counts per thread and so cannot
// hit the n-th call of a program whose goroutines move between threads.
type strike struct {
	// calls are the numbers of the system calls that are counted.
	calls []uint64
	// file narrows them to those on an open file of this base name. Empty: all.
	file string
	// nth is the call that is struck, counted from 1; 0 strikes none and only
	// counts. onward strikes all calls after it too.
	nth    int
	onward bool

	// do is called while the process stands before the call. Nil: nothing.
	do func(pid int)
	// errno, unless zero, is what the call fails with, without having been made.
	errno syscall.Errno
	// keep, unless zero, is how many bytes of a write are written: a short write.
	keep uint64
	// then is done before the call after the struck one. Nil: nothing.
	then func(pid int)
}

// kill is a do that ends the process.
func kill(pid int) { syscall.Kill(pid, syscall.SIGKILL) }

// under runs the program to its end with a strike. It returns how the program
// ended, how many calls were counted and when the first was struck.
func (s *scenario) under(what strike, rate float64, flags ...string) (status syscall.WaitStatus, seen int, struck time.Time, err error) {
	said, err := os.CreateTemp("", "")
	if err != nil {
		return 0, 0, time.Time{}, err
	}
	defer said.Close()
	if err := os.Remove(said.Name()); err != nil {
		return 0, 0, time.Time{}, err
	}
	status, seen, struck, err = traced(s.command(rate, flags), os.ProcAttr{Dir: s.dir, Env: s.environ(), Files: []*os.File{nil, nil, said}}, what)
	text := make([]byte, 64<<10)
	n, _ := said.ReadAt(text, 0)
	s.note(status, rate, string(text[:n]))
	return status, seen, struck, err
}

// tracee is a process whose system calls are watched. All its methods are
// called from the one thread that ptrace knows as the tracer.
type tracee struct {
	pid    int
	strike strike
	seen   int // counted calls
	struck time.Time
	// entered holds what is to be returned for the threads that are inside a call.
	entered map[int]syscall.Errno
}

// traced runs a program to its end with a strike, as [scenario.under] does.
func traced(command []string, attributes os.ProcAttr, s strike) (status syscall.WaitStatus, seen int, struck time.Time, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	attributes.Sys = &syscall.SysProcAttr{Ptrace: true, Setpgid: true}
	process, err := os.StartProcess(command[0], command, &attributes)
	if err != nil {
		return 0, 0, time.Time{}, err
	}
	defer process.Release()
	hanging := time.AfterFunc(runPatience, func() { kill(process.Pid) })
	t := &tracee{pid: process.Pid, strike: s, entered: make(map[int]syscall.Errno)}
	status, err = t.follow()
	if !hanging.Stop() {
		err = fmt.Errorf("the run was still there after %v", runPatience)
	}
	return status, t.seen, t.struck, err
}

// needTracing skips a test where no process may trace another, as in some
// containers.
func needTracing(t *testing.T) {
	t.Helper()
	program, err := os.Executable()
	if err == nil {
		_, _, _, err = traced([]string{program, "-test.run", "^$"}, os.ProcAttr{Env: os.Environ()}, strike{})
	}
	if err != nil {
		t.Skipf("processes cannot be traced here: %v", err)
	}
}

const (
	traceSysGood = 1
	exitKill     = 1 << 20
	anyThread    = 0x40000000
)

// follow takes the process through its calls to its end.
func (t *tracee) follow() (syscall.WaitStatus, error) {
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(t.pid, &status, anyThread, nil); err != nil {
		return 0, fmt.Errorf("wait for the program to start: %w", err)
	}
	if err := syscall.PtraceSetOptions(t.pid, traceSysGood|exitKill|syscall.PTRACE_O_TRACECLONE); err != nil {
		return 0, fmt.Errorf("trace: %w", err)
	}
	if err := syscall.PtraceSyscall(t.pid, 0); err != nil {
		return 0, fmt.Errorf("trace: %w", err)
	}
	known := map[int]bool{t.pid: true}
	for {
		// The group is the process with its threads; other tests have theirs.
		tid, err := syscall.Wait4(-t.pid, &status, anyThread, nil)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case err != nil:
			return 0, fmt.Errorf("wait for the program: %w", err)
		case !status.Stopped() && tid == t.pid:
			return status, nil
		case !status.Stopped(): // a thread has ended
			delete(known, tid)
			delete(t.entered, tid)
			continue
		}
		signal := 0
		switch stop := status.StopSignal(); {
		case stop == syscall.SIGTRAP|0x80:
			t.atCall(tid)
		case stop == syscall.SIGTRAP && status.TrapCause() > 0: // a thread was made
		case stop == syscall.SIGSTOP && !known[tid]: // how a thread begins
		default:
			signal = int(stop)
		}
		known[tid] = true
		// It fails for a thread that is being killed.
		_ = syscall.PtraceSyscall(tid, signal)
	}
}

// atCall is where a thread enters a system call, and where it comes back.
func (t *tracee) atCall(tid int) {
	var registers syscall.PtraceRegs
	if syscall.PtraceGetRegs(tid, &registers) != nil {
		return // being killed
	}
	if errno, inside := t.entered[tid]; inside {
		delete(t.entered, tid)
		if errno != 0 {
			registers.Rax = uint64(-int64(errno))
			_ = syscall.PtraceSetRegs(tid, &registers)
		}
		return
	}
	t.entered[tid] = 0
	if !t.counts(tid, &registers) {
		return
	}
	t.seen++
	if s := t.strike; s.then != nil && t.seen == s.nth+1 {
		s.then(t.pid)
	}
	if s := t.strike; s.nth == 0 || t.seen < s.nth || t.seen > s.nth && !s.onward {
		return
	}
	if t.struck.IsZero() {
		t.struck = time.Now()
	}
	if t.strike.do != nil {
		t.strike.do(t.pid)
	}
	switch {
	case t.strike.errno != 0:
		t.entered[tid] = t.strike.errno
		registers.Orig_rax = ^uint64(0) // no such call
	case t.strike.keep != 0:
		registers.Rdx = min(registers.Rdx, t.strike.keep)
	default:
		return
	}
	_ = syscall.PtraceSetRegs(tid, &registers)
}

// counts reports whether the call is one of those that the strike is about.
func (t *tracee) counts(tid int, registers *syscall.PtraceRegs) bool {
	for _, number := range t.strike.calls {
		if number != registers.Orig_rax {
			continue
		}
		return t.strike.file == "" || t.fileOf(tid, registers) == t.strike.file
	}
	return false
}

// fileOf returns the base name of the file that the call's first argument is.
func (t *tracee) fileOf(tid int, registers *syscall.PtraceRegs) string {
	switch registers.Orig_rax {
	case syscall.SYS_OPENAT, syscall.SYS_UNLINKAT, syscall.SYS_RENAMEAT:
		path := make([]byte, syscall.PathMax)
		n, _ := syscall.PtracePeekData(tid, uintptr(registers.Rsi), path)
		name, _, _ := bytes.Cut(path[:n], []byte{0})
		return filepath.Base(string(name))
	}
	path, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", t.pid, registers.Rdi))
	if err != nil {
		return ""
	}
	return filepath.Base(strings.TrimSuffix(path, " (deleted)"))
}
