package job

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/internal/rows"
	"cognito-confirm/ratelimit"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

const users = "username,note\nalice,1\nbad.bob,2\n,3\ncarol,4\ndave,5\n"

// TestRun takes a job from its options to its summary, in virtual time.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(dir)
		b.put(t, "users.csv", users)
		b.server.SetFault("bad.bob", fakecognito.Fault{Code: "UserNotFoundException"})
		var safe []int
		o := b.options()
		o.OnCheckpoint = func(rows int) { safe = append(safe, rows) }
		j := open(t, o)

		before := j.Snapshot()
		if before.NothingLeft || before.Report.ThisRun.Rows != 0 || before.Concurrency != 1 {
			t.Errorf("before the run: %+v", before)
		}
		started := time.Now()
		ended := make(chan error)
		go func() { ended <- j.Run(t.Context()) }()
		time.Sleep(3*latency + latency/2) // alice and bob are done, carol is on the wire, dave is not yet
		synctest.Wait()
		during := j.Snapshot()
		if during.Pool.InFlight != 1 || during.Limiter.Answered != 3 || during.InputOffset != int64(len(users)) {
			t.Errorf("during the run: %+v", during)
		}
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if took := time.Since(started); took != 4*latency {
			t.Errorf("took %v", took)
		}
		if got, want := b.called(), "alice bad.bob carol dave"; got != want {
			t.Errorf("called %s, want %s", got, want)
		}
		if got, want := b.read(t, "users.failed.csv"), "username,note,confirm_status,confirm_code,confirm_message\n"+
			"bad.bob,2,failed,UserNotFoundException,User does not exist.\n,3,invalid,empty_username,the username is empty\n"; got != want {
			t.Errorf("failed rows %q, want %q", got, want)
		}
		if len(safe) == 0 || safe[len(safe)-1] != 5 || !slices.IsSorted(safe) {
			t.Errorf("checkpoints %v", safe)
		}

		counts := report.Counts{
			Rows: 5, Confirmed: 3, FailedRows: 1, Invalid: 1, Attempts: 4,
			Codes:  map[string]int{"UserNotFoundException": 1, "empty_username": 1},
			Causes: map[string]int{"UserNotFoundException": 1, "empty_username": 1},
			Kinds: map[report.Kind]int{
				{Status: worker.StatusFailed, Code: "UserNotFoundException"}: 1,
				{Status: worker.StatusInvalid, Code: "empty_username"}:       1,
			},
		}
		want := report.Summary{
			Outcome: report.Finished, Input: b.path("users.csv"), Report: b.path("users.report.csv"), Failed: b.path("users.failed.csv"),
			UserPoolID: testPool, Region: "eu-west-1",
			Counts: counts, ThisRun: counts, EarlierRuns: report.Counts{Codes: map[string]int{}},
			Pacing:    report.Pacing{Rate: 500, Reason: ratelimit.Finding.String()},
			StartedAt: started.UTC(), Seconds: 0.2, Rate: 20,
		}
		if got := j.Summary(); fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
			t.Errorf("summary %+v\nwant    %+v", got, want)
		}
	})
}

// TestRetry: the rows that failed or were invalid are done again in the same
// report, as the input has them by then, and the numbers are those of all rows.
func TestRetry(t *testing.T) {
	b := newBench(t.TempDir())
	b.put(t, "users.csv", users)
	b.server.SetFault("bad.bob", fakecognito.Fault{Code: "UserNotFoundException"})
	b.server.SetFault("dave", fakecognito.Fault{Code: "UserLambdaValidationException"})
	o := b.options()
	if err := open(t, o).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.put(t, "users.csv", strings.NewReplacer("bad.bob", "bob", ",3", "zoe,3").Replace(users))
	o.Resume, o.Retry = true, report.Retry{Failed: true}
	j := open(t, o)
	if s := j.Snapshot().Report; s.Retried != 2 || s.TriggersKept != 1 || s.Earlier.Rows != 3 {
		t.Errorf("before the retry: %+v", s)
	}
	if err := j.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := b.called(), "alice bad.bob carol dave bob zoe"; got != want {
		t.Errorf("called %s, want %s", got, want)
	}
	if s := j.Summary(); s.Outcome != report.Finished || s.Rows != 5 || s.Confirmed != 4 || s.TriggerFailed != 1 || s.ThisRun.Rows != 2 {
		t.Errorf("summary %+v", s)
	}
}

