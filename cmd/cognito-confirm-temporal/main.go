// Command cognito-confirm-temporal has runs of cognito-confirm supervised by Temporal:
// many workers, of which one at a time sends for a quota.
//
// The one idea in it: the store is the truth, and the engine the supervisor. Input,
// plan, journals and reports are in a directory or in S3, and the engine knows numbers
// alone. Who loses the engine's database starts the run again, and it goes on.
package main

import (
	"context"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	// net/http logs what a server sends out of turn, which may name a user.
	log.SetOutput(io.Discard)
	ctx, stop := untilSignal(context.Background())
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// interruption is the cause of a context that a signal ended.
type interruption struct{ signal os.Signal }

func (i *interruption) Error() string { return "interrupted by signal: " + i.signal.String() }

func (i *interruption) status() int {
	if i.signal == os.Interrupt {
		return exitInterrupted
	}
	return exitTerminated
}

// untilSignal returns a context that the first signal ends. The second one ends the process.
func untilSignal(parent context.Context) (context.Context, func()) {
	signal.Ignore(syscall.SIGPIPE)
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		first, ok := <-signals
		if !ok {
			return
		}
		interrupted := &interruption{first}
		cancel(interrupted)
		if _, ok := <-signals; ok {
			os.Exit(interrupted.status())
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		cancel(nil)
	}
}
