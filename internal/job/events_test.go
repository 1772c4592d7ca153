package job

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/events"
	"cognito-confirm/internal/fakecognito"
)

// kept reads the events of a job.
func kept(t *testing.T, b *bench) []events.Record {
	t.Helper()
	file, err := os.Open(b.path("users.events.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var records []events.Record
	for record, err := range events.Scan(file) {
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, record)
	}
	return records
}

// TestEvents of a run in which the service is away for a while.
func TestEvents(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(dir)
		b.put(t, "users.csv", "username\n"+strings.Repeat("alice\n", 300))
		o := b.options()
		o.Version = "v1"
		o.Pool.Jitter = func(time.Duration) time.Duration { return time.Second }
		j := open(t, o)
		down := time.AfterFunc(5*time.Second, func() { b.server.SetFaultShare(1, fakecognito.Fault{Code: "InternalErrorException"}) })
		defer down.Stop()
		up := time.AfterFunc(25*time.Second, b.server.ClearFaults)
		defer up.Stop()
		if err := j.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		j.Note(events.End{Outcome: "finished"})
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		var order []string
		for _, record := range kept(t, b) {
			switch e := record.Event.(type) {
			case events.Run:
				if e.Version != "v1" || e.Pool != testPool || e.Region != "eu-west-1" || e.Rate != 1000 || e.Pace != "polite" || e.Concurrency != 1 || e.Resumed {
					t.Errorf("%+v", e)
				}
			case events.Outage:
				if e.Code != "InternalErrorException" || e.BeganAt.IsZero() {
					t.Errorf("%+v", e)
				}
			case events.OutageOver:
				if e.Seconds < 15 || e.Seconds > 21 {
					t.Errorf("%+v", e)
				}
			}
			order = append(order, strings.TrimPrefix(fmt.Sprintf("%T", record.Event), "events."))
		}
		const want = "Run Outage Sample Sample OutageOver Sample Sample End"
		if got := strings.Join(order, " "); got != want {
			t.Errorf("events %s, want %s", got, want)
		}
	})
}

// TestEventsOverRuns are in one file; a run with nothing to do adds none.
func TestEventsOverRuns(t *testing.T) {
	b := newBench(t.TempDir())
	b.put(t, "users.csv", users)
	finished(t, b)
	o := b.options()
	o.Resume = true
	if err := open(t, o).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.put(t, "users.csv", users+"erin,6\n")
	if err := open(t, o).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	var runs []events.Run
	for _, record := range kept(t, b) {
		if run, ok := record.Event.(events.Run); ok {
			runs = append(runs, run)
		}
	}
	if len(runs) != 2 || runs[0].Resumed || !runs[1].Resumed || runs[1].RowsBefore != 5 {
		t.Errorf("runs %+v", runs)
	}
}

// TestNoEvents where nobody wants them, and a refusal of a file that holds
// something else.
func TestNoEvents(t *testing.T) {
	b := newBench(t.TempDir())
	b.put(t, "users.csv", users)
	b.put(t, "users.events.jsonl", "precious\n")
	o := b.options()
	if _, err := Open(t.Context(), o); !as[*events.UnusableError](err) {
		t.Errorf("a foreign file: %v", err)
	}
	o.Events = NoEvents
	if err := open(t, o).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := b.read(t, "users.events.jsonl"); got != "precious\n" {
		t.Errorf("%q", got)
	}
}
