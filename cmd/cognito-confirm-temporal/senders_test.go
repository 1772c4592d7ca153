package main

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

// engineUser is in the name of every user, to be looked for where none may be.
const engineUser = "zaphod"

// userName returns the name of the user on a row.
func userName(row int) string { return fmt.Sprintf("%s%06d", engineUser, row) }

// interruption is a reason for which the worker that sends may be another one, although
// the chunk is the same.
type interruption struct {
	worker   string // empty: all
	from, to time.Time
}

// callEnds is what a call that was sent in time may take to arrive.
const callEnds = time.Second

// explains reports whether a worker that sent last at a time could be followed by
// another one.
func (i interruption) explains(worker string, last, next time.Time) bool {
	return (i.worker == "" || i.worker == worker) && next.After(i.from) && last.Before(i.to.Add(callEnds))
}

var appID = regexp.MustCompile(`\bapp/(worker-\d+)`)

// oneSender looks in the calls, which are in order of arrival, for a breach of the
// promise that one worker at a time sends: calls of two workers that overlap, or a
// worker that sends for a chunk after another one that was not interrupted, as one that
// has come back would. changes is how often the sender changed.
func oneSender(calls []fakecognito.Call, chunkRows int, interruptions []interruption) (changes int, breaks []string) {
	sender, chunk := "", 0
	var last time.Time
	answered := make(map[string]time.Time)
	for _, call := range calls {
		found := appID.FindStringSubmatch(call.UserAgent)
		row, err := strconv.Atoi(strings.TrimPrefix(call.Username, engineUser))
		if found == nil || err != nil {
			return changes, append(breaks, fmt.Sprintf("a call of %q for %q", call.UserAgent, call.Username))
		}
		worker := found[1]
		for other, at := range answered {
			if other != worker && at.After(call.Received) {
				breaks = append(breaks, fmt.Sprintf("%s and %s send at the same time, for %v", other, worker, at.Sub(call.Received)))
			}
		}
		if worker != sender && sender != "" {
			changes++
			explained := row/chunkRows > chunk
			for _, i := range interruptions {
				explained = explained || i.explains(sender, last, call.Received)
			}
			if !explained {
				breaks = append(breaks, fmt.Sprintf("%s sends for chunk %d, and nothing has happened to %s", worker, row/chunkRows, sender))
			}
		}
		sender, chunk, last = worker, row/chunkRows, call.Received
		if call.Answered.After(answered[worker]) {
			answered[worker] = call.Answered
		}
	}
	return changes, breaks
}

// TestOneSender: what the matrix would find, with chunks of ten rows and a call a second.
func TestOneSender(t *testing.T) {
	began := time.Now()
	at := func(second float64) time.Time { return began.Add(time.Duration(second * float64(time.Second))) }
	harm := []interruption{{"worker-1", at(2.5), at(2.5)}}
	for name, test := range map[string]struct {
		senders string // of the calls, one a second
		rows    []int
		takes   float64 // seconds
		harms   []interruption
		changes int
		breaks  []string
	}{
		"one":                      {"1111", []int{0, 1, 2, 3}, 0.5, nil, 0, nil},
		"calls on their way":       {"1111", []int{0, 1, 2, 3}, 3, nil, 0, nil},
		"another chunk":            {"1122", []int{8, 9, 10, 11}, 0.5, nil, 1, nil},
		"killed":                   {"111222", []int{0, 1, 2, 2, 3, 4}, 0.5, harm, 1, nil},
		"nothing has happened":     {"111222", []int{0, 1, 2, 2, 3, 4}, 0.5, nil, 1, []string{"worker-2 sends for chunk 0, and nothing has happened to worker-1"}},
		"it comes back":            {"11122122", []int{0, 1, 2, 2, 3, 4, 5, 6}, 0.5, harm, 3, []string{"worker-1 sends for chunk 0, and nothing has happened to worker-2", "worker-2 sends for chunk 0, and nothing has happened to worker-1"}},
		"it comes back too late":   {"11122122", []int{0, 1, 2, 2, 13, 4, 15, 16}, 0.5, harm, 3, []string{"worker-1 sends for chunk 0, and nothing has happened to worker-2"}},
		"at the same time":         {"111222", []int{0, 1, 2, 12, 13, 14}, 1.5, nil, 1, []string{"worker-1 and worker-2 send at the same time, for 500ms"}},
		"again, for another chunk": {"11122111", []int{0, 1, 2, 2, 3, 14, 15, 16}, 0.5, harm, 2, nil},
	} {
		var calls []fakecognito.Call
		for i, sender := range test.senders {
			calls = append(calls, fakecognito.Call{
				UserAgent: "aws-sdk-go-v2/1.48.0 app/worker-" + string(sender) + " m/E", Username: userName(test.rows[i]),
				Received: at(float64(i)), Answered: at(float64(i) + test.takes),
			})
		}
		changes, breaks := oneSender(calls, 10, test.harms)
		if changes != test.changes || strings.Join(breaks, "\n") != strings.Join(test.breaks, "\n") {
			t.Errorf("%s: %d changes, %q", name, changes, breaks)
		}
	}
	if _, breaks := oneSender([]fakecognito.Call{{UserAgent: "aws-sdk-go-v2/1.48.0 m/E", Username: userName(1)}}, 10, nil); len(breaks) != 1 {
		t.Errorf("a call of nobody: %q", breaks)
	}
}
