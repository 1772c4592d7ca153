package job

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/internal/store"
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

// TestMachinesThatAreLost cuts machine after machine off at random moments, gives
// each job to another machine with an empty disk, and lets the lost ones come back.
func TestMachinesThatAreLost(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { loseMachines(t, rand.New(rand.NewPCG(seed, 13))) })
		})
	}
}

func loseMachines(t *testing.T, random *rand.Rand) {
	const users, rate = 1000, 38
	c := newCloud(t)
	c.put("in/users.csv", usersCSV(users))
	options := func(m *machine) Options {
		o := m.options()
		o.Rate, o.Resume, o.Pool.Concurrency = rate, true, 16
		return o
	}
	type lost struct {
		machine *machine
		attempt attempt
		cutAt   time.Time
	}
	var all []lost
	for range 3 {
		m := c.machine()
		a := start(t, options(m))
		time.Sleep(time.Duration(random.Int64N(int64(8 * time.Second))))
		m.cut()
		all = append(all, lost{m, a, time.Now()})
	}
	last := start(t, options(c.machine()))
	for _, l := range all {
		l.machine.repair()
	}
	for _, l := range all {
		if err := <-l.attempt.done; !errors.Is(err, report.ErrLocked) {
			t.Errorf("a machine that came back: %v", err)
		}
		for _, at := range l.machine.sent() {
			if late := at.Sub(l.cutAt); late > store.LeaseLength {
				t.Errorf("it has sent a call %v after it was cut off", late)
			}
		}
	}
	if err := <-last.done; err != nil {
		t.Fatal(err)
	}
	c.checkReport("in/users.report.csv", users)
	if got := c.keys(); strings.Contains(got, ".parts/") || strings.Contains(got, ".lock") {
		t.Errorf("left in the bucket: %s", got)
	}
	// What was done in the last 2 s, and what a part then took.
	again := len(strings.Fields(c.bench.called())) - users
	if most := len(all) * rate * 3; again > most {
		t.Errorf("%d calls were made again, at most %d are to be", again, most)
	}
}

// TestStoreThatIsAway holds the run as an outage does, and loses nothing.
func TestStoreThatIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const users = 2000
		c := newCloud(t)
		c.put("in/users.csv", usersCSV(users))
		m := c.machine()
		o := m.options()
		o.Rate, o.Pool.Concurrency = 40, 16
		var away atomic.Bool
		o.Bucket = func(ctx context.Context, name string) (store.Store, error) {
			s, err := m.open(ctx, name)
			return &absentStore{s, &away}, err
		}
		a := start(t, o)
		time.Sleep(10 * time.Second)
		away.Store(true)
		began := time.Now()
		time.Sleep(30 * time.Second)
		before := a.job.Snapshot().Pool.Outage
		time.Sleep(30 * time.Second)
		s := a.job.Snapshot()
		if !s.Pool.Outage.Equal(before) {
			t.Errorf("the outage began at %v, and a while later at %v", before, s.Pool.Outage)
		}
		if s.Pool.Outage.IsZero() || s.Pool.Last.Code != codeStore {
			t.Errorf("the outage is not shown: %+v", s.Pool)
		}
		away.Store(false)
		for _, at := range m.sent() {
			if late := at.Sub(began); late > store.LeaseLength {
				t.Errorf("a call was sent %v after the store had gone", late)
			}
		}
		if err := <-a.done; err != nil {
			t.Fatal(err)
		}
		c.checkReport("in/users.report.csv", users)
		if got := len(m.sent()); got != users {
			t.Errorf("%d calls for %d users", got, users)
		}
	})
}

// absentStore does not answer while it is away.
type absentStore struct {
	store.Store
	away *atomic.Bool
}

func (s *absentStore) Write(ctx context.Context, name string, body io.ReadSeeker, a store.Attributes) (string, error) {
	if s.away.Load() {
		return "", errors.New("away")
	}
	return s.Store.Write(ctx, name, body, a)
}

// TestStoreThatStaysAway ends the run. What the store does not have is on the disk,
// and the next run on this machine finds it there.
func TestStoreThatStaysAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const users = 1000
		c := newCloud(t)
		c.put("in/users.csv", usersCSV(users))
		m := c.machine()
		o := m.options()
		o.Rate, o.Pool.Concurrency, o.Pool.StallTimeout = 40, 16, time.Minute
		var away atomic.Bool
		o.Bucket = func(ctx context.Context, name string) (store.Store, error) {
			s, err := m.open(ctx, name)
			return &absentStore{s, &away}, err
		}
		a := start(t, o)
		time.Sleep(10 * time.Second)
		away.Store(true)
		err := <-a.done
		if _, ok := errors.AsType[*store.UnreachableError](err); !ok {
			t.Errorf("ended with %v", err)
		}
		if warnings := strings.Join(a.job.Warnings(), "\n"); !strings.Contains(warnings, "on this machine only") {
			t.Errorf("warnings: %s", warnings)
		}
		away.Store(false)
		fresh := o
		if _, err := Open(t.Context(), fresh); !isExists(err) {
			t.Errorf("without --resume: %v", err)
		}
		o.Resume = true
		runToEnd(t, o)
		c.checkReport("in/users.report.csv", users)
		if got := len(m.sent()); got != users {
			t.Errorf("%d calls for %d users", got, users)
		}
		if left := filesIn(t, m.disk); len(left) > 0 {
			t.Errorf("left on the disk: %q", left)
		}
	})
}

