package main

import (
	"fmt"

	"cognito-confirm/internal/program"
)

// versionCommand prints what --version prints.
type versionCommand struct{}

// Run is called by kong.
func (versionCommand) Run(c *console) error {
	_, err := fmt.Fprintln(c.stdout, program.About(programName))
	return err
}
