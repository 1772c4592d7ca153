package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"cognito-confirm/report"
)

// world is a workflow in virtual time, whose chunks take five minutes.
type world struct {
	*testsuite.TestWorkflowEnvironment
	t *testing.T

	mu     sync.Mutex
	chunks []Chunk // in the order in which they began
	began  time.Time
}

const chunkTakes = 5 * time.Minute

func newWorld(t *testing.T, chunks int) *world {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quiet{})
	w := &world{TestWorkflowEnvironment: suite.NewTestWorkflowEnvironment(), t: t}
	w.RegisterWorkflow(Run)
	w.RegisterWorkflow(Scheduled)
	w.RegisterActivity(&Activities{})
	w.SetTestTimeout(time.Minute)
	w.began = w.Now()
	w.OnActivity(activityPlan, mock.Anything, mock.Anything).Return(Planned{Rows: 100 * chunks, Chunks: chunks}, nil).Maybe()
	w.OnActivity(activityMerge, mock.Anything, mock.Anything).Return(report.Counts{Rows: 100 * chunks, Confirmed: 100 * chunks}, nil).Maybe()
	return w
}

// quiet logs nothing.
type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}

// confirmAll has every chunk succeed.
func (w *world) confirmAll() {
	w.OnActivity(activityConfirm, mock.Anything, mock.Anything).Return(func(_ context.Context, c Chunk) (Done, error) {
		w.note(c)
		return Done{Counts: report.Counts{Rows: 100, Confirmed: 100}, Pace: Pace{Rate: 38, Ceiling: 40}}, nil
	}).After(chunkTakes)
}

func (w *world) note(c Chunk) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.chunks = append(w.chunks, c)
}

// at does something at a virtual time.
func (w *world) at(after time.Duration, do func()) { w.RegisterDelayedCallback(do, after) }

// update sends an update that has to be accepted, and wants it to be done after a time.
func (w *world) update(after time.Duration, name string, args ...any) {
	w.at(after, func() {
		w.UpdateWorkflow(name, fmt.Sprint(name, after), &testsuite.TestUpdateCallback{
			OnAccept: func() {},
			OnReject: func(err error) { w.t.Errorf("%s at %v is rejected: %v", name, after, err) },
			OnComplete: func(_ any, err error) {
				if err != nil {
					w.t.Errorf("%s at %v: %v", name, after, err)
				}
			},
		}, args...)
	})
}

func (w *world) status() Status {
	w.t.Helper()
	value, err := w.QueryWorkflow(queryStatus)
	if err != nil {
		w.t.Fatal(err)
	}
	var s Status
	if err := value.Get(&s); err != nil {
		w.t.Fatal(err)
	}
	return s
}

// end runs the workflow, which has to succeed.
func (w *world) end(order Order) report.Counts {
	w.t.Helper()
	w.ExecuteWorkflow(Run, order)
	var counts report.Counts
	if err := w.GetWorkflowResult(&counts); err != nil {
		w.t.Fatal(err)
	}
	return counts
}

func (w *world) indices() string {
	var all []string
	for _, c := range w.chunks {
		all = append(all, fmt.Sprint(c.Index))
	}
	return strings.Join(all, " ")
}

func TestRun(t *testing.T) {
	w := newWorld(t, 3)
	w.confirmAll()
	if got := w.end(Order{Rate: 40}); got.Confirmed != 300 {
		t.Errorf("%+v", got)
	}
	if w.indices() != "0 1 2" {
		t.Errorf("the chunks are %s", w.indices())
	}
	if first, second := w.chunks[0].Pace, w.chunks[1].Pace; first != (Pace{}) || second.Ceiling != 40 {
		t.Errorf("the first chunk begins with %+v, the second with %+v", first, second)
	}
	if took := w.Now().Sub(w.began); took < 3*chunkTakes || took > 3*chunkTakes+time.Minute {
		t.Errorf("it took %v", took)
	}
}

func TestFinishedRun(t *testing.T) {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quiet{})
	env := suite.NewTestWorkflowEnvironment()
	env.RegisterActivity(&Activities{})
	env.OnActivity(activityPlan, mock.Anything, mock.Anything).Return(Planned{Rows: 5, Finished: &report.Counts{Rows: 5, FailedRows: 1}}, nil)
	env.ExecuteWorkflow(Run, Order{})
	var counts report.Counts
	if err := env.GetWorkflowResult(&counts); err != nil || counts.FailedRows != 1 {
		t.Errorf("%+v, %v", counts, err)
	}
}

// TestPause: a pause ends the chunk, nothing is done for a day, and the same chunk goes on.
func TestPause(t *testing.T) {
	w := newWorld(t, 3)
	w.confirmAll()
	w.update(7*time.Minute, updatePause)
	w.at(8*time.Minute, func() {
		if s := w.status(); !s.Progress.Paused || s.InFlight || s.Progress.Next != 1 || s.Progress.Done.Rows != 100 {
			t.Errorf("after a pause: %+v", s)
		}
	})
	w.update(27*time.Hour, updateResume)
	w.at(27*time.Hour+time.Minute, func() {
		if s := w.status(); s.Progress.Paused || !s.InFlight {
			t.Errorf("after it: %+v", s)
		}
	})
	w.end(Order{})
	if got := w.indices(); got != "0 1 2" && got != "0 1 1 2" {
		t.Errorf("the chunks are %s", got)
	}
	if took := w.Now().Sub(w.began); took < 27*time.Hour+2*chunkTakes {
		t.Errorf("it took %v", took)
	}
}

