package fakecognito

import "encoding/json"

// confirmSignUp is AdminConfirmSignUp: quota, then faults, then the user.
func (s *Server) confirmSignUp(call *Call, userPoolID string) answer {
	if !s.bucket.take(call.Received) {
		return s.refuse()
	}
	return s.meet(call, userPoolID, s.confirm)
}

// refuse is the answer to a call over the quota.
func (s *Server) refuse() answer {
	s.counts.Refused++
	return s.refusal.answer()
}

// confirm confirms the user of the call, if the user can be.
func (s *Server) confirm(call *Call) answer {
	u := s.users.find(call.Username)
	switch {
	case u == nil && s.options.AcceptAnyone:
		if s.options.Remember {
			s.users.put(User{Username: call.Username, Status: Confirmed}, call.Received)
		}
	case u == nil:
		return refused(exception{"UserNotFoundException", "User does not exist."})
	case u.status != Unconfirmed:
		return refused(exception{"NotAuthorizedException",
			"User cannot be confirmed. Current status is " + u.status.String()})
	default:
		u.set(Confirmed, call.Received)
	}
	call.Confirmed = true
	return succeeded([]byte("{}"))
}

func (s *Server) signUp(call *Call, in *input) answer {
	if !s.bucket.take(call.Received) {
		return s.refuse()
	}
	if s.users.find(call.Username) != nil {
		return refused(exception{"UsernameExistsException", "User already exists"})
	}
	u := User{Username: call.Username, Attributes: make(map[string]string)}
	for _, a := range in.UserAttributes {
		u.Attributes[a.Name] = a.Value
	}
	made := s.users.put(u, call.Received)
	return succeeded(mustJSON(struct {
		UserConfirmed bool
		UserSub       string
	}{false, s.users.sub(s.users.index[made.name])}))
}

func (s *Server) getUser(username string) answer {
	u := s.users.find(username)
	if u == nil && s.options.AcceptAnyone {
		u = &user{name: username}
	}
	if u == nil {
		return refused(exception{"UserNotFoundException", "User does not exist."})
	}
	return succeeded(mustJSON(struct {
		userDescription
		UserAttributes []attribute
	}{describe(u), s.attributes(u)}))
}

// userDescription is what AdminGetUser and ListUsers have in common. The times
// are in seconds since 1970, as in the protocol.
type userDescription struct {
	Username             string
	Enabled              bool
	UserStatus           string
	UserCreateDate       uint32
	UserLastModifiedDate uint32
}

func describe(u *user) userDescription {
	return userDescription{
		Username:             u.name,
		Enabled:              !u.disabled,
		UserStatus:           u.status.String(),
		UserCreateDate:       u.created,
		UserLastModifiedDate: u.modified,
	}
}

// attributes returns the user's attributes. A user whom only AcceptAnyone accepts
// has a sub.
func (s *Server) attributes(u *user) []attribute {
	if i, listed := s.users.index[u.name]; listed {
		return s.users.all(i)
	}
	return []attribute{{"sub", madeUpUUID(u.name)}}
}

// mustJSON encodes our own answer types, which cannot fail.
func mustJSON(value any) []byte {
	body, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return body
}