// TestClientMetadata: the row's own goes over the run's.
func TestClientMetadata(t *testing.T) {
	b := newBench(t.TempDir())
	b.put(t, "users.csv", "username,client_metadata.source,note\nalice,column,x\nbob,,x\n")
	o := b.options()
	o.ClientMetadata = map[string]string{"source": "flag", "run": "1"}
	if err := open(t, o).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for i, want := range []map[string]string{{"source": "column", "run": "1"}, {"source": "flag", "run": "1"}} {
		if got := b.server.Calls()[i].ClientMetadata; !maps.Equal(got, want) {
			t.Errorf("call %d: client metadata %v, want %v", i, got, want)
		}
	}
}

// TestRunIsResumed after an answer that every row would get, by another job.
func TestRunIsResumed(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(dir)
		b.put(t, "users.csv", users)
		for _, name := range []string{"bad.bob", "carol", "dave"} { // fewer may be those rows' fault
			b.server.SetFault(name, fakecognito.Fault{Code: "AccessDeniedException", Message: "no"})
		}
		o := b.options()
		first := open(t, o)
		err := first.Run(t.Context())
		if fatal, ok := errors.AsType[*worker.FatalError](err); !ok || fatal.Code != "AccessDeniedException" {
			t.Fatalf("the first run ended with %v", err)
		}
		if s := first.Summary(); s.Outcome != report.Stopped || s.Reason != "AccessDeniedException, the answer for the row on line 6" || s.Rows != 2 {
			t.Errorf("summary of the first run: %+v", s)
		}
		b.server.ClearFaults()
		o.Resume = true
		second := open(t, o)
		if s := second.Snapshot(); s.NothingLeft || s.Report.Earlier.Rows != 2 {
			t.Errorf("before the second run: %+v", s)
		}
		if err := second.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if s := second.Summary(); s.Outcome != report.Finished || s.Rows != 5 || s.EarlierRuns.Rows != 2 || s.ThisRun.Rows != 3 || s.Confirmed != 4 {
			t.Errorf("summary of the second run: %+v", s)
		}
		if got, want := b.called(), "alice bad.bob carol dave bad.bob carol dave"; got != want {
			t.Errorf("called %s, want %s", got, want)
		}

		// Nothing is left: that takes no credentials and no call, and changes nothing.
		before := b.tree(t)
		b.loads = 0
		third := open(t, o)
		if s := third.Snapshot(); !s.NothingLeft {
			t.Errorf("before the third run: %+v", s)
		}
		if err := third.Run(t.Context()); err != nil || b.loads != 0 {
			t.Errorf("the third run: %v, %d times credentials", err, b.loads)
		}
		if s := third.Summary(); s.Outcome != report.Finished || s.Rows != 5 || s.ThisRun.Rows != 0 || s.Pacing != (report.Pacing{}) {
			t.Errorf("summary of the third run: %+v", s)
		}
		if after := b.tree(t); fmt.Sprint(after) != fmt.Sprint(before) {
			t.Errorf("files %v, want %v", after, before)
		}
	})
}

// TestInterruption: somebody ends the context, for a reason that is theirs. The
// call in flight gets its answer and its line.
func TestInterruption(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(dir)
		b.put(t, "users.csv", users)
		j := open(t, b.options())
		theirs := errors.New("moved to another machine")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(latency/2, func() { cancel(theirs) })
		if err := j.Run(ctx); !errors.Is(err, theirs) {
			t.Fatalf("ended with %v", err)
		}
		if s := j.Summary(); s.Outcome != report.Interrupted || s.Reason != theirs.Error() || s.Confirmed != 1 || b.called() != "alice" {
			t.Errorf("called %s, summary %+v", b.called(), s)
		}
	})
}

