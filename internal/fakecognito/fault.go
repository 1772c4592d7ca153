package fakecognito

import (
	"slices"
	"time"
)

// FaultKind is the way in which a call goes wrong.
type FaultKind uint8

// The kinds of faults. The call has no effect unless the comment or
// [Fault.Confirms] tells otherwise.
const (
	// FaultException answers with the exception named by [Fault.Code]. The three
	// exceptions of a Lambda trigger leave the user confirmed, as with the
	// service. The trigger runs only for a user who is UNCONFIRMED; for others
	// the answer is the usual one.
	FaultException FaultKind = iota
	// FaultHTTP answers with the HTTP status in [Fault.Code] and an HTML page,
	// as a proxy or a load balancer does: "429", "503", "302" (with a Location),
	// or "200" for a captive portal.
	FaultHTTP
	// FaultReset resets the connection instead of answering.
	FaultReset
	// FaultHang does not answer; it waits until the client gives up.
	FaultHang
	// FaultSlow lets the call take effect and answers after [Fault.Delay].
	FaultSlow
	// FaultTruncated lets the call take effect and cuts off its answer in the
	// middle of the body.
	FaultTruncated
)

// Fault is a way in which calls of AdminConfirmSignUp or AdminUpdateUserAttributes
// go wrong. Other operations have no faults, so that they always show what
// happened. A call that the quota refuses does not meet a fault.
type Fault struct {
	// Update makes calls of AdminUpdateUserAttributes go wrong, in place of
	// AdminConfirmSignUp.
	Update bool

	// Kind is what happens. The zero value is an exception.
	Kind FaultKind

	// Code is the exception's name, or the HTTP status as three digits.
	Code string

	// Message is the exception's text. Empty: the service's usual one.
	Message string

	// Confirms makes the call take effect before the fault: the user is confirmed
	// or updated, but the caller does not learn it.
	Confirms bool

	// Times is the number of calls that meet the fault; then it is gone. Zero:
	// all of them.
	Times int

	// Delay is added to the usual latency, with every kind.
	Delay time.Duration
}

type shareFault struct {
	share float64
	fault Fault
}

// SetFault makes the calls for one user go wrong. Several faults strike one
// after the other, each for Times calls; after the last, the user's calls are
// normal. SetFault replaces the faults that the user had; without faults it clears
// them. Faults of a user come before those by share.
func (s *Server) SetFault(username string, faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(faults) == 0 {
		delete(s.userFaults, username)
		return
	}
	s.userFaults[username] = slices.Clone(faults)
}

// SetFaultShare makes a random share of all calls, between 0 and 1, go wrong.
// Several shares add up, and no call meets two of them; what exceeds 1 in sum has
// no effect.
func (s *Server) SetFaultShare(share float64, fault Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shareFaults = append(s.shareFaults, shareFault{share, fault})
}

// ClearFaults removes all faults, of users and by share.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.userFaults)
	s.shareFaults = nil
}

// SetOutage makes all calls of either operation meet the fault, before any other, until SetOutage is
// called with nil. Live traffic goes on: its numbers are about the quota.
func (s *Server) SetOutage(fault *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outage = fault
}

// isSpent counts a call that meets the fault, and reports whether it was the last. A
// fault without Times never ends: its count goes below zero.
func (f *Fault) isSpent() bool {
	f.Times--
	return f.Times == 0
}

// strike returns the fault that the next call for the user meets, if any. The
// caller holds the lock.
func (s *Server) strike(username string, isUpdate bool) (Fault, bool) {
	if s.outage != nil {
		return *s.outage, true
	}
	isOfCall := func(f Fault) bool { return f.Update == isUpdate }
	if at := slices.IndexFunc(s.userFaults[username], isOfCall); at >= 0 {
		faults := s.userFaults[username]
		fault := faults[at]
		if faults[at].isSpent() {
			s.userFaults[username] = slices.Delete(faults, at, at+1)
		}
		return fault, true
	}
	if !slices.ContainsFunc(s.shareFaults, func(f shareFault) bool { return isOfCall(f.fault) }) {
		return Fault{}, false
	}
	draw := s.random.Float64()
	for i := range s.shareFaults {
		sharing := &s.shareFaults[i]
		if !isOfCall(sharing.fault) {
			continue
		}
		if draw >= sharing.share {
			draw -= sharing.share
			continue
		}
		fault := sharing.fault
		if sharing.fault.isSpent() {
			s.shareFaults = slices.Delete(s.shareFaults, i, i+1)
		}
		return fault, true
	}
	return Fault{}, false
}
