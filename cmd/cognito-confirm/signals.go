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

// name is the signal's name, as in SIGINT.
func (i *interruption) name() string {
	switch i.signal {
	case os.Interrupt:
		return "SIGINT"
	case syscall.SIGTERM:
		return "SIGTERM"
	case syscall.SIGHUP:
		return "SIGHUP"
	}
	return i.signal.String()
}

// untilSignal returns a context that the first signal ends, with an
// *interruption as the cause. The second signal finds the default handler and
// kills the process, unless it is a hangup: a terminal that goes away sends two
// at once, and a service manager may send one after its SIGTERM.
func untilSignal(parent context.Context) (context.Context, func()) {
	// When the reader of standard output or error goes away, the write fails;
	// that must not kill a run that has already done hours of work.
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
		// Hangups stay caught, and are ignored from now on.
		signal.Stop(signals)
		cancel(&interruption{s})
	}()
	return ctx, func() {
		signal.Stop(signals)
		signal.Stop(hangups)
		cancel(nil)
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
