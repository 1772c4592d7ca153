// Command cognito-confirm confirms the users of an Amazon Cognito user pool
// that a CSV names, as fast as the account's quota allows, and reports what
// happened to each of them.
//
// The commands are thin: they turn flags into the options of a job, draw its
// progress, and turn how it ended into words and an exit status.
package main

import (
	"context"
	"io"
	"log"
	"os"
	"runtime/debug"
)

// gcPercent: a run keeps a few megabytes alive whatever the input, so the
// default of 100 would have the collector run all the time. With 256 calls in
// flight, 300 is resident with 78 MiB; 400 takes 95 MiB and the same CPU.
const gcPercent = 300

// memoryLimit is where the collector works harder, for inputs with records of
// many megabytes.
const memoryLimit = 192 << 20

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	heedAborts(os.Stderr)
	// net/http logs what a server sends out of turn, which may name a user.
	log.SetOutput(io.Discard)
	ctx, stop := untilSignal(context.Background())
	defer stop()
	os.Exit(run(ctx, os.Args, os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}
