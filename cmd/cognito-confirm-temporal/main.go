// Command cognito-confirm-temporal has runs of cognito-confirm supervised by Temporal:
// many workers, of which one at a time sends for a quota.
//
// The one idea in it: the store is the truth, and the engine the supervisor. Input,
// plan, journals and reports are in a directory or in S3, and the engine knows only
// numbers. When its database is lost, a run that is started again goes on.
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
	os.Exit(run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}
