package page

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/oneline"
)

const (
	// placeholder stands in a text where the row's username was.
	placeholder = "[username]"
	// leftOut stands for a text that has the username in other letters, across words, or
	// may have anybody's.
	leftOut = "[see the report]"
)

// shortName is the length, in characters, under which a username is only looked
// for as a word of its own: "e" is in every sentence.
const shortName = 5

// longName is the number of letters and digits from which a username is found
// wherever they follow one another: "notex" is in "does not exist".
const longName = 8

// withoutUsername replaces the row's username in a text of the service, in
// whatever case it is there. Both are clean.
func withoutUsername(text, username string) string {
	name := strings.TrimSuffix(username, "…") // of a username that was cut
	if name == "" || text == "" {
		return text
	}
	pattern := "(?i)" + regexp.QuoteMeta(name)
	if utf8.RuneCountInString(name) < shortName {
		pattern = `(^|[^\pL\pN])` + regexp.QuoteMeta(name) + `($|[^\pL\pN])`
		return regexp.MustCompile(pattern).ReplaceAllString(text, "${1}"+placeholder+"${2}")
	}
	text = withoutStart(regexp.MustCompile(pattern).ReplaceAllLiteralString(text, placeholder), name)
	text = withoutSpellings(text, name)
	if cognito.NamesUser(strings.ReplaceAll(text, placeholder, ""), name, longName) {
		return leftOut
	}
	return text
}

// word matches what stands between spaces.
var word = regexp.MustCompile(`\S+`)

// withoutSpellings replaces every word that has the username in other letters, and words
// that are the username when they are put together.
func withoutSpellings(text, name string) string {
	text = word.ReplaceAllStringFunc(text, func(word string) string {
		if cognito.NamesUser(strings.ReplaceAll(word, placeholder, ""), name, shortName) {
			return placeholder
		}
		return word
	})
	for _, spelling := range cognito.Spellings(name) {
		if len(spelling) < shortName || strings.Contains(placeholder, spelling) {
			continue
		}
		apart := regexp.MustCompile(`(?i)(^|[^a-z0-9])` + strings.Join(strings.Split(spelling, ""), `[^a-z0-9]*`) + `($|[^a-z0-9])`)
		text = apart.ReplaceAllString(text, "${1}"+placeholder+"${2}")
	}
	return text
}

// withoutStart replaces the start of a username at the end of a text that was cut.
func withoutStart(text, name string) string {
	rest, isCut := strings.CutSuffix(text, "…")
	if !isCut {
		return text
	}
	for length := min(len(name), len(rest)); length >= shortName; length-- {
		end := rest[len(rest)-length:]
		if strings.EqualFold(end, name[:length]) {
			return rest[:len(rest)-length] + placeholder + "…"
		}
	}
	return text
}

// uuid matches a request id of the service, which is made by chance.
var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// requestIDWithoutUsername leaves out an id that somebody may have made of a
// username, whoever's.
func requestIDWithoutUsername(id, username string) string {
	if id != "" && !uuid.MatchString(id) {
		return leftOut
	}
	return withoutUsername(id, username)
}

// clean makes a text from a report fit for the page, and a copy: the original
// is a part of its whole line.
func clean(text string) string { return strings.Clone(oneline.Escape(text)) }