// TestReason is one clean line.
func TestReason(t *testing.T) {
	for err, want := range map[error]string{
		&worker.StreakError{Rows: 3, Code: "UserNotFoundException"}:                     "3 rows in a row failed, the last with UserNotFoundException",
		errors.New("open a\x1b.csv"):                                                    `open a\x1b.csv`,
		errors.Join(errors.New("write report: full"), errors.New("close report: full")): "write report: full; close report: full",
	} {
		if got := reason(err); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestReportThatIsRemoved in the middle of a run stops it: what cannot be
// recorded must not be done.
func TestReportThatIsRemoved(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(dir)
		b.put(t, "users.csv", "username\n"+strings.Repeat("alice\n", 1000))
		j := open(t, b.options())
		time.AfterFunc(5*latency, func() {
			if err := os.Remove(b.path("users.report.csv")); err != nil {
				t.Error(err)
			}
		})
		err := j.Run(t.Context())
		if err == nil || !strings.Contains(err.Error(), "was removed while the run was writing to it") {
			t.Errorf("ended with %v", err)
		}
		if s := j.Summary(); s.Outcome != report.Stopped || s.Reason != err.Error() {
			t.Errorf("summary %+v", s)
		}
		// The recorder looks once a second, and the call in flight is waited for.
		if calls := len(b.server.Calls()); calls < 20 || calls > 25 {
			t.Errorf("%d calls of %v each", calls, latency)
		}
	})
}

// TestInputThatBreaksOff: what was read is done, and the run is not at its end.
func TestInputThatBreaksOff(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(dir)
		broken := func() io.Reader {
			return io.MultiReader(strings.NewReader("username\nalice\nbob\nca"), iotest.ErrReader(errors.New("unplugged")))
		}
		o := b.options()
		o.Input.Path, o.Input.Stdin, o.Report = "-", broken(), b.path("r.csv")
		j := open(t, o)
		err := j.Run(t.Context())
		if err == nil || !strings.Contains(err.Error(), "read input: unplugged") || j.Summary().Outcome != report.Stopped {
			t.Errorf("ended with %v, %+v", err, j.Summary())
		}
		if strings.Contains(b.called(), "ca") {
			t.Errorf("half a row was sent: %s", b.called())
		}
	})
}

// TestStartThatFails leaves a run that did not begin.
func TestStartThatFails(t *testing.T) {
	b := newBench(t.TempDir())
	b.put(t, "users.csv", users)
	j := open(t, b.options())
	if err := os.Remove(b.path("users.report.csv")); err != nil {
		t.Fatal(err)
	}
	err := j.Run(t.Context())
	if _, ok := errors.AsType[*StartError](err); !ok || b.called() != "" {
		t.Errorf("ended with %v, called %s", err, b.called())
	}
}

// TestRunTwice: the rows are gone, which must not look like the end of them.
func TestRunTwice(t *testing.T) {
	b := newBench(t.TempDir())
	b.put(t, "users.csv", "username\nalice\n")
	j := open(t, b.options())
	if err := j.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, ok := errors.AsType[*StartError](j.Run(t.Context())); !ok {
		t.Error("ran a second time")
	}
	if s := j.Summary(); s.Outcome != report.Finished || s.Rows != 1 {
		t.Errorf("summary %+v", s)
	}
}

// TestCloseWithoutRun leaves everything as Open found it.
func TestCloseWithoutRun(t *testing.T) {
	b := newBench(t.TempDir())
	b.put(t, "users.csv", users)
	for _, overwrite := range []bool{false, true} {
		if overwrite {
			b.put(t, "users.report.csv", "precious\n")
			b.put(t, "users.failed.csv", "precious\n")
		}
		before := b.tree(t)
		o := b.options()
		o.Overwrite = overwrite
		j := open(t, o)
		if err := errors.Join(j.Close(), j.recorder.Close()); err != nil {
			t.Error(err)
		}
		if after := b.tree(t); fmt.Sprint(after) != fmt.Sprint(before) {
			t.Errorf("files %v, want %v", after, before)
		}
	}
}

