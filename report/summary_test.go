package report_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"cognito-confirm/report"
)

func thisRun() report.Counts {
	return report.Counts{
		Rows: 150, Confirmed: 100, AlreadyConfirmed: 20, TriggerFailed: 3, FailedRows: 17, Invalid: 10,
		Codes:        map[string]int{"UserNotFoundException": 17},
		UserStatuses: map[string]int{"FORCE_CHANGE_PASSWORD": 1},
		Attempts:     155, Throttled: 15,
	}
}

// TestSummaryIsAnInterface: scripts read these names.
func TestSummaryIsAnInterface(t *testing.T) {
	s := report.Summary{
		Outcome: report.Stopped, Reason: "the disk is full", ExitStatus: 1,
		Input: "users.csv", Report: "users.report.csv", Failed: "users.failed.csv", Malformed: "users.malformed.csv",
		Version: "1.2.3", UserPoolID: "eu-west-1_Test00000", Region: "eu-west-1", Endpoint: "http://127.0.0.1:9229",
		SpanningRecords: 4, LongestRecord: &report.Lines{First: 7, Last: 12},
		Unfinished: report.Calls{Attempts: 31, Throttled: 3},
		Pacing:     report.Pacing{Rate: 38.5, Ceiling: 50, Reason: "probing", Quota: 60},
	}
	s.Count(report.State{
		ThisRun:   thisRun(),
		Earlier:   report.Counts{Rows: 5, FailedRows: 5, Codes: map[string]int{"UserNotFoundException": 5}, Attempts: 7, Throttled: 1},
		Lost:      2,
		Swallowed: report.Lines{First: 90, Last: 99},
	})
	s.Time(startedAt, 62*time.Second)
	got, err := json.MarshalIndent(&s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
  "outcome": "stopped",
  "reason": "the disk is full",
  "exit_status": 1,
  "input": "users.csv",
  "report": "users.report.csv",
  "failed": "users.failed.csv",
  "malformed": "users.malformed.csv",
  "version": "1.2.3",
  "user_pool_id": "eu-west-1_Test00000",
  "region": "eu-west-1",
  "endpoint": "http://127.0.0.1:9229",
  "rows": 155,
  "confirmed": 100,
  "already_confirmed": 20,
  "trigger_failed": 3,
  "failed_rows": 22,
  "invalid": 10,
  "codes": {
    "UserNotFoundException": 22
  },
  "user_statuses": {
    "FORCE_CHANGE_PASSWORD": 1
  },
  "attempts": 162,
  "throttled": 16,
  "not_verified": 0,
  "this_run": {
    "rows": 150,
    "confirmed": 100,
    "already_confirmed": 20,
    "trigger_failed": 3,
    "failed_rows": 17,
    "invalid": 10,
    "codes": {
      "UserNotFoundException": 17
    },
    "user_statuses": {
      "FORCE_CHANGE_PASSWORD": 1
    },
    "attempts": 155,
    "throttled": 15,
    "not_verified": 0
  },
  "earlier_runs": {
    "rows": 5,
    "confirmed": 0,
    "already_confirmed": 0,
    "trigger_failed": 0,
    "failed_rows": 5,
    "invalid": 0,
    "codes": {
      "UserNotFoundException": 5
    },
    "user_statuses": {},
    "attempts": 7,
    "throttled": 1,
    "not_verified": 0
  },
  "lost": 2,
  "swallowed": {
    "first": 90,
    "last": 99
  },
  "spanning_records": 4,
  "longest_record": {
    "first": 7,
    "last": 12
  },
  "unfinished": {
    "attempts": 31,
    "throttled": 3
  },
  "pacing": {
    "rate": 38.5,
    "ceiling": 50,
    "reason": "probing",
    "quota": 60
  },
  "started_at": "2026-02-28T23:30:00.123Z",
  "seconds": 62,
  "rate": 3
}`
	if string(got) != want {
		t.Errorf("the summary is\n%s\nwant\n%s", got, want)
	}
}

func TestSummaryOfNothing(t *testing.T) {
	var s report.Summary
	s.Count(report.State{})
	s.Time(startedAt, 0)
	if s.Swallowed != nil || s.Rate != 0 || s.Seconds != 0 || s.Rows != 0 {
		t.Errorf("summary: %+v", s)
	}
	// NaN would be an error in JSON, and a map without codes is {}, not null.
	if text, err := json.Marshal(&s); err != nil || strings.Contains(string(text), "null") {
		t.Errorf("%s, %v", text, err)
	}
}

func TestSummaryIsRoundedToMilliseconds(t *testing.T) {
	var s report.Summary
	s.Time(startedAt, 1500*time.Millisecond+499*time.Microsecond)
	if s.Seconds != 1.5 || !s.StartedAt.Equal(startedAt.Truncate(time.Millisecond)) || s.StartedAt.Location() != time.UTC {
		t.Errorf("%v seconds from %v", s.Seconds, s.StartedAt)
	}
}
