package fakecognito

import (
	"cmp"
	"strings"
)

// meet does what a call asks for, or lets it meet the fault that is due.
func (s *Server) meet(call *Call, userPoolID string, do func(*Call) answer) answer {
	isUpdate := call.Operation != "AdminConfirmSignUp"
	fault, struck := s.strike(call.Username, isUpdate)
	if !struck {
		return do(call)
	}
	s.counts.Faults++

	truth := answer{}
	trigger := fault.Kind == FaultException && isTrigger(fault.Code) && !isUpdate
	if fault.Confirms || trigger || fault.Kind == FaultSlow || fault.Kind == FaultTruncated {
		truth = do(call)
	}
	out := truth
	switch fault.Kind {
	case FaultException:
		if trigger && !call.Confirmed {
			break // without a confirmation the trigger does not run
		}
		message := strings.ReplaceAll(usualMessage(fault.Code, userPoolID), "AdminConfirmSignUp", call.Operation)
		out = refused(exception{fault.Code, cmp.Or(fault.Message, message)})
	case FaultHTTP:
		out = page(fault.Code)
	case FaultReset:
		out = answer{code: "reset", ending: reset}
	case FaultHang:
		out = answer{code: "hang", ending: hang}
	case FaultTruncated:
		out.code, out.ending = "truncated", truncated
	}
	out.delay = fault.Delay
	return out
}
