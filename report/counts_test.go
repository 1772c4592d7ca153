package report_test

import (
	"maps"
	"reflect"
	"testing"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

func TestCounts(t *testing.T) {
	throttled := result(6, "erin", worker.StatusConfirmed)
	throttled.Attempts, throttled.Throttled = 5, 4
	stuck := result(9, "grace", worker.StatusFailed)
	stuck.Code, stuck.UserStatus = "NotAuthorizedException", "FORCE_CHANGE_PASSWORD"
	r := write(t, optionsIn(t.TempDir()),
		result(2, "alice", worker.StatusConfirmed),
		result(3, "bob", worker.StatusFailed),
		result(4, "carol", worker.StatusFailed),
		result(5, "dave", worker.StatusAlreadyConfirmed),
		throttled,
		result(7, "frank", worker.StatusTriggerFailed),
		result(8, "", worker.StatusInvalid),
		stuck,
	)
	want := report.Counts{
		Rows: 8, Confirmed: 2, AlreadyConfirmed: 1, TriggerFailed: 1, FailedRows: 3, Invalid: 1,
		// The status of a user who was confirmed before is not a cause.
		Codes: map[string]int{
			"NotAuthorizedException": 1, "UserLambdaValidationException": 1, "UserNotFoundException": 2, "empty_username": 1,
		},
		UserStatuses: map[string]int{"FORCE_CHANGE_PASSWORD": 1},
		Causes: map[string]int{
			"FORCE_CHANGE_PASSWORD": 1, "UserLambdaValidationException": 1, "UserNotFoundException": 2, "empty_username": 1,
		},
		Kinds: map[report.Kind]int{
			{Status: worker.StatusFailed, Code: "NotAuthorizedException", UserStatus: "FORCE_CHANGE_PASSWORD"}: 1,
			{Status: worker.StatusTriggerFailed, Code: "UserLambdaValidationException"}:                        1,
			{Status: worker.StatusFailed, Code: "UserNotFoundException"}:                                       2,
			{Status: worker.StatusInvalid, Code: "empty_username"}:                                             1,
		},
		Attempts: 11, Throttled: 4,
	}
	got := r.State().ThisRun
	if !reflect.DeepEqual(got, want) {
		t.Errorf("counts\n%+v, want\n%+v", got, want)
	}
	if n := got.Unsuccessful(); n != 5 {
		t.Errorf("%d unsuccessful rows, want 5", n)
	}
	clear(got.Codes)
	clear(got.UserStatuses)
	clear(got.Causes)
	clear(got.Kinds)
	if !reflect.DeepEqual(r.State().ThisRun, want) {
		t.Error("the maps of Counts are not the caller's own")
	}
}

func TestCountsOfNothing(t *testing.T) {
	none := map[string]int{}
	got := write(t, optionsIn(t.TempDir())).State().ThisRun
	if want := (report.Counts{Codes: none, UserStatuses: none, Causes: none, Kinds: map[report.Kind]int{}}); !reflect.DeepEqual(got, want) {
		t.Errorf("counts %+v, want %+v", got, want)
	}
	if got.Unsuccessful() != 0 {
		t.Error("unsuccessful rows among none")
	}
}

// TestCountsOfForeignCodes: reports that were edited, or that another version has
// written, have any text in the place of a code.
func TestCountsOfForeignCodes(t *testing.T) {
	var results []worker.Result
	for i, code := range []string{"alice", "alice", "YWxpY2U=", "AliceException", "UserNotFoundException", "unknown_code"} {
		r := result(i+2, "bob", worker.StatusFailed)
		r.Code = code
		results = append(results, r)
	}
	stuck := result(9, "bob", worker.StatusFailed)
	stuck.Code, stuck.UserStatus = "NotAuthorizedException", "ALICE"
	got := write(t, optionsIn(t.TempDir()), append(results, stuck)...).State().ThisRun
	want := map[string]int{"unknown_code": 5, "UserNotFoundException": 1, "NotAuthorizedException": 1}
	wantKinds := make(map[report.Kind]int)
	for code, rows := range want {
		wantKinds[report.Kind{Status: worker.StatusFailed, Code: code}] = rows
	}
	if !maps.Equal(got.Codes, want) || !maps.Equal(got.Causes, want) || len(got.UserStatuses) > 0 || !maps.Equal(got.Kinds, wantKinds) {
		t.Errorf("got %+v, want the codes %v", got, want)
	}
}

func TestSwallowedLines(t *testing.T) {
	malformed := func(first, last int) worker.Result {
		return worker.Result{Row: worker.Row{Line: first, LastLine: last}, Status: worker.StatusInvalid, Code: "malformed_record"}
	}
	tests := []struct {
		name    string
		results []worker.Result
		want    report.Lines
	}{
		{"none", []worker.Result{result(2, "alice", worker.StatusConfirmed), malformed(3, 0)}, report.Lines{}},
		{"one", []worker.Result{malformed(3, 4), result(5, "alice", worker.StatusConfirmed)}, report.Lines{First: 3, Last: 4}},
		{"longest first", []worker.Result{malformed(3, 90), malformed(91, 92)}, report.Lines{First: 3, Last: 90}},
		{"the first of two", []worker.Result{malformed(3, 5), malformed(91, 93)}, report.Lines{First: 3, Last: 5}},
		{"longest last", []worker.Result{malformed(3, 5), malformed(91, 92), malformed(100, 1100)}, report.Lines{First: 100, Last: 1100}},
	}
	for _, test := range tests {
		if got := write(t, optionsIn(t.TempDir()), test.results...).State().Swallowed; got != test.want {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
}

// TestSwallowedLinesOfAnEarlierRun: the input tells of them again.
func TestSwallowedLinesOfAnEarlierRun(t *testing.T) {
	dir := t.TempDir()
	n := resumption{input: "username\nalice\n\"bob\ncarol\ndave"}
	n.mustRun(t, dir, everyRow)
	r, _, err := n.begin(t, dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := r.State().Swallowed, (report.Lines{First: 3, Last: 5}); got != want {
		t.Errorf("swallowed %+v, want %+v", got, want)
	}
	closeRecorder(t, r)
}

func TestCountsPlus(t *testing.T) {
	x, y := report.Kind{Code: "X"}, report.Kind{Code: "Y", UserStatus: "S"}
	a := report.Counts{Rows: 6, Confirmed: 1, AlreadyConfirmed: 2, FailedRows: 3, Codes: map[string]int{"X": 3}, Causes: map[string]int{"X": 3}, Kinds: map[report.Kind]int{x: 3}, Attempts: 9, Throttled: 2}
	b := report.Counts{Rows: 9, TriggerFailed: 4, Invalid: 5, Codes: map[string]int{"X": 4, "Y": 5}, UserStatuses: map[string]int{"S": 4}, Causes: map[string]int{"S": 4, "Y": 5}, Kinds: map[report.Kind]int{x: 1, y: 5}, Attempts: 1, Throttled: 1}
	want := report.Counts{
		Rows: 15, Confirmed: 1, AlreadyConfirmed: 2, TriggerFailed: 4, FailedRows: 3, Invalid: 5,
		Codes: map[string]int{"X": 7, "Y": 5}, UserStatuses: map[string]int{"S": 4},
		Causes: map[string]int{"X": 3, "S": 4, "Y": 5}, Kinds: map[report.Kind]int{x: 4, y: 5}, Attempts: 10, Throttled: 3,
	}
	if got := a.Plus(b); !reflect.DeepEqual(got, want) {
		t.Errorf("the sum is %+v, want %+v", got, want)
	}
	if a.Codes["X"] != 3 {
		t.Error("Plus changes what it is called on")
	}
}