// TestRateChange: the chunk at work goes on with the new rate, and so do the next.
func TestRateChange(t *testing.T) {
	w := newWorld(t, 3)
	w.confirmAll()
	w.update(7*time.Minute, updateRate, 10.0)
	w.update(8*time.Minute, updateRate, 10.0) // which it is already
	w.at(9*time.Minute, func() {
		w.UpdateWorkflow(updateRate, "negative", &testsuite.TestUpdateCallback{
			OnAccept:   func() { t.Error("a negative rate is accepted") },
			OnReject:   func(error) {},
			OnComplete: func(any, error) {},
		}, -1.0)
	})
	w.end(Order{Rate: 40})
	var rates []float64
	for _, c := range w.chunks {
		rates = append(rates, c.Rate)
	}
	if w.chunks[0].Rate != 40 || !slices.Contains(rates, 10) || w.chunks[len(w.chunks)-1].Rate != 10 {
		t.Errorf("the rates are %v", rates)
	}
	if took := w.Now().Sub(w.began); took < 17*time.Minute || took > 18*time.Minute {
		t.Errorf("it took %v: the second chunk begins again at 7 minutes, and not at 8", took)
	}
}

// TestEndedChunk: what a chunk has done and learned before it was ended is not lost,
// whatever has ended it. An older worker does not tell what it has done.
func TestEndedChunk(t *testing.T) {
	pace := Pace{Rate: 30, Ceiling: 33}
	for name, test := range map[string]struct {
		err    error
		goesOn bool
		rows   int // of the first chunk that are known to be done
	}{
		"another rate":    {temporal.NewCanceledError(Done{Counts: report.Counts{Rows: 40}, Pace: pace}), true, 40},
		"an older worker": {temporal.NewCanceledError(Done{Pace: pace}), true, 0},
		"a fatal answer": {temporal.NewApplicationErrorWithOptions("AccessDeniedException", typeFatal, temporal.ApplicationErrorOptions{
			NonRetryable: true, Details: []any{Hint{"do"}, Done{Counts: report.Counts{Rows: 40}, Pace: pace}}}), false, 40},
		"a fatal answer to an older worker": {temporal.NewApplicationErrorWithOptions("AccessDeniedException", typeFatal, temporal.ApplicationErrorOptions{
			NonRetryable: true, Details: []any{Hint{"do"}}}), false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 1)
			began := 0
			w.OnActivity(activityConfirm, mock.Anything, mock.Anything).Return(func(_ context.Context, c Chunk) (Done, error) {
				w.note(c)
				if began++; began == 1 {
					return Done{}, test.err
				}
				return Done{Counts: report.Counts{Rows: 100}}, nil
			})
			w.ExecuteWorkflow(Run, Order{})
			if err := w.GetWorkflowError(); (err == nil) != test.goesOn {
				t.Fatalf("it ends with %v", err)
			}
			if test.goesOn {
				if again := w.chunks[1]; again.Part.Rows != test.rows || again.Pace.Ceiling != 33 {
					t.Errorf("the chunk goes on with %+v", again)
				}
				if p := w.status().Progress; p.Part.Rows != 0 || p.Done.Rows != 100 {
					t.Errorf("in the end: %+v", p)
				}
			} else if p := w.status().Progress; p.Part.Rows != test.rows {
				t.Errorf("it has stopped at %+v", p)
			}
		})
	}
}

// TestContinueAsNew carries all that is known, and a pause too.
func TestContinueAsNew(t *testing.T) {
	w := newWorld(t, 5)
	w.confirmAll()
	w.update(7*time.Minute, updateRate, 20.0)
	w.ExecuteWorkflow(Run, Order{Rate: 40, ContinueAfter: 2, Store: "s"})
	again, ok := errors.AsType[*workflow.ContinueAsNewError](w.GetWorkflowError())
	if !ok {
		t.Fatalf("it ends with %v", w.GetWorkflowError())
	}
	var order Order
	if err := converter.GetDefaultDataConverter().FromPayloads(again.Input, &order); err != nil {
		t.Fatal(err)
	}
	p := order.Progress
	if p == nil || p.Next != 2 || p.Rate != 20 || p.Done.Rows != 200 || p.Pace.Ceiling != 40 || p.Planned.Chunks != 5 || order.Store != "s" {
		t.Fatalf("it goes on with %+v", order)
	}
	next := newWorld(t, 5)
	next.confirmAll()
	order.ContinueAfter = 0
	next.end(order)
	if next.indices() != "2 3 4" {
		t.Errorf("then the chunks are %s", next.indices())
	}
	next.AssertNotCalled(t, activityPlan, mock.Anything, mock.Anything)
}

