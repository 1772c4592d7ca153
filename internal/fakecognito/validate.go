package fakecognito

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The constraints of the API model. The service refuses a call that breaks one
// before it does anything. Source: the service's API reference.
const (
	usernamePattern     = `[\p{L}\p{M}\p{S}\p{N}\p{P}]+`
	userPoolIDPattern   = `[\w-]+_[0-9a-zA-Z]+`
	clientIDPattern     = `[\w+]+`
	maxUsernameLength   = 128
	maxUserPoolIDLength = 55
	maxClientIDLength   = 128
	maxPageSize         = 60
	maxFilterLength     = 256
)

var clientID = regexp.MustCompile("^" + clientIDPattern + "$")

// violations collects what is wrong with an input, in the service's words.
type violations []string

func (v *violations) add(member, constraint string) {
	*v = append(*v, fmt.Sprintf("Value%s failed to satisfy constraint: %s", member, constraint))
}

// exception returns the service's answer, or none when nothing is wrong.
func (v violations) exception() exception {
	switch len(v) {
	case 0:
		return exception{}
	case 1:
		return invalidParameter("1 validation error detected: " + v[0])
	}
	return invalidParameter(fmt.Sprintf("%d validation errors detected: %s", len(v), strings.Join(v, "; ")))
}

// checkUsername does not quote the value: usernames are marked sensitive.
func (v *violations) checkUsername(username *string) {
	v.checkString(" at 'username'", username, maxUsernameLength, usernamePattern, isUsername)
}

func (v *violations) checkClientID(id *string) {
	v.checkString(" at 'clientId'", id, maxClientIDLength, clientIDPattern, clientID.MatchString)
}

func (v *violations) checkUserPoolID(id *string) {
	member := " null at 'userPoolId'"
	if id != nil {
		member = " '" + *id + "' at 'userPoolId'"
	}
	v.checkString(member, id, maxUserPoolIDLength, userPoolIDPattern, isUserPoolID)
}

func (v *violations) checkString(member string, value *string, longest int, pattern string, matches func(string) bool) {
	if value == nil {
		v.add(member, "Member must not be null")
		return
	}
	if !matches(*value) {
		v.add(member, "Member must satisfy regular expression pattern: "+pattern)
	}
	if *value == "" {
		v.add(member, "Member must have length greater than or equal to 1")
	}
	if utf8.RuneCountInString(*value) > longest {
		v.add(member, fmt.Sprintf("Member must have length less than or equal to %d", longest))
	}
}

// isUsername is usernamePattern without a regular expression, which would be most
// of the cost of a call.
func isUsername(s string) bool {
	return s != "" && all(s, func(r rune) bool { return unicode.IsPrint(r) && r != ' ' })
}

func isUserPoolID(s string) bool {
	split := strings.LastIndexByte(s, '_')
	if split < 1 || split == len(s)-1 {
		return false
	}
	isWordOrDash := func(r rune) bool { return isWord(r) || r == '-' }
	return all(s[:split], isWordOrDash) && all(s[split+1:], isWord)
}

func all(s string, is func(rune) bool) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !is(r) })
}

// isWord is \w of the patterns.
func isWord(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}
