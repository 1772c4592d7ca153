package worker_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/worker"
)

// streakRows makes a row and its user for every letter: c is confirmed, a was
// before, f fails, F fails after attempts, t meets a failing trigger, i is invalid.
func streakRows(service *fakecognito.Server, letters string) *rowList {
	source := users(numbered(len(letters))...)
	for i, letter := range letters {
		row := &source.rows[i]
		switch letter {
		case 'c':
			service.AddUser(row.Username, fakecognito.Unconfirmed)
		case 'a':
			service.AddUser(row.Username, fakecognito.Confirmed)
		case 'f': // nobody has heard of such a user
		case 'F':
			service.SetFault(row.Username, fakecognito.Fault{Kind: fakecognito.FaultReset})
		case 't':
			service.AddUser(row.Username, fakecognito.Unconfirmed)
			service.SetFault(row.Username, fakecognito.Fault{Code: "UserLambdaValidationException", Message: "no mail"})
		case 'i':
			row.Invalid = &worker.Invalid{Code: "empty_username"}
		}
	}
	return source
}

func TestStreaks(t *testing.T) {
	const gone, mail = "UserNotFoundException", "UserLambdaValidationException"
	letters := strings.Repeat
	tests := []struct {
		rows    string
		most    int
		results int // the last of them ends the run, if there is an error
		want    *worker.StreakError
	}{
		{rows: letters("f", 20), most: 5, results: 5, want: &worker.StreakError{Rows: 5, Code: gone, Message: "User does not exist."}},
		{rows: "fcc", most: 1, results: 1, want: &worker.StreakError{Rows: 1, Code: gone, Message: "User does not exist."}},
		{rows: "cffffcffffaffff", most: 5, results: 15},
		{rows: "ffffcffffff", most: 5, results: 10, want: &worker.StreakError{Rows: 5, Code: gone, Message: "User does not exist."}},
		{rows: "ffFffff", most: 3, results: 3, want: &worker.StreakError{Rows: 3, Code: "connection", Message: "read tcp: read: connection reset by peer"}},
		{rows: letters("i", 50), most: 1, results: 50},
		{rows: "fiifiif", most: 3, results: 7, want: &worker.StreakError{Rows: 3, Code: gone, Message: "User does not exist."}},
		{rows: letters("f", 300), most: 0, results: 300},

		{rows: letters("t", 20), most: 0, results: 10, want: &worker.StreakError{Rows: 10, Trigger: true, Code: mail, Message: "no mail"}},
		{rows: letters("t", 20), most: 10, results: 10, want: &worker.StreakError{Rows: 10, Trigger: true, Code: mail, Message: "no mail"}},
		{rows: letters("t", 20), most: 100, results: 10, want: &worker.StreakError{Rows: 10, Trigger: true, Code: mail, Message: "no mail"}},
		{rows: letters("t", 9) + "c" + letters("t", 9) + "a" + letters("t", 9), most: 0, results: 29},
		{rows: letters("t", 9) + "f" + letters("t", 9), most: 0, results: 19},
		{rows: letters("t", 9) + "ii" + "tt", most: 0, results: 12, want: &worker.StreakError{Rows: 10, Trigger: true, Code: mail, Message: "no mail"}},
		{rows: letters("t", 9), most: 9, results: 9, want: &worker.StreakError{Rows: 9, Code: mail, Message: "no mail"}},
		{rows: "ffttcff", most: 4, results: 4, want: &worker.StreakError{Rows: 4, Code: mail, Message: "no mail"}},
		{rows: "f" + letters("t", 10), most: 100, results: 11, want: &worker.StreakError{Rows: 10, Trigger: true, Code: mail, Message: "no mail"}},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%.20s/%d", test.rows, test.most), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				service := fakecognito.New(fakecognito.Options{})
				source, sink := streakRows(service, test.rows), &recordings{}
				err := lonePool(sdkClient(service), &openLimiter{}, worker.Options{
					UserPoolID: examplePool, Concurrency: 1, MaxAttempts: 2, MaxConsecutiveFailures: test.most,
				}).Run(t.Context(), source, sink)
				streak, ok := errors.AsType[*worker.StreakError](err)
				if test.want == nil && err != nil || test.want != nil && (!ok || *streak != *test.want) {
					t.Errorf("ended with %#v, want %#v", err, test.want)
				}
				if len(sink.results) != test.results {
					t.Errorf("%d results, want %d", len(sink.results), test.results)
				}
			})
		})
	}
}

// A streak is counted over all workers, and what they have in flight when it is
// long enough is recorded.
func TestStreakOverManyWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service := fakecognito.New(fakecognito.Options{Latency: time.Second, LatencyJitter: time.Millisecond})
		source, sink := streakRows(service, strings.Repeat("f", 1000)), &recordings{}
		err := lonePool(sdkClient(service), &openLimiter{}, worker.Options{
			UserPoolID: examplePool, Concurrency: 50, MaxConsecutiveFailures: 100,
		}).Run(t.Context(), source, sink)
		streak, ok := errors.AsType[*worker.StreakError](err)
		if !ok || streak.Rows != 100 {
			t.Errorf("ended with %v, want a streak of 100", err)
		}
		calls := int(service.Counts().Calls)
		if len(sink.results) != calls || calls < 100 || calls >= 150 {
			t.Errorf("%d results of %d calls, want all of them, 100 and fewer than 50 in flight", len(sink.results), calls)
		}
	})
}

func TestStreakErrorText(t *testing.T) {
	rows := &worker.StreakError{Rows: 100, Code: "UserNotFoundException", Message: "User does not exist."}
	if want := "100 rows in a row failed, the last with UserNotFoundException: User does not exist."; rows.Error() != want {
		t.Errorf("got  %s\nwant %s", rows, want)
	}
	trigger := &worker.StreakError{Rows: 10, Trigger: true, Code: "UnexpectedLambdaException", Message: "timeout"}
	if want := "the trigger failed for 10 rows in a row, the last with UnexpectedLambdaException: timeout"; trigger.Error() != want {
		t.Errorf("got  %s\nwant %s", trigger, want)
	}
}