// TestFatal: what only a person can put right ends the workflow at once; everything
// else is tried again for as long as it takes.
func TestFatal(t *testing.T) {
	for name, test := range map[string]struct {
		err     error
		retried bool
	}{
		typeFatal:  {temporal.NewApplicationErrorWithOptions("AccessDeniedException", typeFatal, temporal.ApplicationErrorOptions{NonRetryable: true}), false},
		typeStreak: {temporal.NewApplicationErrorWithOptions("100 rows", typeStreak, temporal.ApplicationErrorOptions{NonRetryable: true}), false},
		typeStall:  {temporal.NewApplicationErrorWithOptions("no call got through", typeStall, temporal.ApplicationErrorOptions{NextRetryDelay: stallWait}), true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 1)
			began := 0
			w.OnActivity(activityConfirm, mock.Anything, mock.Anything).Return(func(context.Context, Chunk) (Done, error) {
				if began++; began <= 9 { // the test environment gives up after ten
					return Done{}, test.err
				}
				return Done{Counts: report.Counts{Rows: 100}}, nil
			})
			w.ExecuteWorkflow(Run, Order{})
			err := w.GetWorkflowError()
			took := w.Now().Sub(w.began)
			switch {
			case test.retried && (err != nil || began != 10 || took < 9*time.Minute || took > 10*time.Minute):
				t.Errorf("%v after %d attempts in %v", err, began, took)
			case !test.retried:
				failed, ok := errors.AsType[*temporal.ApplicationError](err)
				if !ok || failed.Type() != name || began != 1 {
					t.Errorf("%v after %d attempts", err, began)
				}
			}
		})
	}
}

func TestCancel(t *testing.T) {
	for name, pause := range map[string]bool{"at work": false, "paused": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 3)
			w.confirmAll()
			if pause {
				w.update(6*time.Minute, updatePause)
			}
			w.at(7*time.Minute, w.CancelWorkflow)
			w.ExecuteWorkflow(Run, Order{})
			if err := w.GetWorkflowError(); !temporal.IsCanceledError(err) {
				t.Errorf("it ends with %v", err)
			}
			if p := w.status().Progress; p.Done.Rows != 100 {
				t.Errorf("it has stopped at %+v", p)
			}
			w.AssertNotCalled(t, activityMerge, mock.Anything, mock.Anything)
		})
	}
}

// TestUpdatesAtTheEnd: there is nothing to pause in a merge.
func TestUpdatesAtTheEnd(t *testing.T) {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quiet{})
	env := suite.NewTestWorkflowEnvironment()
	env.RegisterActivity(&Activities{})
	env.OnActivity(activityPlan, mock.Anything, mock.Anything).Return(Planned{}, nil)
	env.OnActivity(activityMerge, mock.Anything, mock.Anything).Return(report.Counts{}, nil).After(time.Hour)
	rejected := 0
	env.RegisterDelayedCallback(func() {
		for _, name := range []string{updatePause, updateResume} {
			env.UpdateWorkflow(name, name, &testsuite.TestUpdateCallback{
				OnAccept:   func() { t.Errorf("%s is accepted", name) },
				OnReject:   func(error) { rejected++ },
				OnComplete: func(any, error) {},
			})
		}
	}, time.Minute)
	env.ExecuteWorkflow(Run, Order{})
	if rejected != 2 || env.GetWorkflowError() != nil {
		t.Errorf("%d updates rejected, %v", rejected, env.GetWorkflowError())
	}
}

// TestScheduled: a firing does nothing while a run has the quota, and runs otherwise.
func TestScheduled(t *testing.T) {
	const id = "cognito-confirm/eu-west-1"
	w := newWorld(t, 2)
	w.confirmAll()
	twice := func(ctx workflow.Context) ([]string, error) {
		first := workflow.ExecuteChildWorkflow(ctx, Scheduled, Firing{ID: id})
		if err := workflow.Sleep(ctx, chunkTakes/2); err != nil {
			return nil, err
		}
		second := workflow.ExecuteChildWorkflow(ctx, Scheduled, Firing{ID: id})
		got := make([]string, 2)
		return got, errors.Join(second.Get(ctx, &got[1]), first.Get(ctx, &got[0]))
	}
	w.RegisterWorkflow(twice)
	var ids []string
	w.SetOnChildWorkflowStartedListener(func(info *workflow.Info, _ workflow.Context, _ converter.EncodedValues) {
		if info.WorkflowType.Name == "Run" {
			ids = append(ids, info.WorkflowExecution.ID)
			return
		}
		ids = append(ids, info.WorkflowType.Name)
	})
	w.ExecuteWorkflow(twice)
	var got []string
	if err := w.GetWorkflowResult(&got); err != nil || !slices.Equal(got, []string{"", Skipped}) {
		t.Errorf("%q, %v", got, err)
	}
	if w.indices() != "0 1" {
		t.Errorf("the chunks are %s", w.indices())
	}
	if want := []string{"Scheduled", id, "Scheduled"}; !slices.Equal(ids, want) {
		t.Errorf("the workflows are %q", ids)
	}
}
