package main

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/report"
)

const testPool = "eu-west-1_Test00000"

// asProgram has the tests' binary be the program, for tests that start processes.
const asProgram = "RUN_AS_PROGRAM"

// TestMain runs the tests where no AWS configuration of the machine reaches them.
func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "AWS_") || strings.HasPrefix(name, "COGNITO_CONFIRM_") || strings.HasPrefix(name, "TEMPORAL_") {
			os.Unsetenv(name)
		}
	}
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "eu-west-1",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_EC2_METADATA_DISABLED": "true",
	} {
		os.Setenv(name, value)
	}
	os.Exit(m.Run())
}

// place is a store, a user pool and an input.
type place struct {
	t       *testing.T
	url     string // of the store
	dir     string
	service *fakecognito.Server
	input   string
	order   Order
}

func newPlace(t *testing.T, input string) *place {
	p := &place{t: t, dir: t.TempDir()}
	p.url = filepath.Join(p.dir, "store")
	p.service = fakecognito.New(fakecognito.Options{UserPoolID: testPool, AcceptAnyone: true, LogCalls: true})
	server := httptest.NewServer(p.service)
	t.Cleanup(server.Close)
	p.input = filepath.Join(p.dir, "users.csv")
	if err := os.WriteFile(p.input, []byte(input), 0o600); err != nil {
		t.Fatal(err)
	}
	p.order = Order{Store: p.url, UserPoolID: testPool, ChunkRows: 40}
	t.Setenv("TEST_ENDPOINT", server.URL)
	return p
}

func (p *place) settings() Settings {
	return Settings{UserPoolID: testPool, EndpointURL: os.Getenv("TEST_ENDPOINT"), MaxConsecutiveFailures: 20, MaxAttempts: 2}
}

// bring imports the input.
func (p *place) bring() {
	p.t.Helper()
	run, err := importInput(p.t.Context(), p.order.Store, p.input, p.settings(), p.dir)
	if err != nil {
		p.t.Fatal(err)
	}
	p.order.Run = run
}

// engine answers heartbeats.
type engine struct {
	mu     sync.Mutex
	beats  int
	last   Beat
	answer func(beat int) error
}

func (e *engine) RecordActivityHeartbeat(_ context.Context, _ []byte, details ...any) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.beats++
	e.last, _ = details[0].(Beat)
	if e.answer == nil {
		return nil
	}
	return e.answer(e.beats)
}

// worker is a process that does activities.
type workerProcess struct {
	*testsuite.TestActivityEnvironment
	engine *engine
	stop   chan struct{}
}

func (p *place) worker() *workerProcess {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quiet{})
	w := &workerProcess{suite.NewTestActivityEnvironment(), &engine{}, make(chan struct{})}
	w.SetWorkerStopChannel(w.stop)
	w.SetTestTimeout(time.Minute)
	w.RegisterActivity(&Activities{heartbeats: w.engine, scratch: p.dir, version: "test"})
	return w
}

func perform[Result any](w *workerProcess, activity string, order any) (result Result, err error) {
	value, err := w.ExecuteActivity(activity, order)
	if err == nil {
		err = value.Get(&result)
	}
	return result, err
}

