package flags

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"cognito-confirm/internal/rows"
)

// Metadata is --client-metadata in the two forms that the AWS CLI takes: the
// shorthand k=v,k=v and a JSON object of strings. The flag may be repeated, and a
// later pair wins.
type Metadata map[string]string

// Decode reads one occurrence of the flag for kong.
func (m *Metadata) Decode(ctx *kong.DecodeContext) error {
	// PopValueInto would replace bytes that are not UTF-8 instead of refusing them.
	token, err := ctx.Scan.PopValue("k=v")
	if err != nil {
		return err
	}
	text, _ := token.Value.(string)
	parse := parseShorthand
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		parse = parseStrings
	}
	pairs, err := parse(text)
	if err != nil {
		return err
	}
	if *m == nil {
		*m = make(Metadata)
	}
	for i, pair := range pairs {
		if invalid := rows.ValidateMetadata(pair.key, pair.value); invalid != nil {
			return errors.New(invalid.Message)
		}
		if slices.ContainsFunc(pairs[:i], func(earlier metadataPair) bool { return earlier.key == pair.key }) {
			return fmt.Errorf("the key %s is given twice", pair.key)
		}
		(*m)[pair.key] = pair.value
	}
	return nil
}

// metadataPair is a key of client metadata and its value.
type metadataPair struct{ key, value string }

// parseStrings reads a JSON object of strings, in which a key may come twice.
func parseStrings(text string) ([]metadataPair, error) {
	var pairs []metadataPair
	decoder := json.NewDecoder(strings.NewReader(text))
	next := func() (token json.Token) {
		token, _ = decoder.Token() // nil where there is none
		return token
	}
	isValid := next() == json.Delim('{')
	for isValid && decoder.More() {
		key, isKey := next().(string)
		value, isValue := next().(string)
		pairs, isValid = append(pairs, metadataPair{key, value}), isKey && isValue
	}
	if !isValid || next() != json.Delim('}') {
		return nil, errNotStrings
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errNotStrings
	}
	return pairs, nil
}

var errNotStrings = errors.New(`not a JSON object of strings, as {"k":"v"}`)
