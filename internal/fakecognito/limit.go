package fakecognito

import (
	"math"
	"net/http"
)

const getProvisionedLimit = "GetProvisionedLimit"

// limitDefinition tells which of the account's limits is meant.
type limitDefinition struct {
	LimitClass string
	Attributes map[string]string
}

// freeQuota is what every account has, in calls a second.
const freeQuota = 50

// tellLimit is GetProvisionedLimit. It is about the account and not about a user, so
// it meets no faults, and is left out of the log and of the count of calls.
func (s *Server) tellLimit(r *http.Request, in *input, refusal exception) answer {
	out := refused(refusal)
	if refusal.code == "" {
		out = s.limit(in.LimitDefinition)
	}
	out.requestID, out.delay = newRequestID(), s.options.Latency
	out.wait(r.Context())
	return out
}

func (s *Server) limit(asked *limitDefinition) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.LimitCalls++
	rate := s.bucket.rate
	if s.options.HideQuota || rate <= 0 {
		return refused(exception{code: "UnknownOperationException"})
	}
	if asked == nil || asked.LimitClass != "API_CATEGORY" || asked.Attributes["Category"] != "UserCreation" {
		return refused(invalidParameter("The stand-in has no limit but that of the category UserCreation."))
	}
	type limit struct {
		LimitDefinition                       *limitDefinition
		ProvisionedLimitValue, FreeLimitValue int32
	}
	return succeeded(mustJSON(struct{ Limit limit }{limit{asked, int32(max(1, math.Round(rate))), freeQuota}}))
}
