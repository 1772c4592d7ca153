package flags

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// parseShorthand reads k=v,k=v as the AWS CLI reads a map of strings: a comma
// begins the next pair, and one that belongs to the value is quoted or escaped.
// The CLI's grammar is described at
// https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html.
// Its errors name places and no values, for those may name a person.
func parseShorthand(text string) ([]metadataPair, error) {
	var pairs []metadataPair
	s := &shorthand{text: text, rest: text}
	for {
		key := s.take(keyPattern)
		s.take(spacePattern)
		if key == "" || s.take(equalsPattern) == "" {
			return nil, s.expected("k=v, with a key of letters, digits and -_.#/:")
		}
		value, err := s.value()
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, metadataPair{key, value})
		s.take(spacePattern)
		if s.rest == "" {
			return pairs, nil
		}
		if s.take(commaPattern) == "" {
			return nil, s.expected("a comma and the next k=v: put a value with quotation marks or brackets into quotation marks")
		}
	}
}

// What a text is made of. A backslash escapes a comma in a plain value, and the
// mark and itself in a quoted one. Where a value begins, a closing bracket is
// nothing special.
var (
	spacePattern  = regexp.MustCompile(`^[ \t\n\r\v\f]*`)
	keyPattern    = regexp.MustCompile(`^[-\w.#/:]*`)
	equalsPattern = regexp.MustCompile(`^=[ \t\n\r\v\f]*`)
	commaPattern  = regexp.MustCompile(`^,[ \t\n\r\v\f]*`)
	plainPattern  = regexp.MustCompile(`^(?:\\,|[^,])(?:\\,|[^,'"\]}])*`)
	quotedPattern = regexp.MustCompile(`^(?:'(?:\\[\s\S]|[^'\\])*'|"(?:\\[\s\S]|[^"\\])*")`)
)

// shorthand is a text that is read from left to right.
type shorthand struct{ text, rest string }

func (s *shorthand) expected(what string) error {
	return fmt.Errorf("character %d: expected %s", len([]rune(s.text[:len(s.text)-len(s.rest)]))+1, what)
}

// take returns what a pattern matches of the rest, and goes on after that.
func (s *shorthand) take(pattern *regexp.Regexp) string {
	taken := pattern.FindString(s.rest)
	s.rest = s.rest[len(taken):]
	return taken
}

// value reads what stands after the equals sign, up to the next comma.
func (s *shorthand) value() (string, error) {
	if s.rest == "" {
		return "", nil
	}
	switch first := s.rest[:1]; first {
	case "'", `"`:
		quoted := s.take(quotedPattern)
		if quoted == "" {
			return "", errors.New("a quotation mark is not closed")
		}
		return strings.NewReplacer(`\\`, `\`, `\`+first, first).Replace(quoted[1 : len(quoted)-1]), nil
	case "[", "{", "=":
		return "", s.expected("a text: put one that begins like this into quotation marks")
	}
	return strings.TrimRight(strings.ReplaceAll(s.take(plainPattern), `\,`, ","), " \t\n\r\v\f"), nil
}
