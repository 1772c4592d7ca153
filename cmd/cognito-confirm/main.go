// Command cognito-confirm confirms the users of an Amazon Cognito user pool
// that a CSV names, at the pace that the account's quota allows, and reports
// what happened to each of them.
//
// The commands are thin: they read flags, open what has to be open before the
// first call, and put the packages worker, ratelimit and report together.
package main

import (
	"context"
	"os"
	"runtime/debug"
)

func main() {
	// The live heap is a few megabytes whatever the input, so at the default
	// the collector would run all the time and take half the CPU of a run.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	ctx, stop := untilSignal(context.Background())
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}

// gcPercent was found by measuring, see "make bench-memory": what a run gains
// beyond it is little, and what it costs is resident memory.
const gcPercent = 600
