// Package flags has the flags that the commands of several programs share.
//
// The one idea in it: a flag is read and checked in one place, and means the same
// wherever it is given: on a command line, or in its environment variable. The structs
// are embedded in a command for kong to read.
package flags

import (
	"fmt"
	"reflect"

	"github.com/alecthomas/kong"
)

// UsageError is for what only the command line can put right. Both texts are one line;
// Hint may be empty.
type UsageError struct{ Message, Hint string }

func (e *UsageError) Error() string { return e.Message }

// Usage returns the error with both texts.
func Usage(message, hint string) *UsageError { return &UsageError{message, hint} }

// Decode reads a value for kong with a function that parses it. what names the value
// in the error when there is none.
func Decode[V any](ctx *kong.DecodeContext, what string, into *V, parse func(string) (V, error)) error {
	var text string
	if err := ctx.Scan.PopValueInto(what, &text); err != nil {
		return err
	}
	value, err := parse(text)
	if err != nil {
		return err
	}
	*into = value
	return nil
}

// Verbatim reads a text for kong. kong's own mapper replaces bytes that are not
// UTF-8, and the name of a file may have such bytes.
func Verbatim(ctx *kong.DecodeContext, target reflect.Value) error {
	token, err := ctx.Scan.PopValue("text")
	if err != nil {
		return err
	}
	text, ok := token.Value.(string)
	if !ok {
		return fmt.Errorf("expected a text but got %v", token)
	}
	target.SetString(text)
	return nil
}
