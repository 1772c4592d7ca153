package fakecognito

import (
	"fmt"
	"strings"
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
