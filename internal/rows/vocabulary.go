package rows

import (
	"fmt"
	"strings"
	"unicode"
)

// columnWords are what the names of columns of users are made of. Messages show
// no other names: a header that is none may be a user.
var columnWords = wordSet(`
	id uid uuid guid sub user users username usernames login account member customer client person contact pool
	name names given family first last middle full nick nickname display preferred surname forename title
	email emails e mail address addresses phone phones telephone tel mobile cell fax number no verified
	street city town state zip postal postcode post code country region locale language lang zoneinfo timezone zone
	gender sex birthdate birthday birth date time day month year at on by created updated modified added joined registered last seen
	status enabled active confirmed type role roles group groups team department company organization organisation org tenant plan
	note notes comment comments description profile picture website url source origin campaign tag tags label
	cognito custom mfa sms metadata attribute attributes value key index row line field column count total password hash
`)

// userColumns are the names that columns of usernames have, without what
// separates their words. No user has such a name; "user", "name" and "admin" are
// left out, because a user may.
var userColumns = wordSet(`
	username usernames cognitousername cognitousernames userid userids usersub cognitosub sub uuid guid
	email emails emailaddress useremail loginid loginname accountname accountid customerid memberid externalid phonenumber
`)

// namesUsers reports whether a text is the name of a column of usernames.
func namesUsers(text string) bool {
	if len(text) > 32 {
		return false
	}
	return userColumns[strings.ToLower(strings.NewReplacer(" ", "", "_", "", "-", "", ":", "", ".", "").Replace(text))]
}

func wordSet(words string) map[string]bool {
	set := make(map[string]bool)
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}

// looksLikeColumnName reports whether every word of the text is one that the names of
// columns are made of.
func looksLikeColumnName(text string) bool {
	if len(text) > 64 || strings.Contains(text, "@") {
		return false
	}
	if _, ok := metadataKey(text); ok {
		return true
	}
	words := strings.FieldsFunc(spaced(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for _, word := range words {
		if !columnWords[strings.ToLower(strings.TrimRight(word, "0123456789"))] {
			return false
		}
	}
	return len(words) > 0
}

// spaced separates the words of camelCase.
func spaced(text string) string {
	var b strings.Builder
	var before rune
	for _, r := range text {
		if unicode.IsUpper(r) && unicode.IsLower(before) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		before = r
	}
	return b.String()
}

// describeColumns tells which columns a header has, for a message: the names of
// those that nobody can take for a user, and the number of the others.
func describeColumns(columns []string) string {
	const most = 8
	var quoted []string
	for _, column := range columns {
		if _, isMetadata := metadataKey(column); len(quoted) < most && looksLikeColumnName(column) && !isMetadata {
			quoted = append(quoted, fmt.Sprintf("%q", strings.TrimSpace(column)))
		}
	}
	others := len(columns) - len(quoted)
	switch {
	case len(quoted) == 0 && others == 1:
		return "its only column has another name"
	case len(quoted) == 0:
		return fmt.Sprintf("its %d columns have other names", others)
	case others == 0:
		return "it has " + strings.Join(quoted, ", ")
	default:
		return fmt.Sprintf("it has %s and %d more", strings.Join(quoted, ", "), others)
	}
}
