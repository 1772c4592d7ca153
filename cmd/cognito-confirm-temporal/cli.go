package main

import (
	"context"
	"errors"
	"fmt"
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

	Version flags.Version `help:"Print the version."`
}

// run is the whole program: it reads the command line, runs the command and returns
// the exit status.
func run(ctx context.Context, args, env []string, stdout, stderr io.Writer) int {
	stdout = program.Output(ctx, stdout)
	c := newConsole(env, stdout, stderr)
	defer c.messages.Close()
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
		return c.fail(ctx, flags.Usage(err.Error(), programName+" --help lists the commands"))
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
		kong.Help(helpWithExitStatus),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
	)
	if err != nil {
		panic(err) // the struct is wrong
	}
	return parser
}

const helpText = `Exit status:
  0    done; of start without --wait: started
  1    the run was stopped, start it again
  2    usage, or input that cannot be used
  3    finished, some rows failed or were invalid
  4    another run has this quota
  130  interrupted (SIGINT); a run goes on without who waits for it
  143  terminated (SIGTERM)

Every flag but --help and --version can also be given as an environment variable:
COGNITO_CONFIRM_ and the flag's name in capitals with underscores. The engine is found
as by every tool of Temporal: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY,
TEMPORAL_TLS_..., or a profile of temporal.toml.`

// helpWithExitStatus adds what is not about single flags.
func helpWithExitStatus(options kong.HelpOptions, ctx *kong.Context) error {
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return err
	}
	_, err := fmt.Fprintf(ctx.Stdout, "\n%s\n", helpText)
	return err
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
	if hint != "" {
		c.messages.Info(escaped(hint))
	}
	return status
}
