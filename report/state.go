package report

import (
	"sync"

	"cognito-confirm/worker"
)

// State is what a recorder knows at one moment.
type State struct {
	// ThisRun counts what this run has written to the report, Earlier what
	// was in it before.
	ThisRun, Earlier Counts
	// Retried counts the rows of earlier runs that this one does again, and that
	// are not in Earlier. TriggersKept counts those that it leaves alone because
	// their trigger failed.
	Retried, TriggersKept int
	// Lost counts results of this run that could not be written.
	Lost int
	// Swallowed is the longest range of lines that was read as one malformed
	// record in any run, zero when there was none.
	Swallowed Lines
}

// Lines is a range of lines of the input, both ends in it.
type Lines struct {
	First int `json:"first"`
	Last  int `json:"last"`
}

// sharedState is a State that goroutines share.
type sharedState struct {
	mu    sync.Mutex
	state State
}

func (s *sharedState) get() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := s.state
	state.ThisRun, state.Earlier = state.ThisRun.clone(), state.Earlier.clone()
	return state
}

// addWritten counts results of this run and the lines that were written of them.
func (s *sharedState) addWritten(results []worker.Result, lines []Line) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, line := range lines {
		s.state.ThisRun.add(line)
		s.state.noteSwallowed(results[i].Row)
	}
}

// addLost counts results of this run that were not written.
func (s *sharedState) addLost(results int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Lost += results
}

// addEarlierRow notes what only the input knows of a row of an earlier run.
func (s *sharedState) addEarlierRow(row worker.Row) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.noteSwallowed(row)
}

// noteSwallowed keeps the lines of a malformed record that took more than its
// own line with it.
func (s *State) noteSwallowed(row worker.Row) {
	if row.LastLine-row.Line > s.Swallowed.Last-s.Swallowed.First {
		s.Swallowed = Lines{row.Line, row.LastLine}
	}
}
