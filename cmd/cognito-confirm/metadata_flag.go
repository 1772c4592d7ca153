package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"cognito-confirm/internal/rows"
)

// metadataFlag is --client-metadata: k=v, once for every pair, or a JSON object
// of strings as the AWS CLI takes it. A value may have any character in it,
// commas and equals signs too.
type metadataFlag map[string]string

// Decode reads one occurrence of the flag for kong.
func (m *metadataFlag) Decode(ctx *kong.DecodeContext) error {
	// PopValueInto would replace bytes that are not UTF-8 instead of refusing them.
	token, err := ctx.Scan.PopValue("k=v")
	if err != nil {
		return err
	}
	value, _ := token.Value.(string)
	pairs := make(map[string]string)
	if strings.HasPrefix(value, "{") {
		if err := json.Unmarshal([]byte(value), &pairs); err != nil {
			return fmt.Errorf("not a JSON object of strings: %w", err)
		}
	} else {
		key, text, ok := strings.Cut(value, "=")
		if !ok || key == "" {
			return fmt.Errorf("%q is not of the form k=v", value)
		}
		pairs[key] = text
	}
	if *m == nil {
		*m = make(metadataFlag)
	}
	for key, text := range pairs {
		if invalid := rows.ValidateMetadata(key, text); invalid != nil {
			return errors.New(invalid.Message)
		}
		(*m)[key] = text
	}
	return nil
}
