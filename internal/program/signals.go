package program

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Patience is how long somebody waits after Ctrl-C before wondering whether the
// program has heard it. Another signal within that time is the same signal.
const Patience = time.Second

// Interruption is the cause of a context that a signal ended.
type Interruption struct{ Signal os.Signal }

func (i *Interruption) Error() string { return "interrupted by " + i.Name() }

// Name is the signal's name, as in SIGINT.
func (i *Interruption) Name() string {
	switch i.Signal {
	case os.Interrupt:
		return "SIGINT"
	case syscall.SIGTERM:
		return "SIGTERM"
	case syscall.SIGHUP:
		return "SIGHUP"
	}
	return i.Signal.String()
}

// Status is the exit status of a program that the signal ended: 128 and the number
// of the signal, with SIGHUP taken for SIGTERM.
func (i *Interruption) Status() int {
	if i.Signal == os.Interrupt {
		return Interrupted
	}
	return Terminated
}

// UntilSignal returns a context that the first signal ends, with an
// *Interruption as the cause. Another one, when somebody had the time to see what
// the first one did, ends the process.
func UntilSignal(parent context.Context) (context.Context, func()) {
	// When the reader of standard output or error goes away, the write fails;
	// that must not kill a run that has already done hours of work.
	signal.Ignore(syscall.SIGPIPE)
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	done := make(chan struct{})
	go heed(signals, done, cancel, os.Exit)
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel(nil)
	}
}

// heed ends a run at the first signal. One that follows within Patience is
// the same signal: timeout sends it to the process and to its group, and a
// terminal that goes away sends two. One that comes later ends the process, and
// does not leave that to the system: process 1 of a container has no default
// handlers. Another hangup ends nothing, for a service manager may send it after
// its SIGTERM.
func heed(signals <-chan os.Signal, done <-chan struct{}, end context.CancelCauseFunc, exit func(status int)) {
	var first time.Time
	for {
		select {
		case <-done:
			return
		case s := <-signals:
			interrupted := &Interruption{s}
			switch {
			case first.IsZero():
				first = time.Now()
				end(interrupted)
			case s != syscall.SIGHUP && time.Since(first) >= Patience:
				exit(interrupted.Status())
			}
		}
	}
}

// notify sends the signals to the channel, except those that nohup or a shell's
// background job ignores on purpose.
func notify(c chan<- os.Signal, signals ...os.Signal) {
	for _, s := range signals {
		if !signal.Ignored(s) {
			signal.Notify(c, s)
		}
	}
}
