package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/internal/flags"
	"cognito-confirm/worker"
)

// recipe is what a scheduler does with a sample of ours: a task for each index,
// and one that merges when all of them have succeeded.
type recipe struct {
	command []string // of a task
	env     []string // of a task, as the sample has it
	count   int
	// variables are those that the scheduler sets for an index.
	variables func(index int) []string
	// again reports whether it starts an index again that ended with a status, with
	// 128 more than a signal when that killed it.
	again func(status int) bool
	merge []string
}

// recipePool is the user pool of the samples, and recipeData where they expect
// the input.
const (
	recipePool = "eu-west-1_Ab12Cd34E"
	recipeData = "/data/"
)

// stage is a recipe that is played with real processes and a stand-in.
type stage struct {
	recipe
	t   *testing.T
	dir string
	*standIn
}

// play runs the tasks of a recipe side by side. One of them is killed, one is
// terminated, one stops by itself, and each is started again as in the recipe.
func (r recipe) play(t *testing.T) {
	s := &stage{recipe: r, t: t, dir: t.TempDir(), standIn: startWith(t, fakecognito.Options{UserPoolID: recipePool, AcceptAnyone: true, LogCalls: true})}
	const rows = 80
	put(t, s.dir, "users.csv", numbered(rows))
	killed, terminated, stopped := 1%r.count, 2%r.count, 3%r.count
	s.SetFault(s.userOf(killed, 0), fakecognito.Fault{Kind: fakecognito.FaultHang, Times: 1})
	s.SetFault(s.userOf(terminated, 0), fakecognito.Fault{Kind: fakecognito.FaultSlow, Delay: 2 * time.Second, Times: 1})
	for nth := range 3 {
		s.SetFault(s.userOf(stopped, nth), fakecognito.Fault{Code: "AccessDeniedException"})
	}

	var tasks []*task
	for index := range r.count {
		tasks = append(tasks, s.start(index))
	}
	eventually(t, "the calls that take long are on the wire", func() bool {
		return s.isCalled(s.userOf(killed, 0)) && s.isCalled(s.userOf(terminated, 0))
	})
	tasks[terminated].signal(syscall.SIGTERM)
	status := tasks[terminated].end()
	if status != 0 { // on a slow machine the signal comes after the end
		s.restart(terminated, status, 143)
	}
	status = tasks[stopped].end()
	for nth := range 3 {
		s.SetFault(s.userOf(stopped, nth))
	}
	s.SetFault(s.userOf(stopped, 1), fakecognito.Fault{Code: "UserNotFoundException"})
	s.restart(stopped, status, 1)
	tasks[0].wantStatus(0)

	// One is not done: it cannot be started beside itself, and there is nothing to merge.
	s.start(killed).wantStatus(4)
	s.startMerge().wantStatus(4)
	tasks[killed].signal(syscall.SIGKILL)
	status = tasks[killed].end()
	merge := s.startMerge()
	merge.wantStatus(1)
	if want := fmt.Sprintf("of shard %d/%d\n", killed, r.count); !strings.Contains(merge.output.String(), want) {
		t.Errorf("the merge printed\n%s\nwant the missing rows %s", &merge.output, want)
	}
	s.restart(killed, status, 137)

	// A scheduler may start one again that was done.
	calls := s.Counts().Calls
	s.start(0).wantStatus(0)
	if more := s.Counts().Calls - calls; more > 0 {
		t.Errorf("%d calls for users who were done", more)
	}
	for range 2 { // the merge, too
		s.startMerge().wantStatus(3)
		s.judge(rows)
	}
}

// userOf returns a user of the shard of an index.
func (s *stage) userOf(index, nth int) string {
	for i := 0; ; i++ {
		user := fmt.Sprintf("user%04d", i)
		if worker.ShardOf(worker.Row{Username: user}, s.count).Index == index {
			if nth == 0 {
				return user
			}
			nth--
		}
	}
}

