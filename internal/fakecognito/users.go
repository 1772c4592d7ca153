package fakecognito

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// User is a user of the pool. Only Username is required.
type User struct {
	// Username is what the pool calls the user. In a pool with
	// [Options.UsernameAttributes] it may be an e-mail address or a phone number:
	// it is then that attribute, and the pool calls the user by a UUID.
	Username string
	Status   Status
	Disabled bool
	// Created is when the user was made, in whole seconds. Zero: now.
	Created time.Time
	// Attributes are the user's attributes by name, such as "email",
	// "email_verified" and "custom:team". Without a "sub", one is made up.
	Attributes map[string]string
}

// Status is the state of a user in the pool. The zero value is [Unconfirmed].
type Status uint8

// The statuses that a user can have; only an Unconfirmed user can be confirmed.
const (
	Unconfirmed         Status = iota // signed up, not confirmed yet
	Confirmed                         // may sign in
	ForceChangePassword               // made by an administrator, still with a temporary password
	ResetRequired                     // made by a CSV import, has no password yet
	ExternalProvider                  // signs in through another identity provider
)

var statuses = [...]string{"UNCONFIRMED", "CONFIRMED", "FORCE_CHANGE_PASSWORD", "RESET_REQUIRED", "EXTERNAL_PROVIDER"}

// String returns the name that the service uses, such as "FORCE_CHANGE_PASSWORD".
func (s Status) String() string { return statuses[s] }

// parseStatus reads a status name in any case.
func parseStatus(name string) (Status, error) {
	i := slices.IndexFunc(statuses[:], func(known string) bool { return strings.EqualFold(name, known) })
	if i < 0 {
		return 0, fmt.Errorf("unknown status %q", name)
	}
	return Status(i), nil
}

// AddUser is [Server.PutUser] with no more than a name and a status.
func (s *Server) AddUser(username string, status Status) {
	s.PutUser(User{Username: username, Status: status})
}

// PutUser puts a user into the pool, or changes an existing one: attributes that
// are not given stay. A verified alias that another user has is taken from that
// user. PutUser checks nothing against the constraints of the service.
func (s *Server) PutUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users.put(u, time.Now())
}

// UserStatus returns the status of a user, and whether the pool knows the user. It
// finds users by all names by which the service does. It does not know users that
// only [Options.AcceptAnyone] accepts.
func (s *Server) UserStatus(username string) (Status, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.users.find(username); u != nil {
		return u.status, true
	}
	return 0, false
}

// Attribute returns an attribute of a user, empty where there is none.
func (s *Server) Attribute(username, name string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, known := s.users.position(username)
	if !known {
		return ""
	}
	return valueOf(s.users.attributes[i], name)
}
