package cognito

import "strings"

// NamesUser reports whether a text from outside has the username in it, or what
// stands before its @, also where something on the way left out or replaced all but
// letters and digits. What has fewer of them than shortest is not looked for.
func NamesUser(text, username string, shortest int) bool {
	text = plain(text)
	for _, part := range Spellings(username) {
		if len(part) >= shortest && strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// Spellings returns what [NamesUser] looks for: the letters and digits of ASCII, in
// lower case, of the username and of what stands before its @.
func Spellings(username string) [2]string {
	local, _, _ := strings.Cut(username, "@")
	return [2]string{plain(username), plain(local)}
}

// plain returns the letters and digits of ASCII in a text, in lower case.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, text)
}
