package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

// testPool is the user pool of the tests.
const testPool = "eu-west-1_Test00000"

// outcome is the exit status of a command and what it wrote to its streams.
type outcome struct {
	status         int
	stdout, stderr string
}

// invoke runs the program in this process, with nothing in its environment and
// on its standard input.
func invoke(t *testing.T, args ...string) outcome {
	t.Helper()
	return invokeWith(t.Context(), strings.NewReader(""), args...)
}

// invokeWith runs the program in this process to its end.
func invokeWith(ctx context.Context, stdin io.Reader, args ...string) outcome {
	return begin(ctx, stdin, args...).end()
}

// invocation is the program running in this process.
type invocation struct {
	stdout, stderr safeBuffer
	status         chan int
}

func begin(ctx context.Context, stdin io.Reader, args ...string) *invocation {
	i := &invocation{status: make(chan int, 1)}
	go func() { i.status <- run(ctx, started(args...), nil, stdin, &i.stdout, &i.stderr) }()
	return i
}

// started are the arguments with the name that the program was started by.
func started(args ...string) []string { return append([]string{programName}, args...) }

// progressLine is one of the lines that come every ten seconds: how many a command
// writes is up to the machine.
var progressLine = regexp.MustCompile(`(?m)^cognito-confirm: \d\d:\d\d:\d\d .*\n`)

func (i *invocation) end() outcome {
	return outcome{status: <-i.status, stdout: i.stdout.String(), stderr: progressLine.ReplaceAllString(i.stderr.String(), "")}
}

// safeBuffer can be read while a command still writes to it.
type safeBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

// wantStatus checks an exit status, and shows the output if it is another one.
func (o outcome) wantStatus(t *testing.T, want int) {
	t.Helper()
	if o.status != want {
		t.Fatalf("exit status %d, want %d; standard error:\n%s", o.status, want, o.stderr)
	}
}

// wantError checks that standard error has each of the texts in it, in lines
// of the program's own form.
func (o outcome) wantError(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(o.stderr, text) {
			t.Errorf("standard error has no %q in it:\n%s", text, o.stderr)
		}
	}
	for line := range strings.Lines(o.stderr) {
		if !strings.HasPrefix(line, "cognito-confirm: ") || !strings.HasSuffix(line, "\n") {
			t.Errorf("standard error has the line %q", line)
		}
	}
}

// varying is what differs between two runs that are alike: times and speed.
var varying = regexp.MustCompile(`rows? in \S+: |, [\d.]+/s on average|127\.0\.0\.1:\d+|over \d+ connections?|at the end: .*`)

// stable puts fixed texts in the place of what varies.
func stable(text, dir string) string {
	text = strings.ReplaceAll(text, dir, "DIR")
	return varying.ReplaceAllStringFunc(text, func(found string) string {
		switch {
		case strings.HasPrefix(found, "row"):
			return "rows in TIME: "
		case strings.HasPrefix(found, "127"):
			return "127.0.0.1:PORT"
		case strings.HasPrefix(found, "at"):
			return "at the end: PACE"
		case strings.HasPrefix(found, "over"):
			return "over N connections"
		}
		return "" // what lasts for less than a second has no average
	})
}

// eventually waits for what another goroutine or process is about to do.
func eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// standIn is a fake Cognito on an address.
type standIn struct {
	*fakecognito.Server
	url string
}

// start serves a pool that confirms everybody, with a log of the calls.
func start(t testing.TB) *standIn {
	t.Helper()
	return startWith(t, fakecognito.Options{UserPoolID: testPool, AcceptAnyone: true, LogCalls: true})
}

func startWith(t testing.TB, o fakecognito.Options) *standIn {
	t.Helper()
	s := &standIn{Server: fakecognito.New(o)}
	s.url = serveHandler(t, s)
	return s
}

func serveHandler(t testing.TB, handler http.Handler) (url string) {
	t.Helper()
	server := httptest.NewServer(handler)
	// A call that was left hanging would hold up the end of the test.
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL
}

// args are those of a run against the stand-in, as fast as it goes.
func (s *standIn) args(input string, more ...string) []string {
	return append([]string{"run", "--user-pool-id", testPool, "--endpoint-url", s.url, "--rate", "5000", input}, more...)
}
