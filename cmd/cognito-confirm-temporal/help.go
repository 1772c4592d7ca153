package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"cognito-confirm/internal/flags"
	"cognito-confirm/internal/messages"
)

// helpCommand prints what --help prints.
type helpCommand struct {
	Command string `arg:"" optional:"" help:"The command that you want to know about."`
}

// Run is called by kong.
func (h *helpCommand) Run(c *console) error { return c.help(h.Command) }

// help prints the help of a command, that of the program for "".
func (c *console) help(command string) error {
	answered := false
	parser := newParser(&commands{}, nil, c.stdout, io.Discard, func() { answered = true })
	if _, err := parser.Parse(append(strings.Fields(command), "--help")); !answered {
		return mistyped(err)
	}
	return nil
}

// mistyped is an error of the command line, with where to find what is right.
func mistyped(err error) *flags.UsageError {
	if parse, ok := errors.AsType[*kong.ParseError](err); ok && parse.Context.Selected() != nil {
		return flags.Parsing(err, programName+" "+parse.Context.Selected().Name+" --help lists the flags")
	}
	return flags.Parsing(err, programName+" --help lists the commands")
}

// helpWidth is how wide the help is at most, however wide the terminal.
const helpWidth = 80

// helpIndent is that of what is left of a broken line.
const helpIndent = 2

const helpText = `Exit status:
  0    done; of start without --wait: started
  1    the run was stopped, start it again
  2    usage, or input that cannot be used
  3    finished, some rows failed or were invalid
  4    another run has this quota
  130  interrupted (SIGINT); the run goes on
  143  terminated (SIGTERM)

Every flag but --help and --version can also be given as an environment
variable: COGNITO_CONFIRM_ and the flag's name in capitals with underscores. The
engine is found as by every tool of Temporal: TEMPORAL_ADDRESS,
TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_..., or a profile of
temporal.toml.`

// printHelp adds what is not about single flags, and breaks the lines that are too long
// with the name of this program.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	var text strings.Builder
	to := ctx.Stdout
	ctx.Stdout = &text
	err := kong.DefaultHelpPrinter(options, ctx)
	ctx.Stdout = to
	if err != nil {
		return err
	}
	for line := range strings.Lines(text.String() + "\n" + helpText) {
		if _, err := fmt.Fprintln(to, messages.Wrap(strings.TrimSuffix(line, "\n"), helpIndent, helpWidth)); err != nil {
			return err
		}
	}
	return nil
}
