package fakecognito

import (
	"maps"
	"slices"
	"time"
)

// Call is one call that the server received, as its log keeps it.
type Call struct {
	Operation string    // such as "AdminConfirmSignUp"; empty when the server could not tell
	Username  string    // empty for ListUsers
	Received  time.Time // when the whole request had arrived
	Answered  time.Time // when the answer was given or withheld; zero while the call is in flight

	// Code is the answer: empty for success, the name of an exception, the
	// status of a plain HTTP answer ("503"), or "reset", "hang" or "truncated"
	// when the caller did not get a whole answer.
	Code string

	// Confirmed is whether this call confirmed the user, Updated whether it changed
	// the user's attributes, whatever the answer.
	Confirmed, Updated bool

	ClientMetadata map[string]string // as it was sent; nil for none
	UserAgent      string            // as it was sent
	RequestID      string            // the x-amzn-RequestId of the answer
}

// Counts are totals since the server was made.
type Counts struct {
	Calls         int64 // received, of every operation on users, without live traffic
	LimitCalls    int64 // received, of GetProvisionedLimit
	Throttled     int64 // answered with a throttle, by the quota or by a fault
	Refused       int64 // refused by the quota, in any of the ways of [Refusal]
	Confirmed     int64 // calls that confirmed a user
	Updated       int64 // calls that changed a user's attributes
	Faults        int64 // calls that met a fault
	MaxInFlight   int64 // the most calls in flight at one moment
	Connections   int64 // opened by clients, where [Server.ConnState] is set
	LiveCalls     int64 // simulated live sign-ups
	LiveThrottled int64 // live sign-ups that the quota refused, in any of those ways
}

// Calls returns a copy of the log in order of arrival. It is empty without
// [Options.LogCalls].
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := slices.Clone(s.calls)
	for i := range calls {
		calls[i].ClientMetadata = maps.Clone(calls[i].ClientMetadata)
	}
	return calls
}

// Counts returns the totals up to now.
func (s *Server) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := s.counts
	counts.Connections = s.connections.Load()
	return counts
}

// begin counts a call and returns its place in the log. The caller holds the lock.
func (s *Server) begin(call Call) int {
	s.counts.Calls++
	if isThrottle(call.Code) {
		s.counts.Throttled++
	}
	if call.Confirmed {
		s.counts.Confirmed++
	}
	if call.Updated {
		s.counts.Updated++
	}
	s.inFlight++
	s.counts.MaxInFlight = max(s.counts.MaxInFlight, int64(s.inFlight))
	if s.options.LogCalls {
		s.calls = append(s.calls, call)
	}
	return len(s.calls) - 1
}

// end completes the call in the log before its answer leaves, so that it is
// complete for whoever has the answer.
func (s *Server) end(place int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inFlight--
	if s.options.LogCalls {
		s.calls[place].Answered = time.Now()
	}
}
