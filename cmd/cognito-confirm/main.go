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

	"cognito-confirm/internal/program"
)

func main() {
	program.TuneMemory()
	program.HeedAborts(os.Stderr)
	// net/http logs what a server sends out of turn, which may name a user.
	log.SetOutput(io.Discard)
	ctx, stop := program.UntilSignal(context.Background())
	defer stop()
	os.Exit(run(ctx, os.Args, os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}
