package fakecognito

import (
	"maps"
	"slices"
	"strings"
)

// updateAttributes is AdminUpdateUserAttributes: quota, then faults, then the user.
func (s *Server) updateAttributes(call *Call, in *input) answer {
	if !s.updateBucket.take(call.Received) {
		return s.refuse()
	}
	return s.meet(call, *in.UserPoolID, func(call *Call) answer { return s.update(call, in.UserAttributes) })
}

// update changes the attributes of a user, all or none. An alias that becomes
// verified is taken from whoever has it, without a word.
func (s *Server) update(call *Call, changes []attribute) answer {
	u := s.users.find(call.Username)
	if u == nil && s.options.AcceptAnyone {
		call.Updated = true
		return succeeded([]byte("{}"))
	}
	if u == nil {
		return refused(exception{"UserNotFoundException", "User does not exist."})
	}
	i := s.users.index[u.name]
	after := make(map[string]string)
	for _, a := range slices.Concat(s.users.attributes[i], changes) {
		after[a.Name] = a.Value
	}
	for _, name := range slices.Sorted(maps.Keys(after)) {
		of, isMark := strings.CutSuffix(name, "_verified")
		if isMark && after[of] == "" && after[name] == "true" && !s.options.AcceptAnyone {
			return refused(invalidParameter("The user has no " + of + " that could be verified."))
		}
	}
	s.users.change(i, changes)
	u.set(u.status, call.Received)
	call.Updated = true
	return succeeded([]byte("{}"))
}
