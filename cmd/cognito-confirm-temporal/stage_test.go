//go:build e2e || kill

package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/internal/program"
)

// stage is all that takes part in a run: the real engine, a user pool, a directory, and
// workers that are processes of their own.
type stage struct {
	t       *testing.T
	dir     string
	pool    *fakecognito.Server
	env     []string
	url     string // of the user pool
	address string // of the engine
	engine  *process
	workers map[int]*process // by their ids
}

// process is one that this test has started.
type process struct {
	command *exec.Cmd
	output  bytes.Buffer
	ended   chan struct{}
}

// serverPath is where make puts the dev server.
func serverPath(t *testing.T) string {
	t.Helper()
	path, err := filepath.Abs(cmp.Or(os.Getenv("DEV_SERVER"), "../../bin/temporal"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%v: make temporal-e2e and make temporal-kill put it there", err)
	}
	return path
}

// engineUser is in the name of every user, to be looked for where none may be.
const engineUser = "zaphod"

func newStage(t *testing.T, o fakecognito.Options, users int) *stage {
	o.UserPoolID, o.LogCalls = testPool, true
	s := &stage{t: t, dir: t.TempDir(), pool: fakecognito.New(o), workers: make(map[int]*process)}
	server := httptest.NewUnstartedServer(s.pool)
	server.Config.ConnState = s.pool.ConnState
	server.Start()
	t.Cleanup(server.Close)
	live, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	go s.pool.RunLive(live)
	s.url, s.address = server.URL, freeAddress(t)
	s.env = append(os.Environ(), asProgram+"=1", "TEMPORAL_ADDRESS="+s.address, "COGNITO_CONFIRM_USER_POOL_ID="+testPool,
		"COGNITO_CONFIRM_ENDPOINT_URL="+s.url, "COGNITO_CONFIRM_STORE="+filepath.Join(s.dir, "store"))
	s.addUsers(users)
	s.startEngine()
	t.Cleanup(func() {
		for _, p := range s.workers {
			p.kill()
		}
		s.engine.kill()
	})
	return s
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// addUsers puts users into the pool and into the input.
func (s *stage) addUsers(n int) {
	var input strings.Builder
	input.WriteString("username,note\n")
	for i := range n {
		name := userName(i)
		s.pool.AddUser(name, fakecognito.Unconfirmed)
		fmt.Fprintf(&input, "%s,%d\n", name, i)
	}
	if err := os.WriteFile(s.path("users.csv"), []byte(input.String()), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func userName(i int) string { return fmt.Sprintf("%s%06d", engineUser, i) }

func (s *stage) path(name string) string { return filepath.Join(s.dir, name) }

// begin starts a process.
func (s *stage) begin(env []string, name string, arguments ...string) *process {
	s.t.Helper()
	p := &process{command: exec.Command(name, arguments...), ended: make(chan struct{})}
	p.command.Dir, p.command.Env = s.dir, env
	p.command.Stdout, p.command.Stderr = &p.output, &p.output
	if err := p.command.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		p.command.Wait()
	}()
	return p
}

func (p *process) signal(s os.Signal) { p.command.Process.Signal(s) }

// kill ends a process at once, whatever it does.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.ended
}

// startEngine starts the engine on its database, and waits until it answers.
func (s *stage) startEngine() {
	s.t.Helper()
	_, port, _ := net.SplitHostPort(s.address)
	s.engine = s.begin(os.Environ(), serverPath(s.t), "server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", port,
		"--db-filename", s.path("engine.db"), "--log-level", "never")
	within(s.t, time.Minute, "the engine answers", func() bool {
		select {
		case <-s.engine.ended:
			s.t.Fatalf("the engine has ended:\n%s", s.engine.output.String())
		default:
		}
		c, err := client.Dial(client.Options{HostPort: s.address, Logger: quiet{}})
		if err != nil {
			return false
		}
		defer c.Close()
		_, err = c.WorkflowService().DescribeNamespace(context.Background(), &workflowservice.DescribeNamespaceRequest{Namespace: client.DefaultNamespace})
		return err == nil
	})
}

// connect returns a client of the engine.
func (s *stage) connect() client.Client {
	s.t.Helper()
	c, err := client.Dial(client.Options{HostPort: s.address, Logger: quiet{}})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(c.Close)
	return c
}

// addWorker starts a worker, and returns its process id.
func (s *stage) addWorker() int {
	s.t.Helper()
	p := s.begin(s.env, os.Args[0], "worker")
	s.workers[p.command.Process.Pid] = p
	return p.command.Process.Pid
}

// command runs the program to its end.
func (s *stage) command(arguments ...string) (status int, output string) {
	s.t.Helper()
	p := s.begin(s.env, os.Args[0], arguments...)
	select {
	case <-p.ended:
	case <-time.After(10 * time.Minute):
		p.kill()
	}
	return p.command.ProcessState.ExitCode(), p.output.String()
}

// mustCommand runs the program, which has to end with a status.
func (s *stage) mustCommand(status int, arguments ...string) string {
	s.t.Helper()
	got, output := s.command(arguments...)
	if got != status {
		s.t.Fatalf("%v ends with %d, want %d:\n%s", arguments, got, status, output)
	}
	return output
}

// status asks for the status, the zero value while nobody answers.
func (s *stage) status() runStatus {
	var found runStatus
	if status, output := s.command("status", "--json"); status == program.Done {
		_ = json.Unmarshal([]byte(output), &found)
	}
	return found
}

// sender returns the process id of the worker that sends, waiting for a living one.
func (s *stage) sender() int {
	s.t.Helper()
	pid := 0
	within(s.t, time.Minute, "a worker sends", func() bool {
		id, _, _ := strings.Cut(s.status().Worker, "@")
		pid, _ = strconv.Atoi(id)
		return s.workers[pid] != nil
	})
	return pid
}

// killSender ends the worker that sends, as the kernel does when there is no memory.
func (s *stage) killSender() time.Time {
	s.t.Helper()
	pid := s.sender()
	p := s.workers[pid]
	delete(s.workers, pid)
	p.kill()
	return time.Now()
}

func (s *stage) calls() []fakecognito.Call { return s.pool.Calls() }

// afterCalls waits for n calls in all.
func (s *stage) afterCalls(n int) {
	s.t.Helper()
	within(s.t, 3*time.Minute, fmt.Sprint(n, " calls were made"), func() bool { return len(s.calls()) >= n })
}

// moreCalls waits for calls after a time, and returns how long that took.
func (s *stage) callAfter(at time.Time) time.Duration {
	s.t.Helper()
	var took time.Duration
	within(s.t, 2*time.Minute, "a call is made again", func() bool {
		calls := s.calls()
		for i := len(calls) - 1; i >= 0 && calls[i].Received.After(at); i-- {
			took = calls[i].Received.Sub(at)
		}
		return took > 0
	})
	return took
}

func within(t *testing.T, limit time.Duration, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(limit); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v in vain until %s", limit, what)
		}
	}
}

