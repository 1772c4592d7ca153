package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/internal/program"
)

// BenchmarkRun is the whole program but for its process, against a stand-in
// without a quota over loopback. One operation is one row. It is here to be
// profiled, without the stand-in's share of the process:
//
//	go test -run '^$' -bench 'Run$' -benchtime 100000x -cpuprofile cpu.out ./cmd/cognito-confirm
//	go tool pprof -top -cum -ignore 'net/http.\(\*conn\)' cpu.out
//
// Where the CPU of a row goes, in percent of the client's:
//
//	net/http and the system calls under it   39
//	the SDK's signing                        23
//	the rest of the SDK's middleware         21
//	the pool, the limiter, classification     4
//	the report                                2
//	the reader                                1
//	the garbage collector                     5
//	the scheduler, timers and the poller      5
//
// So 7 of 100 are ours, 44 the SDK's. Before the prepared client of internal/cognito the SDK's
// were half as much again, and twice that with the garbage of it.
func BenchmarkRun(b *testing.B) {
	program.TuneMemory()
	url := serveHandler(b, fakecognito.New(fakecognito.Options{AcceptAnyone: true}))
	var users strings.Builder
	users.WriteString("username\n")
	for i := range b.N {
		fmt.Fprintf(&users, "user%07d@example.com\n", i)
	}
	input := put(b, b.TempDir(), "users.csv", users.String())
	var said bytes.Buffer
	b.ReportAllocs()
	b.ResetTimer()
	status := run(b.Context(), []string{programName, "run", "--endpoint-url", url, "--user-pool-id", testPool,
		"--concurrency", "64", "--rate", "1000000", input}, os.Environ(), nil, &said, &said)
	if status != program.Done {
		b.Fatalf("exit status %d:\n%s", status, &said)
	}
}
