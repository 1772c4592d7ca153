package main

import (
	"fmt"
	"io"
)

// console is how a command speaks to the person or the script that started it.
//
//   - Standard output is data: nothing, or what was asked for with "-".
//   - Everything else goes to standard error, each line with the program's name
//     in front, in lower case, without a full stop.
//   - An error comes with a hint when there is something to do about it.
//   - No usernames: they are personal data and logs travel.
type console struct {
	args           []string
	stdin          io.Reader
	stdout, stderr io.Writer
	quiet          bool
}

// errorf says what went wrong, whatever --quiet says.
func (c *console) errorf(format string, values ...any) {
	// There is nobody left to tell when standard error cannot be written.
	fmt.Fprintf(c.stderr, programName+": "+format+"\n", values...)
}

// infof says how things are going.
func (c *console) infof(format string, values ...any) {
	if !c.quiet {
		c.errorf(format, values...)
	}
}

// fail says why a command ends, with a hint if there is one.
func (c *console) fail(message, hint string) {
	c.errorf("%s", message)
	if hint != "" {
		c.errorf("hint: %s", hint)
	}
}