func must[V any](t *testing.T) func(V, error) V {
	return func(value V, err error) V {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// confirmAll does all chunks.
func (p *place) confirmAll(planned Planned) {
	p.t.Helper()
	pace := Pace{}
	for i := range planned.Chunks {
		done := must[Done](p.t)(perform[Done](p.worker(), activityConfirm, Chunk{Order: p.order, Index: i, Rate: 5000, Pace: pace}))
		pace = done.Pace
	}
}

func (p *place) read(name string) string {
	p.t.Helper()
	l := must[*location](p.t)(open(p.t.Context(), p.order.Store, p.order.Run, p.dir))
	return string(must[[]byte](p.t)(l.readObject(p.t.Context(), name)))
}

func (p *place) names() string {
	p.t.Helper()
	l := must[*location](p.t)(open(p.t.Context(), p.order.Store, p.order.Run, p.dir))
	names := must[[]string](p.t)(l.store.List(p.t.Context(), l.prefix))
	for i, name := range names {
		names[i] = strings.TrimPrefix(name, l.prefix)
	}
	return strings.Join(names, " ")
}

// numbered is an input of n users.
func numbered(n int) string {
	var b strings.Builder
	b.WriteString("username,note\n")
	for i := range n {
		fmt.Fprintf(&b, "user%04d,%d\n", i, i)
	}
	return b.String()
}

const finishedNames = "failed.csv input.csv job.json malformed.csv plan.json report.csv summary.json"

// inBothStores runs a test with a directory and with S3.
func inBothStores(t *testing.T, input string, test func(t *testing.T, p *place)) {
	t.Run("directory", func(t *testing.T) { test(t, newPlace(t, input)) })
	t.Run("S3", func(t *testing.T) {
		backend := s3mem.New()
		if err := backend.CreateBucket("bucket"); err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(gofakes3.New(backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server())
		t.Cleanup(server.Close)
		t.Setenv("AWS_ENDPOINT_URL_S3", server.URL)
		p := newPlace(t, input)
		p.order.Store = "s3://bucket/confirm"
		test(t, p)
	})
}

func TestActivities(t *testing.T) {
	input := "username,note\nalice,1\nbad.bob,2\n\n,3\na,b,c\n" + strings.TrimPrefix(numbered(95), "username,note\n")
	inBothStores(t, input, func(t *testing.T, p *place) {
		p.service.SetFault("bad.bob", fakecognito.Fault{Code: "UserNotFoundException"})
		p.bring()
		planned := must[Planned](t)(perform[Planned](p.worker(), activityPlan, p.order))
		if planned.Rows != 99 || planned.Chunks != 3 || planned.Finished != nil {
			t.Fatalf("planned %+v", planned)
		}
		p.confirmAll(planned)
		if again := must[Done](t)(perform[Done](p.worker(), activityConfirm, Chunk{Order: p.order, Index: 0})); again.Counts.Rows != 40 || again.Counts.Confirmed != 37 {
			t.Errorf("a chunk that is done: %+v", again)
		}
		counts := must[report.Counts](t)(perform[report.Counts](p.worker(), activityMerge, p.order))
		if counts.Rows != 99 || counts.Confirmed != 96 || counts.FailedRows != 1 || counts.Invalid != 2 || counts.Codes["UserNotFoundException"] != 1 {
			t.Errorf("merged %+v", counts)
		}
		if again := must[report.Counts](t)(perform[report.Counts](p.worker(), activityMerge, p.order)); again.Rows != 99 {
			t.Errorf("merged again: %+v", again)
		}
		if got := p.names(); got != finishedNames {
			t.Errorf("in the store: %s", got)
		}
		report := p.read(reportName)
		for _, line := range []string{"\n2,alice,confirmed", "\n3,bad.bob,failed", "\n5,,invalid", "\n6,,invalid", "\n101,user0094,confirmed"} {
			if !strings.Contains(report, line) {
				t.Errorf("the report has no %q", line)
			}
		}
		if got := p.read(failedName); !strings.Contains(got, "bad.bob,2") || !strings.Contains(got, ",3") {
			t.Errorf("failed rows: %q", got)
		}
		if got := p.read(malformedName); got != "username,note\na,b,c\n" {
			t.Errorf("malformed records: %q", got)
		}
		if calls := len(p.service.Calls()); calls != 97 {
			t.Errorf("%d calls", calls)
		}
		before := p.order.Run
		p.bring()
		if again := must[Planned](t)(perform[Planned](p.worker(), activityPlan, p.order)); p.order.Run != before || again.Finished == nil || again.Finished.Confirmed != 96 {
			t.Errorf("the same input again: %+v, run %s", again, p.order.Run)
		}
		if err := os.WriteFile(p.input, []byte(input+"zoe,9\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if p.bring(); p.order.Run == before {
			t.Error("an edited input is the same run")
		}
	})
}

// TestStoppedWorker gives a chunk back at once, and the next worker goes on with it.
func TestStoppedWorker(t *testing.T) {
	inBothStores(t, numbered(100), func(t *testing.T, p *place) {
		p.order.ChunkRows = 1000
		p.bring()
		must[Planned](t)(perform[Planned](p.worker(), activityPlan, p.order))
		w := p.worker()
		go func() {
			for len(p.service.Calls()) < 10 {
				time.Sleep(time.Millisecond)
			}
			close(w.stop)
		}()
		_, err := perform[Done](w, activityConfirm, Chunk{Order: p.order, Rate: 20})
		stopped, ok := errors.AsType[*temporal.ApplicationError](err)
		if !ok || stopped.Type() != typeStopping || stopped.NonRetryable() || stopped.NextRetryDelay() != stopWait {
			t.Fatalf("it ends with %v", err)
		}
		if calls := len(p.service.Calls()); calls < 10 || calls > 90 {
			t.Errorf("%d calls before it stopped", calls)
		}
		done := must[Done](t)(perform[Done](p.worker(), activityConfirm, Chunk{Order: p.order, Rate: 5000}))
		if calls := len(p.service.Calls()); done.Counts.Confirmed != 100 || calls != 100 {
			t.Errorf("%+v after %d calls", done, calls)
		}
	})
}

// TestCanceledChunk: the engine asks for the end by the answer to a heartbeat, and the
// chunk tells what was known of it before it had read anything.
func TestCanceledChunk(t *testing.T) {
	pace := Pace{Rate: 7, At: time.Now()}
	for name, test := range map[string]struct {
		chunk Chunk
		last  *Beat // of the worker that had the chunk before
	}{
		"the same attempt": {Chunk{Index: 1, Rate: 10, Part: report.Counts{Rows: 12}, Pace: pace}, nil},
		"another attempt":  {Chunk{Index: 1, Rate: 10}, &Beat{Done: Done{Counts: report.Counts{Rows: 12}, Pace: pace}, Reason: "cruising", InFlight: 3}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, numbered(100))
			p.bring()
			must[Planned](t)(perform[Planned](p.worker(), activityPlan, p.order))
			w := p.worker()
			w.engine.answer = func(int) error { return temporal.NewCanceledError() }
			if test.last != nil {
				w.SetHeartbeatDetails(*test.last)
			}
			test.chunk.Order = p.order
			_, err := perform[Done](w, activityConfirm, test.chunk)
			canceled, ok := errors.AsType[*temporal.CanceledError](err)
			if !ok {
				t.Fatalf("it ends with %v", err)
			}
			var done Done
			if err := canceled.Details(&done); err != nil || done.Pace.Rate != 7 || done.Counts.Rows != 12 {
				t.Errorf("it has learned %+v, %v", done, err)
			}
			if beat := w.engine.last; beat.Index != 1 || beat.Counts.Rows != 12 || beat.Pace.Rate != 7 || beat.Reason != "" || beat.InFlight != 0 {
				t.Errorf("the first heartbeat is %+v", beat)
			}
		})
	}
}

func TestCanceledMerge(t *testing.T) {
	p := newPlace(t, numbered(10))
	p.bring()
	p.confirmAll(must[Planned](t)(perform[Planned](p.worker(), activityPlan, p.order)))
	w := p.worker()
	w.engine.answer = func(int) error { return temporal.NewCanceledError() }
	if _, err := perform[report.Counts](w, activityMerge, p.order); !temporal.IsCanceledError(err) {
		t.Errorf("it ends with %v", err)
	}
}

// TestTakenOver: a worker that the engine has given up makes no more calls.
func TestTakenOver(t *testing.T) {
	p := newPlace(t, numbered(100))
	p.bring()
	must[Planned](t)(perform[Planned](p.worker(), activityPlan, p.order))
	w := p.worker()
	w.engine.answer = func(int) error { return serviceerror.NewNotFound("activity not found") }
	if _, err := perform[Done](w, activityConfirm, Chunk{Order: p.order, Rate: 1000}); err == nil {
		t.Error("it has done the chunk")
	}
	if calls := p.service.Calls(); len(calls) > 0 {
		t.Errorf("%d calls", len(calls))
	}
}

// TestFailures: how the engine is told of what stops a chunk.
func TestFailures(t *testing.T) {
	for name, test := range map[string]struct {
		fault    fakecognito.Fault
		kind     string
		retry    bool
		says     string
		hasHints bool
	}{
		"fatal":  {fakecognito.Fault{Code: "AccessDeniedException"}, typeFatal, false, "AccessDeniedException, the answer for the row on line", true},
		"streak": {fakecognito.Fault{Code: "UserNotFoundException"}, typeStreak, false, "20 rows in a row failed, the last with UserNotFoundException", true},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, numbered(100))
			p.order.ChunkRows = 1000
			for i := range 100 {
				p.service.SetFault(fmt.Sprintf("user%04d", i), test.fault)
			}
			p.bring()
			must[Planned](t)(perform[Planned](p.worker(), activityPlan, p.order))
			_, err := perform[Done](p.worker(), activityConfirm, Chunk{Order: p.order, Rate: 5000})
			failed, ok := errors.AsType[*temporal.ApplicationError](err)
			if !ok || failed.Type() != test.kind || failed.NonRetryable() == test.retry || !strings.Contains(failed.Message(), test.says) {
				t.Fatalf("it ends with %v", err)
			}
			if strings.Contains(err.Error(), "user00") {
				t.Errorf("a user is named: %v", err)
			}
			var hint Hint
			var done Done
			if err := failed.Details(&hint, &done); err != nil || (hint.Text != "") != test.hasHints {
				t.Errorf("hint %q, %v", hint.Text, err)
			}
			if rows := done.Counts.Rows; (rows >= 20) != (test.kind == typeStreak) {
				t.Errorf("it tells of %d rows", rows)
			}
		})
	}
}

