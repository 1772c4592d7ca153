package main

import (
	"context"
	"errors"
	"io"
	"reflect"

	"github.com/alecthomas/kong"

	"cognito-confirm/internal/flags"
	"cognito-confirm/internal/program"
)

const (
	programName = "cognito-confirm-temporal"
	description = "Confirm the users of Amazon Cognito user pools that CSVs name, with as many workers as you like, of which one at a time sends for a quota."
)

// commands is the whole command line; kong reads it off the struct.
type commands struct {
	Worker   workerCommand   `cmd:"" help:"Do what there is to do, until a signal comes. Start as many as you like, wherever."`
	Start    startCommand    `cmd:"" help:"Copy an input into a store and confirm its users; or go on with it."`
	Schedule scheduleCommand `cmd:"" help:"Do the same at certain times, with the input as it is then. While a run has the quota, a time is skipped."`
	Status   statusCommand   `cmd:"" help:"Say how far a run has come."`
	Pause    pauseCommand    `cmd:"" help:"End the calls of a run until resume, and wait for those on their way."`
	Resume   resumeCommand   `cmd:"" help:"Go on with a run that is paused."`
	Rate     rateCommand     `cmd:"" help:"Give a run another rate."`
	Cancel   cancelCommand   `cmd:"" help:"End a run. start goes on with it."`
	Wait     waitCommand     `cmd:"" help:"Wait for the end of a run, and exit as it."`
	Help     helpCommand     `cmd:"" help:"Print the help of a command, or of the program."`

	Version flags.Version `help:"Print the version."`
}

// run is the whole program: it reads the command line, runs the command and returns
// the exit status.
func run(ctx context.Context, args, env []string, stdout, stderr io.Writer) int {
	stdout = program.Output(ctx, stdout)
	c := newConsole(env, stdout, stderr)
	defer c.messages.Close()
	if len(args) == 0 { // a script whose arguments went missing has started nothing
		if err := c.help(""); err != nil {
			return c.fail(ctx, err)
		}
		return program.Usage
	}
	answered := false // --help or --version was
	printed := &flags.Printed{To: stdout}
	parser := newParser(&commands{}, env, printed, stderr, func() { answered = true })
	if err := flags.CheckEnvironment(parser.Model, env); err != nil {
		return c.fail(ctx, err)
	}
	command, err := parser.Parse(args)
	if answered {
		return program.Done
	}
	if printed.Err != nil {
		return c.fail(ctx, printed.Err)
	}
	if err != nil {
		return c.fail(ctx, mistyped(err))
	}
	command.BindTo(ctx, (*context.Context)(nil))
	if err := command.Run(c); err != nil {
		return c.fail(ctx, err)
	}
	return program.Done
}

// newParser returns a parser that fills in the commands. answered is called when a flag
// such as --help was all that there is to do.
func newParser(into *commands, env []string, stdout, stderr io.Writer, answered func()) *kong.Kong {
	parser, err := kong.New(into,
		kong.Name(programName),
		kong.Description(description),
		kong.Vars{"version": program.About(programName), "queue": defaultQueue},
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { answered() }),
		kong.KindMapper(reflect.String, kong.MapperFunc(flags.Verbatim)),
		kong.Resolvers(flags.Environment(env)),
		kong.Help(printHelp),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: helpWidth}),
	)
	if err != nil {
		panic(err) // the struct is wrong
	}
	return parser
}

// fail tells what went wrong and what to do about it, and returns the exit status.
func (c *console) fail(ctx context.Context, err error) int {
	if said, ok := errors.AsType[*alreadySaid](err); ok {
		return said.status
	}
	if interrupted, ok := errors.AsType[*program.Interruption](context.Cause(ctx)); ok {
		err = interrupted
	}
	status, hint := exitOf(err)
	c.messages.Error(escaped(err.Error()))
	c.hint(hint)
	return status
}
