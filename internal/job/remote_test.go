package job

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// runToEnd runs a job whose every row is to be done.
func runToEnd(t *testing.T, o Options) *Job {
	t.Helper()
	j := open(t, o)
	if err := j.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	return j
}

func TestRunInABucket(t *testing.T) {
	for name, pack := range map[string]func(string) (string, string){
		"plain": func(text string) (string, string) { return "in/users.csv", text },
		"gzip":  func(text string) (string, string) { return "in/users.csv.gz", gzipped(text) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCloud(t)
				key, text := pack("username,note\nalice,1\nbad.bob,2\n,3\na,b,c\ncarol,4\n")
				c.put(key, text)
				c.bench.server.SetQuota(fakecognito.Quota{Rate: 5000})
				c.bench.server.SetFault("bad.bob", fakecognito.Fault{Code: "UserNotFoundException"})
				m := c.machine()
				o := m.options()
				o.Input.Path = address(key)
				j := runToEnd(t, o)

				if got, want := c.keys(), "in/users.events.jsonl in/users.failed.csv in/users.malformed.csv in/users.report.csv "+key; got != sorted(want) {
					t.Errorf("in the bucket: %s", got)
				}
				if got, want := strings.Count(c.get("in/users.report.csv"), "\n"), 6; got != want {
					t.Errorf("%d lines in the report", got)
				}
				if got := c.get("in/users.failed.csv"); !strings.Contains(got, "bad.bob,2") || !strings.Contains(got, ",3") {
					t.Errorf("failed rows: %q", got)
				}
				if got := c.get("in/users.malformed.csv"); !strings.Contains(got, "a,b,c") {
					t.Errorf("malformed records: %q", got)
				}
				if !strings.Contains(c.get("in/users.events.jsonl"), `"run"`) {
					t.Error("no events")
				}
				if quota := j.Snapshot().Quota; quota != 5000 {
					t.Errorf("the quota that was read is %v", quota)
				}
				s := j.Summary()
				if s.Report != address("in/users.report.csv") || s.Failed != address("in/users.failed.csv") || s.Malformed != address("in/users.malformed.csv") || s.Input != address(key) {
					t.Errorf("the summary names %s, %s, %s, %s", s.Input, s.Report, s.Failed, s.Malformed)
				}
				if left := filesIn(t, m.disk); len(left) > 0 {
					t.Errorf("left on the disk: %q", left)
				}
				if about := j.About(); about.Size != int64(len(text)) {
					t.Errorf("size %d, want %d", about.Size, len(text))
				}

				before := c.bench.called()
				o.Resume = true
				if j := runToEnd(t, o); !j.Snapshot().NothingLeft || c.bench.called() != before {
					t.Errorf("resumed after the end: called %s", c.bench.called())
				}
				if !strings.Contains(c.get("in/users.failed.csv"), "bad.bob,2") {
					t.Error("the failed rows are gone after a resume")
				}
			})
		})
	}
}

func gzipped(text string) string {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	w.Write([]byte(text))
	w.Close()
	return packed.String()
}

func sorted(names string) string {
	all := strings.Fields(names)
	for i := range all {
		for k := i; k > 0 && all[k] < all[k-1]; k-- {
			all[k], all[k-1] = all[k-1], all[k]
		}
	}
	return strings.Join(all, " ")
}

