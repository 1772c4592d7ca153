package flags

import (
	"fmt"

	"github.com/alecthomas/kong"
)

// Version prints kong's variable "version", and ends the program. kong's own flag
// ignores a failing write.
type Version bool

// BeforeReset is called by kong when the flag is given.
func (Version) BeforeReset(parser *kong.Kong, vars kong.Vars) error {
	if _, err := fmt.Fprintln(parser.Stdout, vars["version"]); err != nil {
		return err
	}
	parser.Exit(0)
	return nil
}
