package rows

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// mangling is one way in which programs spoil names.
type mangling struct {
	kind    string
	pattern *regexp.Regexp
}

// The order matters: the first that matches is told.
var manglings = []mangling{
	{"a number in scientific notation", regexp.MustCompile(`^[+-]?\d+([.,]\d+)?[eE][+-]?\d+$`)},
	{"an error of a spreadsheet", regexp.MustCompile(`^#(N/A|NV|[\p{Lu}0-9/_]+[!?]|#+)$|^(?i:Err:\d+)$`)},
	{"no value, written out", regexp.MustCompile(`(?i)^(null|\\n|nan|none|nil|undefined|n/a|\(null\)|<null>|<na>|nat|\[null\]|\(empty\)|<empty>)$`)},
	{"a formula", regexp.MustCompile(`^=`)},
	{"a leading apostrophe", regexp.MustCompile(`^'`)},
	{"in angle brackets", regexp.MustCompile(`^<.*>$`)},
	{"a link", regexp.MustCompile(`^(?i:mailto|tel|https?):`)},
	{"in quotation marks", regexp.MustCompile("^[\"“”„‟‘’‚‛«»‹›`].*[\"“”„‟‘’‚‛«»‹›`]$")},
	{"in brackets", regexp.MustCompile(`^\[.*\]$|^\{.*\}$|^\(.*\)$`)},
	{"a number with a decimal part", regexp.MustCompile(`^[+-]?\d+[.,]0+$`)},
	{"a number that was rounded", regexp.MustCompile(`^\d{15}0+$`)},
	{"a date", regexp.MustCompile(`^(?i:\d{1,2}[-.](jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)([-.]\d{2,4})?|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)-\d{1,4})$`)},
	{"a truth value", regexp.MustCompile(`^(?i:true|false)$`)},
	{"escaped for an address", regexp.MustCompile(`%(?i:40|20|2b|3a|7c)`)},
	{"escaped for HTML", regexp.MustCompile(`&(?i:amp|lt|gt|quot|apos|nbsp|#x?[0-9a-f]+);`)},
	{"text of another encoding", regexp.MustCompile("[ÃÂ][\u0080-\u00bf]|â€|ï»¿|ï¿½")},
	{"neither letter nor digit, as in a ruled line", regexp.MustCompile(`^[^\p{L}\p{N}]+$`)},
	{"the delimiter of another file at its end", regexp.MustCompile(`.[,;|]$`)},
}

// Mangled means that a username looks as if a spreadsheet, an export or another
// program had spoiled it, and how. It may be a name all the same.
func Mangled(username string) (kind string, ok bool) {
	if strings.ContainsRune(username, utf8.RuneError) {
		return "a replacement character", true
	}
	if isOrdinary(username) {
		return "", false
	}
	for _, m := range manglings {
		if m.pattern.MatchString(username) {
			return m.kind, true
		}
	}
	return "", false
}

// isOrdinary reports that the username is an e-mail address or an id of the usual
// characters, as nearly all are: no pattern matches those.
func isOrdinary(username string) bool {
	if strings.IndexByte(username, '@') <= 0 && len(username) != len("3f2504e0-4f89-11d3-9a0c-0305e82c3301") {
		return false
	}
	for i := range len(username) {
		c := username[i]
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("@.-_+", c) >= 0) {
			return false
		}
	}
	return true
}