func isExists(err error) bool {
	_, ok := errors.AsType[*report.ExistsError](err)
	return ok
}

func TestSecondRunInABucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		c.put("in/users.csv", usersCSV(400))
		o := c.machine().options()
		o.Rate = 10
		a := start(t, o)
		time.Sleep(3 * time.Second)
		m := c.machine()
		second := m.options()
		second.Resume, second.Opening = true, new(Opening)
		waiting := make(chan OpeningState, 1)
		time.AfterFunc(time.Second, func() { waiting <- second.Opening.State() })
		_, err := Open(t.Context(), second)
		if got, want := <-waiting, (OpeningState{Part: PartOutputs, Locking: true}); got != want {
			t.Errorf("while it waits: %+v", got)
		}
		host, _ := os.Hostname()
		if !errors.Is(err, report.ErrLocked) || !strings.Contains(err.Error(), fmt.Sprintf("host %s, process %d", host, os.Getpid())) {
			t.Errorf("got %v", err)
		}
		if left := filesIn(t, m.disk); len(left) > 0 {
			t.Errorf("left on the disk: %q", left)
		}
		if err := <-a.done; err != nil {
			t.Error(err)
		}
	})
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

func TestFilesInTheWay(t *testing.T) {
	part := "in/users.report.csv.parts/x-1-2.csv"
	exists, foreign := "exists", "is not known to have the rows of this report"
	tests := map[string]struct {
		objects           []string
		resume, overwrite bool
		change            func(*Options)
		want              string
	}{
		"a report":                       {[]string{"in/users.report.csv"}, false, false, nil, exists},
		"parts":                          {[]string{part}, false, false, nil, exists},
		"failed rows":                    {[]string{"in/users.failed.csv"}, false, false, nil, exists},
		"failed rows, resumed":           {[]string{"in/users.failed.csv"}, true, false, nil, exists},
		"a report, resumed":              {[]string{"in/users.report.csv"}, true, false, nil, ""},
		"a report, overwritten":          {[]string{"in/users.report.csv"}, false, true, nil, ""},
		"everything, overwritten":        {[]string{"in/users.report.csv", part, "in/users.failed.csv", "in/users.malformed.csv"}, false, true, nil, ""},
		"everything, resumed":            {[]string{"in/users.report.csv", part, "in/users.failed.csv", "in/users.malformed.csv"}, true, false, nil, ""},
		"failed rows of another report":  {[]string{"in/users.report.csv", "other"}, true, false, func(o *Options) { o.Failed = address("other") }, foreign},
		"a report on the disk":           {nil, false, false, func(o *Options) { o.Report = filepath.Join(o.Scratch, "r.csv"); o.Failed = address("f") }, "must both be"},
		"failed rows on the disk":        {nil, false, false, func(o *Options) { o.Failed = "users.failed.csv" }, "must both be"},
		"the report is the input":        {nil, false, false, func(o *Options) { o.Report = o.Input.Path }, "are the same file"},
		"the report is the failed rows":  {nil, false, false, func(o *Options) { o.Failed = address("in/users.report.csv") }, "are the same file"},
		"an address without a key":       {nil, false, false, func(o *Options) { o.Report = "s3://users" }, "names no object"},
		"an input that is not there":     {nil, false, false, func(o *Options) { o.Input.Path = address("in/nobody.csv") }, "does not exist"},
		"a bucket that is not there":     {nil, false, false, func(o *Options) { o.Input.Path = "s3://nobody/users.csv" }, "open s3://nobody/users.csv"},
		"no events":                      {nil, false, false, func(o *Options) { o.Events = NoEvents }, ""},
		"a damaged report, resumed":      {[]string{"in/users.report.csv=" + reportHeader + "2,user00000\n"}, true, false, nil, address("in/users.report.csv") + " is damaged"},
		"a damaged part, resumed":        {[]string{"in/users.report.csv", part + "=" + reportHeader + "2,user00000\n"}, true, false, nil, address("in/users.report.csv") + " is damaged"},
		"something else, to be resumed":  {[]string{"in/users.report.csv=hello\n"}, true, false, nil, address("in/users.report.csv") + " is not a report"},
		"something else, to be replaced": {[]string{"in/users.report.csv=hello\n"}, false, true, nil, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCloud(t)
				c.put("in/users.csv", usersCSV(3))
				for _, object := range test.objects {
					key, text, given := strings.Cut(object, "=")
					if !given {
						text = reportHeader
					}
					c.put(key, text)
				}
				before := c.keys()
				m := c.machine()
				o := m.options()
				o.Resume, o.Overwrite = test.resume, test.overwrite
				if test.change != nil {
					test.change(&o)
				}
				j, err := Open(t.Context(), o)
				if test.want == "" {
					if err != nil {
						t.Fatal(err)
					}
					if err := errors.Join(j.Run(t.Context()), j.Close()); err != nil {
						t.Fatal(err)
					}
					c.checkReport("in/users.report.csv", 3)
					if got := c.keys(); strings.Contains(got, "parts") || strings.Contains(got, "lock") || strings.Contains(got, "failed") {
						t.Errorf("in the bucket: %s", got)
					}
					return
				}
				if err == nil {
					j.Close()
				}
				if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), m.disk) && !strings.Contains(test.want, "both") {
					t.Errorf("got %v", err)
				}
				if got := c.keys(); got != before {
					t.Errorf("in the bucket: %s, before %s", got, before)
				}
				if left := filesIn(t, m.disk); len(left) > 0 {
					t.Errorf("left on the disk: %q", left)
				}
			})
		})
	}
}

