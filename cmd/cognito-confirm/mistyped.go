package main

import (
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"cognito-confirm/internal/flags"
)

const seeCommands = programName + " --help lists the commands"

// mistyped is an error of the command line as the person may have meant it: a
// first word that looks like a command, and is not the name of a file, is taken for a
// command and not for the input of a run.
func (c *console) mistyped(err error) *flags.UsageError {
	parse, _ := errors.AsType[*kong.ParseError](err)
	if parse == nil {
		return flags.Parsing(err, seeCommands)
	}
	if meant := c.commandMeant(parse.Context); meant != nil {
		return meant
	}
	command := parse.Context.Selected()
	if strings.HasPrefix(err.Error(), "unknown flag --dry-run") && (command == nil || command.Name == "run") {
		return flags.Parsing(err, programName+" check with the same flags confirms nobody, and tells what a run would do")
	}
	if command != nil {
		return flags.Parsing(err, programName+" "+command.Name+" --help lists the flags")
	}
	return flags.Parsing(err, seeCommands)
}

// commandMeant returns an error if the word that was taken for the input of the
// default command is nearly the name of another one, else nil.
func (c *console) commandMeant(parsed *kong.Context) *flags.UsageError {
	i := slices.IndexFunc(parsed.Path, func(p *kong.Path) bool { return p.Positional != nil })
	if i < 0 || parsed.Selected() != parsed.Model.DefaultCmd {
		return nil
	}
	word, _ := parsed.Value(parsed.Path[i]).Interface().(string)
	if at := slices.Index(c.args, word); at < 0 || slices.Contains(c.args[:at], parsed.Selected().Name) {
		return nil
	}
	if _, err := os.Stat(word); err == nil {
		return nil
	}
	parser := newParser(&commands{}, nil, c.stdout, c.stderr, nil)
	_, err := withoutDefault(parser).Parse([]string{word})
	if err == nil || !strings.Contains(err.Error(), "did you mean") {
		return nil
	}
	return flags.Usage(err.Error(), seeCommands)
}
