package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"cognito-confirm/internal/job"
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
// *interruption as the cause. Another one, when somebody had the time to see what
// the first one did, ends the process.
func untilSignal(parent context.Context) (context.Context, func()) {
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

// heed ends a run at the first signal. One that follows within signalPatience is
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
			interrupted := &interruption{s}
			switch {
			case first.IsZero():
				first = time.Now()
				end(interrupted)
			case s != syscall.SIGHUP && time.Since(first) >= signalPatience:
				status, _ := exitOf(interrupted, job.Options{})
				exit(status)
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
