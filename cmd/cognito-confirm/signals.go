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
	signals, hangups := make(chan os.Signal, 1), make(chan os.Signal, 1)
	notify(signals, os.Interrupt, syscall.SIGTERM)
	notify(hangups, syscall.SIGHUP)
	go func() {
		var s os.Signal
		select {
		case s = <-signals:
		case s = <-hangups:
		case <-ctx.Done():
			return
		}
		// Not the hangups: they go on coming in, and are not looked at.
		signal.Stop(signals)
		cancel(&interruption{s})
	}()
	return ctx, func() {
		signal.Stop(signals)
		signal.Stop(hangups)
		cancel(nil)
	}
}

// notify has the signals sent to the channel, but for those that nohup or a
// shell's background job ignores on purpose.
func notify(c chan<- os.Signal, signals ...os.Signal) {
	for _, s := range signals {
		if !signal.Ignored(s) {
			signal.Notify(c, s)
		}
	}
}
