package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/internal/flags"
	"cognito-confirm/internal/racedetector"
)

// TestScript tells what a user does and sees, one story a file. Every script
// has a stand-in for Cognito of its own, whose pool and address are in the
// environment, and in $POOL and $ENDPOINT. Beside testscript's own commands:
//
//	exits STATUS program args...   run a program that ends with this status
//	user NAME STATUS               put a user into the pool; without any, every username is one
//	users FILE                     put the users of a CSV into the pool, as emulator --users does
//	fault RULE                     have calls fail, as emulator --fault does; fault none ends it
//	called NAME...                 check whom calls were made for since the last time, in any order; what was called if that is for nobody
//	await N                        wait until N calls have come in all
//	report FILE                    print line, username, status and code of a report, in the input's order
//	gzip FILE                      pack a file to FILE.gz
//	upload FILE KEY                put a file into the bucket s3://users
//	download KEY FILE              take an object out of it
//	remove KEY                     remove one of its objects
//	objects KEY...                 check which objects it has, in any order
func TestScript(t *testing.T) {
	racedetector.Skip(t)
	testscript.Run(t, testscript.Params{
		Dir:   filepath.Join("testdata", "script"),
		Setup: setUpScript,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":  runToStatus,
			"user":   user,
			"users":  users,
			"fault":  fault,
			"called": called,
			"await":  await,
			"report": printReport,
			"gzip":   pack,

			"upload":   upload,
			"download": download,
			"objects":  objects,
			"remove":   remove,
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
	})
}

// scriptPool is the pool of one script.
type scriptPool struct {
	*fakecognito.Server
	seen int // calls that the script has looked at
}

func setUpScript(env *testscript.Env) error {
	pool := &scriptPool{Server: fakecognito.New(fakecognito.Options{UserPoolID: testPool, AcceptAnyone: true, LogCalls: true})}
	server := httptest.NewServer(pool)
	env.Defer(func() {
		server.CloseClientConnections()
		server.Close()
	})
	env.Values["pool"] = pool
	env.Vars = append(env.Vars, awsEnvironment()...)
	// A script that expects the wrong end fails, instead of waiting for a service that is gone.
	env.Vars = append(env.Vars, flags.Variable("stall-timeout")+"=1m")
	samples, err := filepath.Abs("../../samples")
	if err != nil {
		return err
	}
	env.Vars = append(env.Vars, "SAMPLES="+samples, "POOL="+testPool, "ENDPOINT="+server.URL,
		flags.Variable("user-pool-id")+"="+testPool, flags.Variable("endpoint-url")+"="+server.URL)
	return setUpBucket(env)
}

func poolOf(ts *testscript.TestScript) *scriptPool { return ts.Value("pool").(*scriptPool) }

func runToStatus(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS program args...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if ended, ok := errors.AsType[*exec.ExitError](err); ok {
		got = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

func user(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: user NAME STATUS")
	}
	// The emulator's own words for a status.
	n, err := poolOf(ts).LoadUsers(strings.NewReader("username,status\n" + args[0] + "," + args[1] + "\n"))
	ts.Check(err)
	if n != 1 {
		ts.Fatalf("%d users", n)
	}
}

func users(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: users FILE")
	}
	_, err := poolOf(ts).LoadUsers(strings.NewReader(ts.ReadFile(args[0])))
	ts.Check(err)
}

func fault(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: fault RULE, or fault none")
	}
	if args[0] == "none" {
		poolOf(ts).ClearFaults()
		return
	}
	rule, err := fakecognito.ParseFault(args[0])
	ts.Check(err)
	poolOf(ts).AddFault(rule)
}

func called(ts *testscript.TestScript, neg bool, want []string) {
	if neg {
		ts.Fatalf("usage: called NAME...")
	}
	pool := poolOf(ts)
	var got []string
	calls := pool.Calls()
	for _, call := range calls[pool.seen:] {
		got = append(got, cmp.Or(call.Username, call.Operation))
	}
	pool.seen = len(calls)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		ts.Fatalf("calls for %q, want %q", got, want)
	}
}

func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await CALLS")
	}
	want, err := strconv.ParseInt(args[0], 10, 64)
	ts.Check(err)
	for deadline := time.Now().Add(time.Minute); poolOf(ts).Counts().Calls < want; time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			ts.Fatalf("waited in vain for %d calls", want)
		}
	}
}

func printReport(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: report FILE")
	}
	records, err := csv.NewReader(strings.NewReader(ts.ReadFile(args[0]))).ReadAll()
	ts.Check(err)
	records = records[1:]
	slices.SortFunc(records, func(a, b []string) int {
		return cmp.Or(cmp.Compare(len(a[0]), len(b[0])), cmp.Compare(a[0], b[0]))
	})
	for _, record := range records {
		fmt.Fprintln(ts.Stdout(), strings.TrimSpace(strings.Join(record[:4], " ")))
	}
}

func pack(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: gzip FILE")
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	w.Write([]byte(ts.ReadFile(args[0])))
	ts.Check(w.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[0]+".gz"), packed.Bytes(), 0o600))
}
