package userpool

import (
	"fmt"
	"slices"
	"time"

	"cognito-confirm/internal/cognito"
)

// Selection is which users of a pool are meant. The zero value is all of them.
type Selection struct {
	// Statuses are the service's names. Empty: any.
	Statuses []string
	// CreatedAfter and CreatedBefore are exclusive. Zero: no bound. A user with an
	// unknown date is outside of both.
	CreatedAfter, CreatedBefore time.Time
	// EnabledOnly leaves out users whom an administrator has shut out.
	EnabledOnly bool
}

// Filter is what the service can select. It takes one condition; the rest is for
// Has, which checks this one too, for some endpoints ignore it.
func (s Selection) Filter() string {
	switch {
	case len(s.Statuses) == 1:
		return fmt.Sprintf("cognito:user_status = %q", s.Statuses[0])
	case s.EnabledOnly:
		return `status = "Enabled"`
	}
	return ""
}

// Has reports whether a user is meant.
func (s Selection) Has(u cognito.User) bool {
	switch {
	case len(s.Statuses) > 0 && !slices.Contains(s.Statuses, u.Status),
		s.EnabledOnly && !u.Enabled,
		!s.CreatedAfter.IsZero() && !u.CreatedAt.After(s.CreatedAfter),
		!s.CreatedBefore.IsZero() && (u.CreatedAt.IsZero() || !u.CreatedAt.Before(s.CreatedBefore)):
		return false
	}
	return true
}
