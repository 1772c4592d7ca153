//go:build e2e

package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/encoding/protojson"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/internal/program"
)

var record = flag.Bool("record", false, "write the history of the run to testdata/history")

// TestRealEngine takes one run through what it is for: its sender is killed, it is
// paused, gets another rate, schedules fire beside it, a worker is told to stop, and the
// run is canceled and started again.
func TestRealEngine(t *testing.T) {
	const users = 1500
	s := newStage(t, fakecognito.Options{Latency: 20 * time.Millisecond, LatencyJitter: 40 * time.Millisecond}, users)
	s.startEngine()
	s.addWorker()
	s.addWorker()
	order := []string{"users.csv", "--rate", "40", "--chunk-rows", "250"}
	s.mustCommand(program.Done, append([]string{"start", "--continue-after", "4"}, order...)...)
	s.afterCalls(100)
	if err := os.WriteFile(s.path("other.csv"), []byte("username\n"+engineUser+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if output := s.mustCommand(program.Locked, "start", "other.csv"); !strings.Contains(output, "another run has the quota of eu-west-1") {
		t.Errorf("a second run:\n%s", output)
	}
	s.mustCommand(program.Done, append([]string{"start"}, order...)...) // is at work already

	killed := s.killSender()
	s.mustCommand(program.Done, append([]string{"schedule", "--cron", "@every 5s"}, order...)...)
	s.addWorker()
	if gap := s.callAfter(killed); gap > 20*time.Second {
		t.Errorf("nobody sends for %v after the sender was killed", gap)
	}

	s.afterCalls(250)
	s.mustCommand(program.Done, "pause")
	paused := len(s.calls())
	if found := s.status(); found.Status == nil || !found.Status.Progress.Paused {
		t.Errorf("after a pause: %+v", found)
	}
	s.mustCommand(program.Done, "rate", "100")
	if now := len(s.calls()); now != paused {
		t.Errorf("%d calls while it is paused", now-paused)
	}
	resumed := time.Now()
	s.mustCommand(program.Done, "resume")
	if took := s.callAfter(resumed); took > 10*time.Second {
		t.Errorf("the first call comes %v after the pause", took)
	}

	s.afterCalls(600)
	s.deleteSchedule()
	s.mustCommand(program.Done, "cancel")
	if state := s.status().State; state != "canceled" {
		t.Errorf("after a cancel it is %s", state)
	}
	s.mustCommand(program.Done, "start", "users.csv", "--rate", "50", "--chunk-rows", "250")
	s.afterCalls(700)
	pid := s.sender()
	stopped := s.stopWorker(pid)
	if status := stopped.command.ProcessState.ExitCode(); status != program.Terminated {
		t.Errorf("a worker that is told to stop ends with %d:\n%s", status, stopped.output.String())
	}
	if gap := s.callAfter(time.Now()); gap > 10*time.Second {
		t.Errorf("nobody sends for %v after the sender was told to stop", gap)
	}
	s.mustCommand(program.Done, "rate", "auto")
	if output := s.mustCommand(program.Done, "wait"); !strings.Contains(output, "1,500 rows: 1,") {
		t.Errorf("it ends with:\n%s", output)
	}
	if output := s.mustCommand(program.Done, "start", "users.csv", "--wait"); len(s.calls()) > users+40 {
		t.Errorf("started again when it is done:\n%s", output)
	}
	s.keepHistory()
	s.wantSkipped()
	r := s.look(users, once)
	r.wantWhole(t)
	if r.extra > 8 {
		t.Errorf("%d calls were made again", r.extra)
	}
	for _, p := range s.workers {
		if strings.Contains(p.output.String(), engineUser) {
			t.Errorf("a worker names a user:\n%s", p.output.String())
		}
	}
}

func (s *stage) deleteSchedule() {
	if err := s.connect().ScheduleClient().GetHandle(context.Background(), "cognito-confirm/eu-west-1").Delete(context.Background()); err != nil {
		s.t.Fatal(err)
	}
}

// wantSkipped: the schedule has fired beside the run, and every time there was nothing to do.
func (s *stage) wantSkipped() {
	s.t.Helper()
	c := s.connect()
	list, err := c.ListWorkflow(context.Background(), &workflowservice.ListWorkflowExecutionsRequest{Query: "WorkflowType = 'Scheduled'"})
	if err != nil {
		s.t.Fatal(err)
	}
	if len(list.Executions) == 0 {
		s.t.Error("the schedule has not fired")
	}
	for _, execution := range list.Executions {
		var got string
		err := c.GetWorkflow(context.Background(), execution.Execution.WorkflowId, execution.Execution.RunId).Get(context.Background(), &got)
		if err != nil || got != Skipped {
			s.t.Errorf("a firing: %q, %v", got, err)
		}
	}
}

// keepHistory replays the histories of the real run, and records one on demand.
func (s *stage) keepHistory() {
	s.t.Helper()
	c := s.connect()
	list, err := c.ListWorkflow(context.Background(), &workflowservice.ListWorkflowExecutionsRequest{Query: "WorkflowType = 'Run'"})
	if err != nil || len(list.Executions) < 3 {
		s.t.Fatalf("%d workflows, %v", len(list.GetExecutions()), err)
	}
	longest := &historypb.History{}
	for _, execution := range list.Executions {
		history := historyOf(s.t, c, execution.Execution.WorkflowId, execution.Execution.RunId)
		if err := replayer().ReplayWorkflowHistory(quiet{}, history); err != nil {
			s.t.Errorf("replay: %v", err)
		}
		if len(history.Events) > len(longest.Events) {
			longest = history
		}
	}
	if !*record {
		return
	}
	text, err := protojson.MarshalOptions{Multiline: true}.Marshal(longest)
	if err != nil {
		s.t.Fatal(err)
	}
	host, _ := os.Hostname()
	for _, private := range []string{s.dir, host} {
		text = bytes.ReplaceAll(text, []byte(private), []byte("somewhere"))
	}
	if err := os.MkdirAll("testdata/history", 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile("testdata/history/run.json", append(text, '\n'), 0o644); err != nil {
		s.t.Fatal(err)
	}
}

func historyOf(t *testing.T, c client.Client, id, run string) *historypb.History {
	t.Helper()
	history := &historypb.History{}
	for events := c.GetWorkflowHistory(context.Background(), id, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); events.HasNext(); {
		event, err := events.Next()
		if err != nil {
			t.Fatal(err)
		}
		history.Events = append(history.Events, event)
	}
	return history
}
