package fakecognito

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"
)

// Status is the state of a user in the pool. The zero value is [Unconfirmed].
type Status uint8

// The statuses that a user can have; only an Unconfirmed user can be confirmed.
const (
	Unconfirmed         Status = iota // signed up, not confirmed yet
	Confirmed                         // may sign in
	ForceChangePassword               // made by an administrator, still with a temporary password
	ResetRequired                     // made by a CSV import, has no password yet
	ExternalProvider                  // signs in through another identity provider
	statusCount
)

// String returns the name that the service uses, such as "FORCE_CHANGE_PASSWORD".
func (s Status) String() string {
	switch s {
	case Unconfirmed:
		return "UNCONFIRMED"
	case Confirmed:
		return "CONFIRMED"
	case ForceChangePassword:
		return "FORCE_CHANGE_PASSWORD"
	case ResetRequired:
		return "RESET_REQUIRED"
	case ExternalProvider:
		return "EXTERNAL_PROVIDER"
	}
	return fmt.Sprintf("Status(%d)", uint8(s))
}

// parseStatus reads a status name in any case.
func parseStatus(name string) (Status, error) {
	for s := range statusCount {
		if strings.EqualFold(name, s.String()) {
			return s, nil
		}
	}
	return 0, fmt.Errorf("unknown status %q", name)
}

// directory holds the users in the order in which they were added, which is also
// the order of ListUsers.
type directory struct {
	index      map[string]uint32 // position in users
	users      []user
	attributes map[uint32][]attribute // of the few users that have any
}

// user is small, because a million of them must fit beside a benchmark.
type user struct {
	name              string
	created, modified uint32 // Unix time in seconds
	status            Status
}

// attribute is a user attribute, as SignUp takes it and AdminGetUser returns it.
type attribute struct {
	Name  string
	Value string
}

func newDirectory() directory {
	return directory{index: make(map[string]uint32), attributes: make(map[uint32][]attribute)}
}

// find returns the user, or nil. The pointer is valid until the next set.
func (d *directory) find(name string) *user {
	if i, ok := d.index[name]; ok {
		return &d.users[i]
	}
	return nil
}

// set adds the user, or changes the status of an existing one.
func (d *directory) set(name string, status Status, now time.Time) *user {
	seconds := uint32(now.Unix())
	if u := d.find(name); u != nil {
		u.status, u.modified = status, seconds
		return u
	}
	d.index[name] = uint32(len(d.users))
	d.users = append(d.users, user{name: name, created: seconds, modified: seconds, status: status})
	return &d.users[len(d.users)-1]
}

// sub is the user's permanent id: like a UUID, and derived from the name so that
// it needs no memory.
func (u *user) sub() string {
	sum := sha256.Sum256([]byte(u.name))
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// AddUser puts a user into the pool, or sets the status of an existing one. It
// does not check the username against the constraints of the service.
func (s *Server) AddUser(username string, status Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users.set(username, status, time.Now())
}

// UserStatus returns the status of a user, and whether the pool knows the user.
// It does not know users that only [Options.AcceptAnyone] accepts.
func (s *Server) UserStatus(username string) (Status, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u := s.users.find(username); u != nil {
		return u.status, true
	}
	return 0, false
}
