package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// interruption is the cause of a context that a signal ended.
type interruption struct{ signal os.Signal }

func (i *interruption) Error() string { return "interrupted by signal: " + i.signal.String() }

// exitStatus is what a shell reports of a process that such a signal killed.
// A hangup ends the run as a termination does.
func (i *interruption) exitStatus() int {
	if i.signal == os.Interrupt {
		return exitInterrupted
	}
	return exitTerminated
}

// untilSignal returns a context that the first signal ends, with an
// *interruption as the cause. The second signal finds the default handler and
// kills the process, unless it is a hangup: a terminal that goes away sends two
// at once, and a service manager may send one behind its SIGTERM.
func untilSignal(parent context.Context) (context.Context, func()) {
	// A closed pipe behind standard output or error is an error of the write,
	// not the end of a run that has hours of work in flight.
	signal.Ignore(syscall.SIGPIPE)
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		// nohup and background jobs ignore signals on purpose.
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
	go func() {
		select {
		case s := <-signals:
			signal.Ignore(syscall.SIGHUP)
			signal.Stop(signals)
			cancel(&interruption{s})
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel(nil)
	}
}
