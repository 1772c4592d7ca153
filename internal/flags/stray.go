package flags

import (
	"errors"
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// withoutStray takes the text of an argument that nothing takes out of an error of kong,
// and tells its place instead: it may be a username, or a part of a value with a
// password in it. What looks like the name of a command stays.
func withoutStray(err error) error {
	parse, ok := errors.AsType[*kong.ParseError](err)
	if !ok || !strings.HasPrefix(err.Error(), "unexpected argument ") {
		return err
	}
	parsed := parse.Context
	if parsed.Selected() == nil && strings.Contains(err.Error(), ", did you mean ") {
		return err
	}
	rest := parsed.Path[len(parsed.Path)-1].Remainder()
	if len(rest) > 1 && rest[0] == "--" {
		rest = rest[1:]
	}
	return fmt.Errorf("unexpected argument at position %d", len(parsed.Args)-len(rest)+1)
}