func (s *stage) isCalled(username string) bool {
	return slices.ContainsFunc(s.Calls(), func(call fakecognito.Call) bool { return call.Username == username })
}

// inFlight is how many calls each task makes at a time.
const inFlight = 4

// task is a process of the recipe.
type task struct {
	t       *testing.T
	command *exec.Cmd
	output  safeBuffer
}

// start starts the process of an index.
func (s *stage) start(index int) *task { return s.exec(s.command, s.variables(index)) }

func (s *stage) startMerge() *task { return s.exec(s.merge, nil) }

func (s *stage) exec(command, variables []string) *task {
	s.t.Helper()
	words := slices.Clone(command)
	for i, word := range words {
		if name, ok := strings.CutPrefix(word, recipeData); ok {
			words[i] = s.dir + "/" + name
		}
	}
	k := &task{t: s.t, command: exec.Command(words[0], words[1:]...)}
	k.command.Env = slices.Concat(
		[]string{"PATH=" + os.Getenv("PATH")}, awsEnvironment(), s.env, variables,
		[]string{flags.Variable("endpoint-url") + "=" + s.url, flags.Variable("rate") + "=4000", flags.Variable("concurrency") + "=" + strconv.Itoa(inFlight),
			flags.Variable("timeout") + "=10m"})
	k.command.Stdout, k.command.Stderr = &k.output, &k.output
	if err := k.command.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { k.command.Process.Kill() })
	return k
}

func (k *task) signal(signal os.Signal) {
	if err := k.command.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		k.t.Fatal(err)
	}
}

// end waits for the end and returns the status as schedulers count it.
func (k *task) end() (status int) {
	k.command.Wait() // ProcessState has the result
	if state := k.command.ProcessState.Sys().(syscall.WaitStatus); state.Signaled() {
		return 128 + int(state.Signal())
	}
	return k.command.ProcessState.ExitCode()
}

func (k *task) wantStatus(want int) {
	k.t.Helper()
	if status := k.end(); status != want {
		k.t.Fatalf("%s: exit status %d, want %d:\n%s", k.command, status, want, &k.output)
	}
}

// restart starts an index again, which the recipe has to do after this end.
func (s *stage) restart(index, status, want int) {
	s.t.Helper()
	if status != want || !s.again(status) {
		s.t.Fatalf("index %d: exit status %d, want %d; started again: %v", index, status, want, s.again(status))
	}
	s.start(index).wantStatus(0)
}

// judge compares the merged report with the input and with the calls.
func (s *stage) judge(rows int) {
	s.t.Helper()
	failed := s.userOf(3%s.count, 1)
	seen := make(map[string]int)
	for line := range strings.Lines(read(s.t, s.dir+"/users.report.csv")) {
		fields := strings.Split(line, ",")
		seen[fields[0]+" "+fields[1]+" "+fields[2]]++
	}
	for i := range rows {
		user := fmt.Sprintf("user%04d", i)
		row, status := fmt.Sprint(i+2, " ", user, " "), "confirmed"
		if user == failed {
			status = "failed"
		}
		// Rows that were in flight at a death are found confirmed.
		if n := seen[row+status] + seen[row+"already_confirmed"]; n != 1 {
			s.t.Errorf("%s is in the report %d times as %s", user, n, status)
		}
	}
	if len(seen) != rows+1 {
		s.t.Errorf("%d lines, want %d", len(seen), rows+1)
	}
	if got := read(s.t, s.dir+"/users.failed.csv"); !strings.Contains(got, failed) || strings.Count(got, "\n") != 2 {
		s.t.Errorf("the failed rows are\n%s", got)
	}
	// Calls that were made in vain, and those of the killed one again: the calls in
	// flight and the answers that were not written yet.
	if calls, most := s.Counts().Calls, int64(rows+10+rows/s.count); calls > most {
		s.t.Errorf("%d calls for %d rows, want at most %d", calls, rows, most)
	}
}
