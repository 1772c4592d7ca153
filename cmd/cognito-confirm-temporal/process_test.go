//go:build e2e || kill

package main

import (
	"bytes"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// process is one that this test has started.
type process struct {
	command *exec.Cmd
	output  bytes.Buffer
	ended   chan struct{}
	// name is in the user agent of a worker's calls. disk is a directory of its own.
	name, disk string
}

func (p *process) signal(s os.Signal) { p.command.Process.Signal(s) }

// kill ends a process at once, whatever it does.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.ended
}

// freeze stops a process for a while, and then has it go on. It returns when that was.
func (p *process) freeze(d time.Duration) (from, to time.Time) {
	from = time.Now()
	p.signal(syscall.SIGSTOP)
	time.Sleep(d)
	to = time.Now()
	p.signal(syscall.SIGCONT)
	return from, to
}