// TestRateIsKept: every attempt counts, those that are throttled and those that
// are made again too.
func TestRateIsKept(t *testing.T) {
	const rate = 25
	for _, throttled := range []int{0, 3} {
		dir := t.TempDir()
		synctest.Test(t, func(t *testing.T) {
			b := newBench(dir)
			var input strings.Builder
			input.WriteString("username\n")
			for i := range 100 {
				fmt.Fprintf(&input, "user%02d\n", i)
				if i < throttled {
					b.server.SetFault(fmt.Sprintf("user%02d", i*30), fakecognito.Fault{Code: "TooManyRequestsException", Times: 1})
				}
			}
			b.put(t, "users.csv", input.String())
			o := b.options()
			o.Rate, o.Pool.Concurrency = rate, 100
			started := time.Now()
			if err := open(t, o).Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			calls := b.server.Calls()
			if len(calls) != 100+throttled {
				t.Fatalf("%d calls", len(calls))
			}
			for i, call := range calls {
				for j := i; j < len(calls); j++ {
					window := calls[j].Received.Sub(call.Received)
					if most := window.Seconds()*rate + 1; float64(j-i+1) > most+1e-6 {
						t.Fatalf("%d calls within %v", j-i+1, window)
					}
				}
			}
			if took := calls[len(calls)-1].Received.Sub(started); throttled == 0 && took > 8*time.Second {
				t.Errorf("100 calls took %v: the rate is hardly used", took)
			}
		})
	}
}

// TestGrowingInput: a last line without an end that was read at the start may be
// half a username by the time it is its turn.
func TestGrowingInput(t *testing.T) {
	dir := t.TempDir()
	b := newBench(dir)
	synctest.Test(t, func(t *testing.T) {
		b.put(t, "users.csv", "username\nalice\nbob\ncarol\nuser-1")
		j := open(t, b.options())
		ended := make(chan error)
		go func() { ended <- j.Run(t.Context()) }()
		time.Sleep(latency) // all of it was read
		synctest.Wait()
		b.put(t, "users.csv", "username\nalice\nbob\ncarol\nuser-12\n")
		if err := <-ended; !errors.Is(err, ErrInputChanged) {
			t.Errorf("ended with %v", err)
		}
		if got, want := b.called(), "alice bob carol"; got != want {
			t.Errorf("called %s, want %s", got, want)
		}
		if got := j.Layout().Unfinished; got != 5 {
			t.Errorf("unfinished line %d", got)
		}
	})
	o := b.options()
	o.Resume = true
	if err := open(t, o).Run(t.Context()); err != nil {
		t.Error(err)
	}
	if got, want := b.called(), "alice bob carol user-12"; got != want {
		t.Errorf("called %s, want %s", got, want)
	}
}

// TestHeaderOfAnEarlierRun is not a row of a later one.
func TestHeaderOfAnEarlierRun(t *testing.T) {
	b := newBench(t.TempDir())
	b.put(t, "users.csv", "username\nalice\n")
	if err := open(t, b.options()).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := b.tree(t)
	o := b.options()
	o.Resume, o.Input.NoHeader = true, true
	j, err := Open(t.Context(), o)
	if unusable, ok := errors.AsType[*rows.UnusableError](err); !ok || unusable.Hint != "leave out --no-header" {
		t.Errorf("job %v, error %v", j, err)
	}
	if after := b.tree(t); !maps.Equal(before, after) {
		t.Errorf("before %q, after %q", before, after)
	}

	// A run that was told so from the start can be continued.
	b.put(t, "others.csv", "username\nbob\n")
	o.Input.Path = b.path("others.csv")
	for range 2 {
		if err := open(t, o).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := b.called(), "alice bob"; got != want {
		t.Errorf("called %s, want %s", got, want)
	}
}
