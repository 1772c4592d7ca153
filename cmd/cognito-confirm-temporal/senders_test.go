//go:build e2e || kill

package main

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// interruption is a reason for which the worker that sends may be another one, although
// the chunk is the same.
type interruption struct {
	worker   string // empty: all
	from, to time.Time
}

func (s *stage) interrupted(worker string, from, to time.Time) {
	s.harms = append(s.harms, interruption{worker, from, to})
}

// callEnds is what a call that was sent in time may take to arrive.
const callEnds = time.Second

// explains reports whether a worker that sent last at a time could be followed by
// another one.
func (i interruption) explains(worker string, last, next time.Time) bool {
	return (i.worker == "" || i.worker == worker) && next.After(i.from) && last.Before(i.to.Add(callEnds))
}

var appID = regexp.MustCompile(`\bapp/(worker-\d+)`)

// wantOneSender fails if calls of two workers overlap, or if a worker sends for a chunk
// after another one has, and that one was not interrupted: as one that has come back
// would. It returns how often the sender changed.
func (s *stage) wantOneSender(chunkRows int) (changes int) {
	s.t.Helper()
	sender, chunk := "", 0
	var last time.Time
	answered := make(map[string]time.Time)
	for _, call := range s.calls() {
		found := appID.FindStringSubmatch(call.UserAgent)
		row, err := strconv.Atoi(strings.TrimPrefix(call.Username, engineUser))
		if found == nil || err != nil {
			s.t.Fatalf("a call of %q for %q", call.UserAgent, call.Username)
		}
		worker := found[1]
		for other, at := range answered {
			if other != worker && at.After(call.Received) {
				s.t.Errorf("%s and %s send at the same time, for %v", other, worker, at.Sub(call.Received))
			}
		}
		if worker != sender && sender != "" {
			changes++
			explained := row/chunkRows > chunk
			for _, i := range s.harms {
				explained = explained || i.explains(sender, last, call.Received)
			}
			if !explained {
				s.t.Errorf("%s sends for chunk %d, and nothing has happened to %s, which has it", worker, row/chunkRows, sender)
			}
		}
		sender, chunk, last = worker, row/chunkRows, call.Received
		if call.Answered.After(answered[worker]) {
			answered[worker] = call.Answered
		}
	}
	return changes
}
