package fakecognito

import (
	"fmt"
	"slices"
	"strings"
)

// Refusal is how calls over the quota are refused. A service that is overloaded
// does not always answer in its own protocol.
type Refusal uint8

const (
	// RefuseThrottled answers with TooManyRequestsException, as the service does.
	RefuseThrottled Refusal = iota
	// Refuse503 answers with status 503 and an HTML page, as a load balancer does.
	Refuse503
	// Refuse500 answers with InternalErrorException.
	Refuse500
	// RefuseReset resets the connection.
	RefuseReset
)

var refusals = [...]string{
	RefuseThrottled: "throttle",
	Refuse503:       "503",
	Refuse500:       "500",
	RefuseReset:     "reset",
}

// ParseRefusal reads a refusal as a command line gives it: throttle, 503, 500 or
// reset.
func ParseRefusal(text string) (Refusal, error) {
	i := slices.Index(refusals[:], text)
	if i < 0 {
		return 0, fmt.Errorf("%q is none of %s", text, strings.Join(refusals[:], ", "))
	}
	return Refusal(i), nil
}

// String returns the refusal as [ParseRefusal] reads it.
func (r Refusal) String() string { return refusals[r] }

// answer is the answer to a call that is refused.
func (r Refusal) answer() answer {
	switch r {
	case Refuse503:
		return page("503")
	case Refuse500:
		return refused(exception{"InternalErrorException", usualMessage("InternalErrorException", "")})
	case RefuseReset:
		return answer{code: "reset", ending: reset}
	default:
		return refused(exception{"TooManyRequestsException", "Rate exceeded"})
	}
}
