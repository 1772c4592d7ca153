//go:build e2e && linux

package e2e

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"cognito-confirm/internal/fakecognito"
)

// bucket is a stand-in for S3 with one bucket, s3://users.
type bucket struct {
	t       *testing.T
	backend *s3mem.Backend
	url     string
}

func newBucket(t *testing.T) bucket {
	b := bucket{t: t, backend: s3mem.New()}
	if err := b.backend.CreateBucket("users"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(b.backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server())
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	b.url = server.URL
	return b
}

func (b bucket) put(key, text string) {
	b.t.Helper()
	if _, err := b.backend.PutObject("users", key, nil, strings.NewReader(text), int64(len(text)), nil); err != nil {
		b.t.Fatal(err)
	}
}

func (b bucket) get(key string) string {
	b.t.Helper()
	object, err := b.backend.GetObject("users", key, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	defer object.Contents.Close()
	text, err := io.ReadAll(object.Contents)
	if err != nil {
		b.t.Fatal(err)
	}
	return string(text)
}

func (b bucket) keys() string {
	list, err := b.backend.ListBucket("users", &gofakes3.Prefix{}, gofakes3.ListBucketPage{})
	if err != nil {
		b.t.Fatal(err)
	}
	var keys []string
	for _, object := range list.Contents {
		keys = append(keys, object.Key)
	}
	return strings.Join(keys, " ")
}

// task is a process with a disk of its own, as a task of a cluster has.
type task struct {
	command *exec.Cmd
	disk    string
	output  strings.Builder
	ended   chan struct{}
}

const (
	taskRate  = 100
	taskUsers = 1000
)

// fleet is a bucket, a pool, and the tasks that come one after the other.
type fleet struct {
	t      *testing.T
	bucket bucket
	server *fakecognito.Server
	url    string
	random *rand.Rand
	lost   int // how many tasks died or froze
}

func newFleet(t *testing.T, seed uint64) *fleet {
	f := &fleet{t: t, bucket: newBucket(t), random: rand.New(rand.NewPCG(seed, 0))}
	text, err := os.ReadFile(numberedUsers(t, t.TempDir(), taskUsers))
	if err != nil {
		t.Fatal(err)
	}
	f.bucket.put("users.csv", string(text))
	f.server, f.url = standIn(t, fakecognito.Options{LogCalls: true, Latency: 20 * time.Millisecond})
	return f
}

func (f *fleet) calls() int { return int(f.server.Counts().Calls) }

func (f *fleet) command(disk string) *exec.Cmd {
	return newCommand(f.t, disk, append(credentials(), "AWS_ENDPOINT_URL_S3="+f.bucket.url, "TMPDIR="+disk), "cognito-confirm",
		"run", "s3://users/users.csv", "--resume", "--user-pool-id", poolID, "--endpoint-url", f.url, "--rate", fmt.Sprint(taskRate))
}

// start starts a run that resumes whatever there is, and waits until it makes calls.
func (f *fleet) start() *task {
	f.t.Helper()
	disk := f.t.TempDir()
	k := &task{disk: disk, ended: make(chan struct{}), command: f.command(disk)}
	k.command.Stdout, k.command.Stderr = &k.output, &k.output
	before := f.calls()
	if err := k.command.Start(); err != nil {
		f.t.Fatal(err)
	}
	go func() {
		defer close(k.ended)
		k.command.Wait()
	}()
	f.t.Cleanup(func() {
		k.command.Process.Kill()
		<-k.ended
	})
	eventually(f.t, "a task makes calls", func() bool { return f.calls() > before+taskRate/4 })
	return k
}

// wait lets a task run for a time.
func (f *fleet) wait(atMost time.Duration) {
	f.lost++
	time.Sleep(time.Duration(f.random.Int64N(int64(atMost))))
}

func (k *task) signal(t *testing.T, signal syscall.Signal) {
	t.Helper()
	if err := k.command.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// check waits for the last task, and looks at what all of them have done.
func (f *fleet) check(last *task) {
	f.t.Helper()
	<-last.ended
	if status := last.command.ProcessState.ExitCode(); status != 0 {
		f.t.Errorf("the last task: exit status %d\n%s", status, &last.output)
	}
	seen := make(map[string]int)
	for line := range strings.Lines(f.bucket.get("users.report.csv")) {
		number, _, _ := strings.Cut(line, ",")
		seen[number]++
	}
	for i := range taskUsers {
		if n := seen[fmt.Sprint(i+2)]; n != 1 {
			f.t.Errorf("line %d of the input is in the report %d times", i+2, n)
		}
	}
	if keys := f.bucket.keys(); keys != "users.csv users.events.jsonl users.report.csv users.report.csv.endpoint" {
		f.t.Errorf("left in the bucket: %s", keys)
	}
	again := f.calls() - taskUsers
	f.t.Logf("%d calls were made again by %d tasks that were lost", again, f.lost)
	// What a task did in its last 2 s, and while those went up.
	if most := f.lost * taskRate * 4; again > most {
		f.t.Errorf("%d calls were made again, at most %d are to be", again, most)
	}
}

// kills is how often tasks are killed: as often as the environment variable KILLS has it.
func kills(t *testing.T) int {
	if os.Getenv("KILLS") == "" {
		return 2
	}
	n, err := strconv.Atoi(os.Getenv("KILLS"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestLostTasks loses tasks at random moments, each with its disk. Every row is done
// and reported once.
func TestLostTasks(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	f := newFleet(t, seed)
	life := 6 * time.Second / time.Duration(kills(t)) // so that rows are left for the last one
	for range kills(t) {
		k := f.start()
		f.wait(life)
		k.signal(t, syscall.SIGKILL)
		<-k.ended
		if err := os.RemoveAll(k.disk); err != nil {
			t.Fatal(err)
		}
	}
	f.check(f.start())
}

// TestFrozenTask: a task that was taken over from makes no call once it comes back,
// and a third task is told which run holds the report.
func TestFrozenTask(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	f := newFleet(t, seed)
	frozen := f.start()
	f.wait(2 * time.Second)
	frozen.signal(t, syscall.SIGSTOP)
	time.Sleep(100 * time.Millisecond) // what is on the wire arrives
	last := f.start()

	// Nobody but the frozen task makes calls from here to the check.
	last.signal(t, syscall.SIGSTOP)
	time.Sleep(100 * time.Millisecond)
	before := f.calls()
	frozen.signal(t, syscall.SIGCONT)
	select {
	case <-frozen.ended:
	case <-time.After(8 * time.Second): // less than the lease of the last one
	}
	if made := f.calls() - before; made > 0 {
		t.Errorf("the task that was taken over from has made %d calls", made)
	}
	last.signal(t, syscall.SIGCONT)
	<-frozen.ended
	if status := frozen.command.ProcessState.ExitCode(); status != 4 || !strings.Contains(frozen.output.String(), "was taken over from this one") {
		t.Errorf("the frozen task: exit status %d\n%s", status, &frozen.output)
	}

	refused := finish(t, f.command(t.TempDir()))
	if host, _ := os.Hostname(); refused.status != 4 || !strings.Contains(refused.stderr, fmt.Sprintf("host %s, process %d", host, last.command.Process.Pid)) {
		t.Errorf("a second run: exit status %d\n%s", refused.status, refused.stderr)
	}
	f.check(last)
}
