package audit

import (
	"slices"

	"cognito-confirm/internal/cognito"
)

// name is a name that a user may stand under in an input.
type name struct {
	text string
	kind nameKind
}

// namesOf returns the names of a user, each once, the best first. Without settings,
// the user has to tell: only in a pool where people sign in with an attribute is the
// username the sub, and an alias is verified.
func namesOf(u cognito.User, settings *cognito.PoolSettings, names []name) []name {
	names = append(names[:0], name{u.Username, byUsername})
	add := func(text string, kind nameKind) {
		if text != "" && !slices.ContainsFunc(names, func(n name) bool { return n.text == text }) {
			names = append(names, name{text, kind})
		}
	}
	sub := u.Attributes["sub"]
	add(sub, bySub)
	finds := func(attribute string, isVerified bool) bool {
		if settings == nil {
			return isVerified || u.Username == sub
		}
		return slices.Contains(settings.UsernameAttributes, attribute) ||
			isVerified && slices.Contains(settings.AliasAttributes, attribute)
	}
	for _, a := range [...]struct {
		attribute   string
		isVerified  bool
		kind, other nameKind
	}{
		{"email", u.Attributes["email_verified"] == "true", byEmail, byOtherEmail},
		{"phone_number", u.Attributes["phone_number_verified"] == "true", byPhone, byOtherPhone},
		{"preferred_username", true, byPreferred, byOtherPreferred}, // needs no verification
	} {
		kind := a.other
		if finds(a.attribute, a.isVerified) {
			kind = a.kind
		}
		add(u.Attributes[a.attribute], kind)
	}
	return names
}
