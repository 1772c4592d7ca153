package worker

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestHealth is the decision table. A step is a row, how its attempt ended (!
// a transient failure, . got through, ~ was throttled) and, if it is not half a
// second, how many seconds the attempt took. There is a second between two steps.
func TestHealth(t *testing.T) {
	ten := strings.Repeat("X! ", 10)
	nine := strings.Repeat("X! ", 9)
	tests := []struct {
		name, steps string
		outage      bool
		own         int // failures of row A that are its own
	}{
		{"a failure alone is nobody's", "A!", false, 0},
		{"two failures with nothing between are nobody's", "A! A!", false, 0},
		{"the first is the row's own when the second is", "A! B. A!", false, 2},
		{"success before the first says nothing", "B. A! A!", false, 0},
		{"a success that was sent before the failure says nothing", "A! B.4 A!", false, 0},
		{"a throttle is no success", "A! B~ A!", false, 0},
		{"a failure without a success since is not the row's own", "A! B. A! A!", false, 2},
		{"one with a success since is", "A! B. A! B. A!", false, 3},
		{"an outage that ended after the attempt was sent takes the blame", "A! " + ten + "B. A!3", false, 0},
		{"one that ended before does not", "A! " + ten + "B. B. A!", false, 2},

		{"nine failures in a row are no outage", nine, false, 0},
		{"ten are", ten, true, 0},
		{"of whichever row", strings.Repeat("X! Y! ", 5), true, 0},
		{"a success between them starts the count again", nine + "B. " + nine, false, 0},
		{"so does a throttle", nine + "B~ " + nine, false, 0},
		{"a success ends an outage", ten + "B.", false, 0},
		{"so does a throttle, for somebody is there", ten + "B~", false, 0},
		{"then it takes ten more for the next", ten + "B. " + nine, false, 0},
		{"and they are enough", ten + "B. " + ten, true, 0},
		{"a failure does not end it", ten + "B!", true, 0},
	}
	verdicts := map[byte]Verdict{'!': Transient, '.': Done, '~': Throttled}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHealth(1, Options{}.WithDefaults(), func(err error) { t.Error(err) })
				h.watch(t.Context())
				h.release(time.Now())
				defer h.idle()
				rows := map[byte]*rowHealth{'A': {}}
				for step := range strings.FieldsSeq(test.steps) {
					time.Sleep(time.Second)
					took := 500 * time.Millisecond
					if seconds, err := strconv.Atoi(step[2:]); err == nil {
						took = time.Duration(seconds) * time.Second
					}
					if rows[step[0]] == nil {
						rows[step[0]] = &rowHealth{}
					}
					h.observe(rows[step[0]], time.Now().Add(-took), false, Answer{Verdict: verdicts[step[1]]})
				}
				outage := h.outage
				if held, _ := h.held(); !outage.IsZero() != test.outage || held != test.outage || (h.calmContext() == nil) != test.outage {
					t.Errorf("outage since %v, held %v; want an outage: %v", outage, held, test.outage)
				}
				if rows['A'].own != test.own {
					t.Errorf("%d failures are the row's own, want %d", rows['A'].own, test.own)
				}
			})
		})
	}
}

// TestStallTimerOfBefore: a stall timer that fires just as an attempt gets through
// does not end the run. The timer of the failures after it does.
func TestStallTimerOfBefore(t *testing.T) {
	var stopped error
	h := newHealth(1, Options{StallTimeout: time.Hour}.WithDefaults(), func(err error) { stopped = err })
	h.watch(t.Context())
	defer h.idle()
	now, row := time.Now(), &rowHealth{}
	h.observe(row, now, false, Answer{})
	h.observe(row, now, false, Answer{Verdict: Done})
	h.observe(row, now, false, Answer{Code: "timeout"})
	if h.stalled(0, 1); stopped != nil {
		t.Errorf("stopped by the first timer: %v", stopped)
	}
	h.stalled(0, 2)
	if stall, ok := errors.AsType[*StallError](stopped); !ok || *stall != (StallError{Timeout: time.Hour, Code: "timeout"}) {
		t.Errorf("stopped with %v by the second", stopped)
	}
}

