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
)

func main() {
	tuneMemory()
	ctx, stop := untilSignal(context.Background())
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}
