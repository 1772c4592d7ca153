package fakecognito

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// FaultRule is a fault and the calls that meet it: those for one user, or a
// share of all calls.
type FaultRule struct {
	Username string  // empty: by share
	Share    float64 // above 0, up to 1; ignored when there is a Username
	Fault    Fault
}

// ParseFault reads a fault as a command line gives it:
//
//	share:kind[+confirmed][+update][@delay][:times]
//	username=kind[+confirmed][+update][@delay][:times]
//
// share is a number above 0 and up to 1. kind is the name of an exception (see
// [Exceptions]), an HTTP status of three digits, or one of reset, hang, slow
// (which needs a delay) and truncated. "+confirmed" makes the confirmation take
// effect before the fault. delay is a duration such as 500ms or 20s. times is
// the number of calls that meet it. A username may contain any character: the
// last "=" ends it. Examples:
//
//	0.01:InternalErrorException
//	0.002:reset+confirmed
//	0.05:503:100
//	alice=UserLambdaValidationException
//	bob@example.com=slow@20s:2
func ParseFault(text string) (FaultRule, error) {
	var rule FaultRule
	var rest string
	if split := strings.LastIndexByte(text, '='); split >= 0 {
		rule.Username, rest = text[:split], text[split+1:]
		if rule.Username == "" {
			return FaultRule{}, fmt.Errorf("fault %q: the username is empty", text)
		}
	} else {
		share, after, found := strings.Cut(text, ":")
		if !found {
			return FaultRule{}, fmt.Errorf("fault %q: want share:kind or username=kind", text)
		}
		number, err := strconv.ParseFloat(share, 64)
		if err != nil || !(number > 0 && number <= 1) {
			return FaultRule{}, fmt.Errorf("fault %q: share %q is not a number above 0 and up to 1", text, share)
		}
		rule.Share, rest = number, after
	}
	fault, err := parseFaultKind(rest)
	if err != nil {
		return FaultRule{}, fmt.Errorf("fault %q: %w", text, err)
	}
	rule.Fault = fault
	return rule, nil
}

// AddFault adds a rule to those in force. A further fault of one user strikes
// after the earlier ones are used up.
func (s *Server) AddFault(rule FaultRule) {
	if rule.Username == "" {
		s.SetFaultShare(rule.Share, rule.Fault)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.userFaults[rule.Username] = append(s.userFaults[rule.Username], rule.Fault)
}

// parseFaultKind reads kind[+confirmed][+update][@delay][:times].
func parseFaultKind(text string) (Fault, error) {
	var fault Fault
	text, times, found := strings.Cut(text, ":")
	if found {
		n, err := strconv.Atoi(times)
		if err != nil || n < 1 {
			return Fault{}, fmt.Errorf("times %q is not a whole number above 0", times)
		}
		fault.Times = n
	}
	text, delay, found := strings.Cut(text, "@")
	if found {
		d, err := time.ParseDuration(delay)
		if err != nil || d <= 0 {
			return Fault{}, fmt.Errorf("delay %q is not a duration above 0, such as 500ms", delay)
		}
		fault.Delay = d
	}
	text, fault.Update = strings.CutSuffix(text, "+update")
	text, fault.Confirms = strings.CutSuffix(text, "+confirmed")

	switch text {
	case "reset":
		fault.Kind = FaultReset
	case "hang":
		fault.Kind = FaultHang
	case "truncated":
		fault.Kind = FaultTruncated
	case "slow":
		fault.Kind = FaultSlow
		if fault.Delay == 0 {
			return Fault{}, fmt.Errorf("slow needs a delay, such as slow@5s")
		}
	default:
		fault.Code = text
		if _, err := parseHTTPStatus(text); err == nil {
			fault.Kind = FaultHTTP
		} else if !slices.Contains(Exceptions(), text) {
			return Fault{}, fmt.Errorf("kind %q is none of reset, hang, slow, truncated, an HTTP status, %s",
				text, strings.Join(Exceptions(), ", "))
		}
	}
	return fault, nil
}

// parseHTTPStatus reads a status that can be a final answer, so not 1xx.
func parseHTTPStatus(code string) (int, error) {
	status, err := strconv.Atoi(code)
	if err != nil || status < 200 || status > 599 {
		return 0, fmt.Errorf("%q is not an HTTP status between 200 and 599", code)
	}
	return status, nil
}
