package main

import (
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"cognito-confirm/internal/flags"
	"cognito-confirm/internal/program"
)

// helpCommand prints what --help prints.
type helpCommand struct {
	Command string `arg:"" optional:"" predictor:"command" help:"The command that you want to know about."`
}

// Run is called by kong.
func (h *helpCommand) Run(c *console) error { return c.help(h.Command) }

// help prints the help of a command, that of the program for "".
func (c *console) help(command string) error {
	answered := false
	parser := newParser(&commands{}, nil, c.stdout, c.stderr, func() { answered = true })
	_, err := withoutDefault(parser).Parse(append(strings.Fields(command), "--help"))
	switch {
	case answered:
		return nil
	case is[*kong.ParseError](err) && command != "" && !slices.Contains(commandNames(parser.Model.Node), command):
		return flags.Usage(err.Error(), seeCommands)
	}
	return err
}

// withoutArguments prints the help, or what a shell asks for to complete a
// command line. A script whose arguments went missing has confirmed nobody: its
// status is that of a mistake.
func (c *console) withoutArguments(parser *kong.Kong, line string) error {
	if line != "" {
		return printCandidates(parser, line, c.stdout)
	}
	if err := c.help(""); err != nil {
		return err
	}
	return &alreadySaid{program.Usage}
}

// withoutDefault returns a parser for which the first word is a command, and
// never the input of a run.
func withoutDefault(parser *kong.Kong) *kong.Kong {
	parser.Model.DefaultCmd = nil
	return parser
}
