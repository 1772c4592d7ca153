package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"cognito-confirm/internal/words"
	"cognito-confirm/report"
)

// statusCommand tells how far a run has come.
type statusCommand struct {
	domainFlags
	JSON bool `name:"json" help:"As one JSON object."`
}

// report of a run, as status prints it. Its JSON is an interface: fields are added,
// never renamed.
type runStatus struct {
	// State is running, completed, failed, canceled, terminated or timed_out.
	State string `json:"state"`
	// Run is the name of the run. Only a worker knows that of a schedule's run: it is
	// empty when none has answered.
	Run string `json:"run"`
	// Result is what the run came to, nil unless it is completed.
	Result *report.Counts `json:"result"`
	// Status is what the workflow knows, nil when no worker has answered. NoWorker: there
	// is none for the task queue.
	Status    *Status `json:"status"`
	TaskQueue string  `json:"task_queue"`
	NoWorker  bool    `json:"no_worker"`
	// Beat is what the chunk at work has told last, nil without one. Worker does it,
	// for the Attempt-th time; LastFailure is why that is not the first.
	Beat        *Beat  `json:"beat"`
	Worker      string `json:"worker,omitempty"`
	Attempt     int    `json:"attempt,omitempty"`
	LastFailure string `json:"last_failure,omitempty"`
}

// The states that matter here.
const (
	stateRunning   = "running"
	stateCompleted = "completed"
)

// answerTime is how long a worker may take to answer for a workflow.
const answerTime = 5 * time.Second

// Run is called by kong.
func (s *statusCommand) Run(ctx context.Context, c *console) error {
	return c.onRun(ctx, s.domainFlags, func(engine client.Client, id string) error {
		found, err := look(ctx, engine, id)
		if err != nil {
			return err
		}
		text := found.text() + "\n"
		if s.JSON {
			object, err := json.MarshalIndent(found, "", "  ")
			if err != nil {
				return err
			}
			text = string(object) + "\n"
		}
		_, err = fmt.Fprint(c.stdout, text)
		return err
	})
}

// look asks the engine for all that is known of a run.
func look(ctx context.Context, engine client.Client, id string) (runStatus, error) {
	description, err := engine.DescribeWorkflow(ctx, id, "")
	if err != nil {
		return runStatus{}, err
	}
	described := description.RawResponse
	found := runStatus{TaskQueue: description.TaskQueueName, State: strings.ToLower(described.GetWorkflowExecutionInfo().GetStatus().String())}
	if run := description.Memo.GetFields()[memoRun]; run != nil {
		if err := converter.GetDefaultDataConverter().FromPayload(run, &found.Run); err != nil {
			return runStatus{}, err
		}
	}
	for _, pending := range described.GetPendingActivities() {
		found.Attempt = int(pending.GetAttempt())
		found.LastFailure = pending.GetLastFailure().GetMessage()
		if pending.GetState() == enumspb.PENDING_ACTIVITY_STATE_STARTED {
			found.Worker = pending.GetLastWorkerIdentity()
		}
		var beat Beat
		if details := pending.GetHeartbeatDetails(); details != nil && converter.GetDefaultDataConverter().FromPayloads(details, &beat) == nil {
			found.Beat = &beat
		}
	}
	if found.State == stateCompleted {
		if err := engine.GetWorkflow(ctx, id, "").Get(ctx, &found.Result); err != nil {
			return runStatus{}, err
		}
	}
	if found.Status, err = ask(ctx, engine, id, ""); err != nil {
		found.NoWorker = !hasWorker(ctx, engine, found.TaskQueue)
		return found, nil
	}
	found.Run = found.Status.Order.Run
	return found, nil
}

// ask has a worker answer for a workflow, the newest one with the ID where no other is named.
func ask(ctx context.Context, engine client.Client, id, run string) (*Status, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	value, err := engine.QueryWorkflow(ctx, id, run, queryStatus)
	if err != nil {
		return nil, err
	}
	s := &Status{}
	if err := value.Get(s); err != nil {
		return nil, err
	}
	return s, nil
}

// text is the status, with one line for each thing that it reports.
func (s runStatus) text() string {
	lines := s.lines()
	for i, line := range lines {
		lines[i] = escaped(line)
	}
	return strings.Join(lines, "\n")
}

func (s runStatus) lines() []string {
	about := strings.TrimSpace("run " + s.Run)
	if s.Status != nil {
		about += " of " + s.Status.Order.UserPoolID
	}
	about += ": "
	switch {
	case s.Result != nil:
		return []string{about + s.State + ", " + words.Count(s.Result.Rows, "row"), statuses(*s.Result)}
	case s.NoWorker:
		message, hint := noWorkerFor(s.TaskQueue)
		return []string{about + s.State + "; " + message + "; " + hint}
	case s.Status == nil:
		return []string{about + s.State + "; no worker has answered"}
	}
	progress := s.Status.Progress
	part := progress.Part
	if s.Beat != nil && s.Beat.Index == progress.Next { // else the chunk has ended since
		part = s.Beat.Counts
	}
	done := progress.Done.Plus(part)
	state := s.State
	switch {
	case state != stateRunning:
	case progress.Paused:
		state = "paused"
	case s.Status.Merging:
		state = "merging"
	}
	lines := []string{fmt.Sprintf("%s%s, %s of %s, chunk %d of %d", about, state, words.Group(done.Rows), words.Count(progress.Planned.Rows, "row"),
		min(progress.Next+1, progress.Planned.Chunks), progress.Planned.Chunks), statuses(done)}
	if s.Beat != nil && s.Worker != "" && s.Beat.Reason != "" {
		lines = append(lines, fmt.Sprintf("%.1f calls a second, %s; %d in flight, by %s", s.Beat.Pace.Rate, s.Beat.Reason, s.Beat.InFlight, s.Worker))
		if s.Beat.Outage != "" {
			lines = append(lines, "outage: "+s.Beat.Outage)
		}
	}
	if s.LastFailure != "" {
		lines = append(lines, fmt.Sprintf("attempt %d of the chunk, after: %s", s.Attempt, s.LastFailure))
	}
	return lines
}