// TestMergeRefuses everything but what the chunks have written.
func TestMergeRefuses(t *testing.T) {
	change := func(name string, edit func(string) string) func(t *testing.T, p *place) {
		return func(t *testing.T, p *place) {
			path := filepath.Join(p.url, p.order.Run, name)
			text := must[[]byte](t)(os.ReadFile(path))
			if err := os.WriteFile(path, []byte(edit(string(text))), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, test := range map[string]struct {
		damage func(t *testing.T, p *place)
		says   string
		heals  bool // by starting again
	}{
		"a line is gone": {change(chunkReport(1), func(text string) string {
			lines := slices.Collect(strings.Lines(text))
			return strings.Join(slices.Delete(lines, 3, 4), "")
		}), "chunk-000001.report.csv in the store is not what", true},
		"a byte is another one": {change(chunkReport(0), func(text string) string { return strings.Replace(text, "user0001", "user9001", 1) }), "chunk-000000.report.csv in the store is not what", false},
		"a report is gone": {func(t *testing.T, p *place) {
			if err := os.Remove(filepath.Join(p.url, p.order.Run, chunkReport(2))); err != nil {
				t.Fatal(err)
			}
		}, "chunk-000002.report.csv in the store is not what", true},
		"the input is another one": {change(inputName, func(text string) string { return strings.Replace(text, ",5\n", ",6\n", 1) }), "input.csv in the store is not what", false},
		"the input is longer":      {change(inputName, func(text string) string { return text + "zoe,1\n" }), "input.csv in the store is not what", false},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, numbered(100))
			p.bring()
			planned := must[Planned](t)(perform[Planned](p.worker(), activityPlan, p.order))
			p.confirmAll(planned)
			test.damage(t, p)
			_, err := perform[report.Counts](p.worker(), activityMerge, p.order)
			failed, ok := errors.AsType[*temporal.ApplicationError](err)
			if !ok || failed.Type() != typeUnusable || !strings.Contains(failed.Message(), test.says) {
				t.Fatalf("it ends with %v", err)
			}
			if strings.Contains(p.names(), " "+reportName) {
				t.Errorf("in the store: %s", p.names())
			}
			if !test.heals {
				return
			}
			p.confirmAll(planned)
			if counts := must[report.Counts](t)(perform[report.Counts](p.worker(), activityMerge, p.order)); counts.Rows != 100 {
				t.Errorf("started again: %+v", counts)
			}
		})
	}
}
