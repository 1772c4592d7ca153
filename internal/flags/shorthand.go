package flags

import (
	"errors"
	"fmt"
	"strings"
)

// parseShorthand reads k=v,k=v as the AWS CLI reads a map of strings: a comma
// begins the next pair, and one that belongs to the value is quoted or escaped.
// The CLI's grammar is described at
// https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html.
// Its errors name places and no values, for those may name a person.
func parseShorthand(text string) ([]metadataPair, error) {
	var pairs []metadataPair
	s := &shorthand{text: text}
	for {
		key := s.key()
		s.skipSpace()
		if key == "" || !s.skip('=') {
			return nil, s.expected("k=v, with a key of letters, digits and -_.#/:")
		}
		s.skipSpace()
		value, err := s.value()
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, metadataPair{key, value})
		s.skipSpace()
		if s.at == len(s.text) {
			return pairs, nil
		}
		if !s.skip(',') {
			return nil, s.expected("a comma and the next k=v: put a value with quotation marks or brackets into quotation marks")
		}
		s.skipSpace()
	}
}

// shorthand is a text that is read from left to right.
type shorthand struct {
	text string
	at   int
}

func (s *shorthand) expected(what string) error {
	return fmt.Errorf("character %d: expected %s", len([]rune(s.text[:s.at]))+1, what)
}

func (s *shorthand) skip(c byte) bool {
	if s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *shorthand) skipSpace() {
	s.at = len(s.text) - len(strings.TrimLeft(s.text[s.at:], " \t\n\r\v\f"))
}

func (s *shorthand) key() string {
	start := s.at
	for s.at < len(s.text) && isKeyCharacter(s.text[s.at]) {
		s.at++
	}
	return s.text[start:s.at]
}

func isKeyCharacter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_.#/:", c) >= 0
}

// value reads what stands after the equals sign, up to the next comma.
func (s *shorthand) value() (string, error) {
	if s.at == len(s.text) {
		return "", nil
	}
	switch first := s.text[s.at]; first {
	case '\'', '"':
		return s.quoted(first)
	case '[', '{', '=':
		return "", s.expected("a text: put one that begins like this into quotation marks")
	}
	var b strings.Builder
	start := s.at // where a closing bracket is nothing special
	for s.at < len(s.text) && (!strings.ContainsRune(`,'"]}`, rune(s.text[s.at])) || s.at == start && s.text[s.at] != ',') {
		if strings.HasPrefix(s.text[s.at:], `\,`) {
			s.at++
		}
		b.WriteByte(s.text[s.at])
		s.at++
	}
	return strings.TrimRight(b.String(), " \t\n\r\v\f"), nil
}

var errUnclosed = errors.New("a quotation mark is not closed")

// quoted reads a value between quotation marks, in which a backslash escapes
// the mark and itself.
func (s *shorthand) quoted(mark byte) (string, error) {
	s.at++
	var b strings.Builder
	for ; s.at < len(s.text); s.at++ {
		c := s.text[s.at]
		if c == mark {
			s.at++
			return b.String(), nil
		}
		if c == '\\' && s.at+1 < len(s.text) && (s.text[s.at+1] == mark || s.text[s.at+1] == '\\') {
			s.at++
			c = s.text[s.at]
		}
		b.WriteByte(c)
	}
	return "", errUnclosed
}