// result is what a run came to, as the calls and the report have it.
type result struct {
	users, missing, unreported, twice int
	already                           int // reported as confirmed before
	extra                             int // calls beyond what each user's fate takes
	throttled, accepted               int
	longestGap                        time.Duration
	named                             int // usernames in the engine's database
}

// look holds the report of the run against the calls and the users.
func (s *stage) look(users int, fate func(user int) (calls int)) result {
	s.t.Helper()
	r := result{users: users}
	reports, _ := filepath.Glob(s.path("store/*/report.csv"))
	if len(reports) != 1 {
		s.t.Fatalf("the reports are %q", reports)
	}
	file, err := os.Open(reports[0])
	if err != nil {
		s.t.Fatal(err)
	}
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		s.t.Fatal(err)
	}
	reported := make(map[string]int)
	for _, line := range lines[1:] {
		reported[line[1]]++
		if line[2] == "already_confirmed" {
			r.already++
		}
	}
	accepted := make(map[string]int)
	var before time.Time
	for _, call := range s.calls() {
		if !before.IsZero() {
			r.longestGap = max(r.longestGap, call.Received.Sub(before))
		}
		before = call.Received
		if call.Code == "TooManyRequestsException" {
			r.throttled++
			continue
		}
		r.accepted++
		accepted[call.Username]++
	}
	for i := range users {
		name := userName(i)
		if accepted[name] == 0 {
			r.missing++
		}
		switch reported[name] {
		case 0:
			r.unreported++
		case 1:
		default:
			r.twice++
		}
		r.extra += max(0, accepted[name]-fate(i))
	}
	databases, _ := filepath.Glob(s.path("engine.db*"))
	for _, path := range databases {
		text, err := os.ReadFile(path)
		if err != nil {
			s.t.Fatal(err)
		}
		r.named += bytes.Count(text, []byte(engineUser))
	}
	return r
}

func (r result) String() string {
	return fmt.Sprintf("%d users: %d missing, %d unreported, %d twice; %d already confirmed, %d extra calls, %d of %d throttled, longest gap %.1f s, %d usernames in the engine",
		r.users, r.missing, r.unreported, r.twice, r.already, r.extra, r.throttled, r.throttled+r.accepted, r.longestGap.Seconds(), r.named)
}

// wantWhole fails unless every row was done and reported once, and nobody is named.
func (r result) wantWhole(t *testing.T) {
	t.Helper()
	t.Log(r)
	if r.missing+r.unreported+r.twice+r.named > 0 {
		t.Errorf("not as promised: %s", r)
	}
}

func once(int) int { return 1 }

// tell says what the processes have said, for a test that fails.
func (s *stage) tell() string {
	_, text := s.command("status", "--json")
	for pid, p := range s.workers {
		text += fmt.Sprintf("worker %d:\n%s", pid, p.output.String())
	}
	return text
}
