// Package oneline makes text from outside fit to be shown: in a report, on a
// terminal, in a log.
//
// The one idea in it: whatever the text, what comes out is one line of
// printable characters of a bounded length, and nothing is lost that a person
// needs to recognize it by.
package oneline

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxEscape is how many characters of a text are shown: more than any message of
// the service has, and few enough for a report that somebody else's text goes into.
const maxEscape = 1000

// Escape makes text from outside fit to be shown: control characters, line
// breaks, invisible characters and bytes that are not UTF-8 come out escaped as
// in Go, and what is longer than 1,000 characters is cut, with "…" for the rest.
// A username that the service allows comes out as it is.
func Escape(text string) string { return escape(text, maxEscape) }

// EscapeAll is Escape for a text of this program, which is shown to its end: it may
// be a command to be typed.
func EscapeAll(text string) string { return escape(text, math.MaxInt) }

func escape(text string, most int) string {
	if len(text) <= most && isPlain(text) {
		return text
	}
	var b strings.Builder
	count := 0
	for i, r := range text {
		if count == most {
			b.WriteRune('…')
			break
		}
		count++
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], string(utf8.RuneError)):
			fmt.Fprintf(&b, `\x%x`, text[i])
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
	}
	return b.String()
}

// isPlain reports that the text is printable ASCII, as nearly every one is.
func isPlain(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}
