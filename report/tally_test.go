package report_test

import (
	"fmt"
	"maps"
	"reflect"
	"testing"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

func TestTally(t *testing.T) {
	throttled := result(6, "erin", worker.StatusConfirmed)
	throttled.Attempts, throttled.Throttled = 5, 4
	r := write(t, in(t.TempDir()),
		result(2, "alice", worker.StatusConfirmed),
		result(3, "bob", worker.StatusFailed),
		result(4, "carol", worker.StatusFailed),
		result(5, "dave", worker.StatusAlreadyConfirmed),
		throttled,
		result(7, "frank", worker.StatusTriggerFailed),
		result(8, "", worker.StatusInvalid),
	)
	want := report.Counts{
		Rows: 7,
		Statuses: map[worker.Status]int{
			worker.StatusConfirmed: 2, worker.StatusAlreadyConfirmed: 1, worker.StatusTriggerFailed: 1,
			worker.StatusFailed: 2, worker.StatusInvalid: 1,
		},
		Codes: map[string]int{
			"NotAuthorizedException": 1, "UserLambdaValidationException": 1, "UserNotFoundException": 2, "empty_username": 1,
		},
		Attempts: 10, Throttled: 4,
	}
	got := r.Tally().Counts()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("counts\n%+v, want\n%+v", got, want)
	}
	if n := got.Unsuccessful(); n != 4 {
		t.Errorf("%d unsuccessful rows, want 4", n)
	}
	clear(got.Statuses)
	clear(got.Codes)
	if !reflect.DeepEqual(r.Tally().Counts(), want) {
		t.Error("the maps of Counts are not the caller's own")
	}
}

func TestTallyOfNothing(t *testing.T) {
	got := write(t, in(t.TempDir())).Tally().Counts()
	if want := (report.Counts{Statuses: map[worker.Status]int{}, Codes: map[string]int{}}); !reflect.DeepEqual(got, want) {
		t.Errorf("counts %+v, want %+v", got, want)
	}
	if got.Unsuccessful() != 0 {
		t.Error("unsuccessful rows among none")
	}
}

// TestTallyBoundsTheCodes: codes come from whoever answers.
func TestTallyBoundsTheCodes(t *testing.T) {
	const codes = 100
	var results []worker.Result
	want := make(map[string]int)
	for i := range codes + 30 {
		for range 2 {
			r := result(i, "alice", worker.StatusFailed)
			r.Code = fmt.Sprintf("Code%dException", i)
			results = append(results, r)
			if i < codes {
				want[r.Code]++
			} else {
				want["other"]++
			}
		}
	}
	results = append(results, result(1, "bob", worker.StatusConfirmed))
	first := result(2, "bob", worker.StatusFailed)
	first.Code = "Code0Exception" // a known one is counted as itself all the same
	want[first.Code]++
	got := write(t, in(t.TempDir()), append(results, first)...).Tally().Counts().Codes
	if !maps.Equal(got, want) {
		t.Errorf("codes %v, want %v", got, want)
	}
}

func TestTallyOfSwallowedLines(t *testing.T) {
	malformed := func(first, last int) worker.Result {
		return worker.Result{Row: worker.Row{Line: first, LastLine: last}, Status: worker.StatusInvalid, Code: worker.CodeMalformedRecord}
	}
	tests := []struct {
		name    string
		results []worker.Result
		want    report.Lines
	}{
		{"none", []worker.Result{result(2, "alice", worker.StatusConfirmed), malformed(3, 0)}, report.Lines{}},
		{"one", []worker.Result{malformed(3, 4), result(5, "alice", worker.StatusConfirmed)}, report.Lines{First: 3, Last: 4}},
		{"longest first", []worker.Result{malformed(3, 90), malformed(91, 92)}, report.Lines{First: 3, Last: 90}},
		{"longest last", []worker.Result{malformed(3, 5), malformed(91, 92), malformed(100, 1100)}, report.Lines{First: 100, Last: 1100}},
	}
	for _, test := range tests {
		if got := write(t, in(t.TempDir()), test.results...).Tally().Counts().Swallowed; got != test.want {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
}