// TestStreaks: c is a row that was confirmed, a one that was before, f one that
// failed, t one whose trigger failed, i an invalid one.
func TestStreaks(t *testing.T) {
	statuses := map[byte]Status{'c': StatusConfirmed, 'a': StatusAlreadyConfirmed, 'f': StatusFailed, 't': StatusTriggerFailed, 'i': StatusInvalid}
	letters := strings.Repeat
	rows := func(n int, code string) *StreakError { return &StreakError{Rows: n, Code: code} }
	triggers := &StreakError{Rows: 10, Trigger: true, Code: "t"}
	share := &StreakError{Rows: 20, Of: 100, Trigger: true, Code: "t"}
	tests := []struct {
		rows string
		most int
		want *StreakError // of the last row; nil: all rows are finished
	}{
		{"ffff", 5, nil},
		{"fffff", 5, rows(5, "f")},
		{"f", 1, rows(1, "f")},
		{"cffffcffffaffff", 5, nil},
		{"ffffcfffff", 5, rows(5, "f")},
		{letters("i", 50), 1, nil},
		{"fiifiif", 3, rows(3, "f")},
		{letters("f", 300), 0, nil},

		{letters("t", 10), 0, triggers},
		{letters("t", 10), 10, triggers},
		{letters("t", 9) + "c" + letters("t", 9) + "a", 0, nil},
		{letters("t", 9) + "f" + letters("t", 9), 0, nil},
		{letters("t", 9) + "iit", 0, triggers},
		{letters("t", 9), 9, rows(9, "t")},
		{"fftt", 4, rows(4, "t")},
		{"f" + letters("t", 10), 100, triggers},

		// A share of the last hundred rows, in whatever order.
		{letters("ct", 20), 0, share},
		{letters("cccct", 20), 0, share},
		{letters("ccccct", 100), 0, nil},
		{letters("tttttc", 3) + "ttttt", 0, share},
		{letters("c", 99) + letters("tc", 19), 0, nil},
		{letters("tc", 19) + letters("i", 200) + "t", 0, share},
		{letters("tc", 19) + letters("c", 61) + "t", 0, share},
		{letters("tc", 19) + letters("c", 62) + "t", 0, nil},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%.20s/%d", test.rows, test.most), func(t *testing.T) {
			h := newHealth(1, Options{MaxConsecutiveFailures: test.most}, nil)
			for i := range len(test.rows) {
				err := h.finished(Result{Status: statuses[test.rows[i]], Code: test.rows[i : i+1]})
				streak, _ := errors.AsType[*StreakError](err)
				switch isLast := i == len(test.rows)-1; {
				case err != nil && streak == nil, (!isLast || test.want == nil) && streak != nil:
					t.Fatalf("row %d ends the run: %v", i+1, err)
				case isLast && test.want != nil && (streak == nil || *streak != *test.want):
					t.Errorf("the last row: %v, want %v", err, test.want)
				}
			}
		})
	}
}

// TestStreakOfOneStatus: users of one status are told from users that have
// nothing in common.
func TestStreakOfOneStatus(t *testing.T) {
	for rows, want := range map[string]string{"AAA": "A", "AAB": "", "ABA": "", "A-A": "", "---": ""} {
		h := newHealth(1, Options{MaxConsecutiveFailures: 3}, nil)
		var err error
		for _, status := range strings.Split(rows, "") {
			err = h.finished(Result{Status: StatusFailed, UserStatus: strings.Trim(status, "-")})
		}
		if streak, ok := errors.AsType[*StreakError](err); !ok || streak.UserStatus != want {
			t.Errorf("%s: %v, want a streak of users that are %q", rows, err, want)
		}
	}
}

func TestErrorTexts(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{&StreakError{Rows: 100, Code: "UserNotFoundException"},
			"100 rows in a row failed, the last with UserNotFoundException"},
		{&StreakError{Rows: 10, Trigger: true, Code: "UserLambdaValidationException"},
			"the trigger failed for 10 rows in a row, the last with UserLambdaValidationException"},
		{&StreakError{Rows: 20, Of: 100, Trigger: true, Code: "UserLambdaValidationException"},
			"the trigger failed for 20 of the last 100 rows, the last with UserLambdaValidationException"},
		{&StreakError{Rows: 100, UserStatus: "FORCE_CHANGE_PASSWORD", Code: "NotAuthorizedException"},
			"100 users in a row are FORCE_CHANGE_PASSWORD"},
		{&StallError{Timeout: 5 * time.Minute, Code: "timeout", Cause: "no answer in time"},
			"no call got through for 5m0s; the last one: no answer in time"},
		{&FatalError{Code: "ExpiredTokenException", Line: 7}, "ExpiredTokenException, the answer for the row on line 7"},
		{&StreakError{Rows: 1, Code: "UserNotFoundException"}, "1 row failed, with UserNotFoundException"},
	} {
		if test.err.Error() != test.want {
			t.Errorf("got  %s\nwant %s", test.err, test.want)
		}
	}
}
