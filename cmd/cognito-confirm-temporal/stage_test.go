//go:build e2e || kill

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/internal/program"
)

// stage is all that takes part in a run: the real engine, a user pool, a store, and
// workers that are processes of their own.
type stage struct {
	t       *testing.T
	dir     string
	pool    *fakecognito.Server
	bucket  *s3mem.Backend // nil: the store is a directory
	env     []string
	url     string // of the user pool
	address string // of the engine
	engine  *process
	workers map[int]*process // by their ids
	// began counts the workers. harms are what was done to them.
	began int
	harms []interruption
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

// newStage returns one without an engine, with the input and the users of the pool. The
// store is a directory.
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
	return s
}

// useBucket has the store in S3.
func (s *stage) useBucket() {
	s.bucket = s3mem.New()
	if err := s.bucket.CreateBucket("bucket"); err != nil {
		s.t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(s.bucket, gofakes3.WithLogger(gofakes3.DiscardLog())).Server())
	s.t.Cleanup(server.Close)
	s.env = append(s.env, "AWS_ENDPOINT_URL_S3="+server.URL, "COGNITO_CONFIRM_STORE=s3://bucket/confirm")
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
	s.t.Cleanup(p.kill)
	return p
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
	s.began++
	name := fmt.Sprint("worker-", s.began)
	disk := s.path(name)
	p := s.begin(append(slices.Clone(s.env), "AWS_SDK_UA_APP_ID="+name, "COGNITO_CONFIRM_SCRATCH="+disk), os.Args[0], "worker")
	p.name, p.disk = name, disk
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
	return s.killWorker(s.sender())
}

// killWorker ends a worker, and its disk with it.
func (s *stage) killWorker(pid int) time.Time {
	p := s.workers[pid]
	delete(s.workers, pid)
	at := time.Now()
	p.kill()
	s.interrupted(p.name, at, time.Now())
	os.RemoveAll(p.disk)
	return at
}

// stopWorker has a worker end by itself.
func (s *stage) stopWorker(pid int) *process {
	p := s.workers[pid]
	delete(s.workers, pid)
	at := time.Now()
	p.signal(syscall.SIGTERM)
	<-p.ended
	s.interrupted(p.name, at, time.Now())
	return p
}

// interrupted notes that a worker could not go on, all of them where it has no name.
func (s *stage) interrupted(worker string, from, to time.Time) {
	s.harms = append(s.harms, interruption{worker, from, to})
}

func (s *stage) calls() []fakecognito.Call { return s.pool.Calls() }

// afterCalls waits for n calls in all.
func (s *stage) afterCalls(n int) {
	s.t.Helper()
	within(s.t, 3*time.Minute, fmt.Sprint(n, " calls were made"), func() bool { return len(s.calls()) >= n })
}

// callAfter waits for a call after a time, and returns how long that took.
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

// tell returns the output of the processes, for a test that fails.
func (s *stage) tell() string {
	_, text := s.command("status", "--json")
	for pid, p := range s.workers {
		text += fmt.Sprintf("worker %d:\n%s", pid, p.output.String())
	}
	return text
}