func filesIn(t *testing.T, dir string) (files []string) {
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && path != dir {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// attempt is a job that runs beside the test.
type attempt struct {
	job  *Job
	done chan error
}

func start(t *testing.T, o Options) attempt {
	t.Helper()
	a := attempt{open(t, o), make(chan error, 1)}
	go func() {
		err := a.job.Run(t.Context())
		a.done <- errors.Join(err, a.job.Close())
	}()
	return a
}

// TestInterruptedInABucket: a run that is told to stop leaves one report, no parts,
// and nothing on the disk.
func TestInterruptedInABucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const users = 400
		c := newCloud(t)
		c.put("in/users.csv", usersCSV(users))
		m := c.machine()
		o := m.options()
		o.Rate = 10
		ctx, end := context.WithCancelCause(t.Context())
		time.AfterFunc(9*time.Second, func() { end(errStopped) })
		j := open(t, o)
		if err := j.Run(ctx); !errors.Is(err, errStopped) {
			t.Fatal(err)
		}
		j.Close()
		if got, want := c.keys(), "in/users.csv in/users.events.jsonl in/users.report.csv"; got != want {
			t.Errorf("in the bucket: %s", got)
		}
		done := len(m.sent())
		if lines := strings.Count(c.get("in/users.report.csv"), "\n"); lines != done+1 || done < 50 {
			t.Errorf("%d lines for %d calls", lines, done)
		}
		if left := filesIn(t, m.disk); len(left) > 0 {
			t.Errorf("left on the disk: %q", left)
		}
		o.Resume = true
		runToEnd(t, o)
		c.checkReport("in/users.report.csv", users)
		if got := len(m.sent()); got != users {
			t.Errorf("%d calls for %d users", got, users)
		}
	})
}

var errStopped = errors.New("stopped")

// TestEventsGoUpDuringTheRun: a machine that is lost takes a minute of them along.
func TestEventsGoUpDuringTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		c.put("in/users.csv", usersCSV(200))
		o := c.machine().options()
		o.Rate = 2
		a := start(t, o)
		time.Sleep(eventsEvery + time.Second)
		if text := c.get("in/users.events.jsonl"); !strings.Contains(text, `"run"`) || !strings.Contains(text, `"sample"`) {
			t.Errorf("after a minute: %q", text)
		}
		if err := <-a.done; err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(c.get("in/users.events.jsonl"), `"sample"`); n < 9 {
			t.Errorf("%d samples at the end", n)
		}
	})
}

// TestShardInABucket: a report in a bucket is continued by its own shard alone, on
// whatever machine.
func TestShardInABucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		c.put("in/users.csv", usersCSV(20))
		o := c.machine().options()
		o.Shard, o.Report = worker.Shard{Index: 1, Count: 4}, address("part.csv")
		runToEnd(t, o)
		o = c.machine().options()
		o.Shard, o.Report, o.Resume = worker.Shard{Index: 1, Count: 4}, address("part.csv"), true
		if j := runToEnd(t, o); !j.Snapshot().NothingLeft {
			t.Error("its own shard did not go on with it")
		}
		o = c.machine().options()
		o.Shard, o.Report, o.Resume = worker.Shard{Index: 2, Count: 4}, address("part.csv"), true
		_, err := Open(t.Context(), o)
		if other, ok := errors.AsType[*report.OtherShardError](err); !ok || other.Path != address("part.csv") {
			t.Errorf("another shard: %v", err)
		}
	})
}

// TestRetryInABucket: rows that failed are taken out of the report in the bucket
// before they are done again, so that they are done whatever becomes of the machine.
func TestRetryInABucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		c.put("in/users.csv", usersCSV(3))
		c.bench.server.SetFault("user00001", fakecognito.Fault{Code: "UserNotFoundException"})
		o := c.machine().options()
		runToEnd(t, o)
		c.bench.server.ClearFaults()
		o = c.machine().options()
		o.Resume, o.Retry.Failed = true, true
		a := start(t, o)
		time.Sleep(latency / 2) // its call is on the wire
		if text := c.get("in/users.report.csv"); strings.Contains(text, "user00001") {
			t.Errorf("before it was done again: %s", text)
		}
		if err := <-a.done; err != nil {
			t.Fatal(err)
		}
		c.checkReport("in/users.report.csv", 3)
		if text := c.get("in/users.report.csv"); !strings.Contains(text, "user00001,confirmed") {
			t.Errorf("after it was done again: %s", text)
		}
		if got := c.keys(); strings.Contains(got, "failed") {
			t.Errorf("in the bucket: %s", got)
		}
	})
}

const reportHeader = "line,username,status,code,message,attempts,throttled,request_id,started_at,duration_ms,user_status,user_pool_id\n"
