package program

import (
	"io"
	"os"
	"runtime/debug"
	"runtime/pprof"
	"syscall"
	"time"
)

// HeedAborts sees to it that a death does not look like a usage error: by itself,
// the Go runtime ends with status 2 when it breaks, and when a signal asks for the
// stacks.
//
//   - A runtime that breaks ends by SIGABRT. Usernames and keys are in the memory,
//     so there is no core dump of it.
//   - SIGQUIT and SIGABRT from outside end with the status that a shell makes of
//     them, even when nobody reads standard error.
//
// The report is sound after all of these.
func HeedAborts(stderr io.Writer) {
	debug.SetTraceback("crash")
	forbidCoreDumps()
	signals := make(chan os.Signal, 1)
	notify(signals, syscall.SIGQUIT, syscall.SIGABRT)
	go func() {
		s := <-signals
		writeStacks(stderr)
		os.Exit(statusOfSignal + int(s.(syscall.Signal)))
	}()
}

// statusOfSignal is what a shell adds to the number of a signal.
const statusOfSignal = 128

// stacksPatience is how long somebody may take to read the stacks.
const stacksPatience = time.Second

// writeStacks writes what every goroutine is at, for whoever wonders why a run
// hangs. It gives up when nobody reads. No values are in it.
func writeStacks(stderr io.Writer) {
	written := make(chan struct{})
	go func() {
		defer close(written)
		_ = pprof.Lookup("goroutine").WriteTo(stderr, 2)
	}()
	select {
	case <-written:
	case <-time.After(stacksPatience):
	}
}