// TestInputIsReplacedInTheMiddle: rows of two versions are never mixed.
func TestInputIsReplacedInTheMiddle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t)
		padding := strings.Repeat("x", 4000)
		var text strings.Builder
		text.WriteString("username,note\n")
		for i := range 2200 {
			fmt.Fprintf(&text, "user%05d,%s\n", i, padding)
		}
		c.put("in/users.csv", text.String())
		o := c.machine().options()
		o.Pool = worker.Options{Concurrency: 4}
		o.Bucket = unversioned(o.Bucket)
		a := start(t, o)
		time.Sleep(time.Second)
		c.put("in/users.csv", strings.ReplaceAll(text.String(), "user", "resu"))
		if err := <-a.done; !errors.Is(err, ErrInputChanged) {
			t.Errorf("got %v", err)
		}
		if strings.Contains(c.get("in/users.report.csv"), "resu") {
			t.Error("a row of the new input was done")
		}
	})
}

// unversioned opens buckets that keep no versions.
func unversioned(open func(context.Context, string) (store.Store, error)) func(context.Context, string) (store.Store, error) {
	return func(ctx context.Context, name string) (store.Store, error) {
		s, err := open(ctx, name)
		return withoutVersions{s}, err
	}
}

type withoutVersions struct{ store.Store }

func (s withoutVersions) Stat(ctx context.Context, name string) (store.Info, error) {
	info, err := s.Store.Stat(ctx, name)
	info.Pin = ""
	return info, err
}

// TestLateAnswersAndWrites: the report in the bucket is another than was found, because
// the answer to the upload was lost, or because a run that was taken over from has
// uploaded its own since. Nothing is lost of either.
func TestLateAnswersAndWrites(t *testing.T) {
	const key = "in/users.report.csv"
	late := reportHeader + "3,user00001,confirmed,,,1,0,,,5,,us-east-1_Test\n"
	tests := map[string]struct {
		disturb func(c *cloud, s store.Store, body io.ReadSeeker, a store.Attributes) error
		want    string // of user00001, which fails in this run
	}{
		"a lost answer": {func(c *cloud, s store.Store, body io.ReadSeeker, a store.Attributes) error {
			if _, err := s.Write(c.t.Context(), key, body, a); err != nil {
				return err
			}
			return errors.New("the answer is lost")
		}, "user00001,failed"},
		"a late report": {func(c *cloud, _ store.Store, _ io.ReadSeeker, _ store.Attributes) error {
			c.put(key, late)
			return store.ErrConflict
		}, "user00001,confirmed"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCloud(t)
				c.put("in/users.csv", usersCSV(3))
				c.bench.server.SetFault("user00001", fakecognito.Fault{Code: "UserNotFoundException"})
				m := c.machine()
				o := m.options()
				o.Bucket = func(ctx context.Context, name string) (store.Store, error) {
					s, err := m.open(ctx, name)
					var once atomic.Bool
					return &disturbedStore{s, func(name string, body io.ReadSeeker, a store.Attributes) error {
						if name != key || once.Swap(true) {
							return nil
						}
						return test.disturb(c, s, body, a)
					}}, err
				}
				runToEnd(t, o)
				c.checkReport(key, 3)
				if text := c.get(key); !strings.Contains(text, test.want) {
					t.Errorf("the report is %s", text)
				}
				if left := filesIn(t, m.disk); len(left) > 0 {
					t.Errorf("left on the disk: %q", left)
				}
			})
		})
	}
}

// disturbedStore answers a write with the error of a function, if that returns one.
type disturbedStore struct {
	store.Store
	disturb func(name string, body io.ReadSeeker, a store.Attributes) error
}

func (s *disturbedStore) Write(ctx context.Context, name string, body io.ReadSeeker, a store.Attributes) (string, error) {
	if err := s.disturb(name, body, a); err != nil {
		return "", err
	}
	return s.Store.Write(ctx, name, body, a)
}
