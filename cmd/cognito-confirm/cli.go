package main

import (
	"context"
	"errors"
	"io"
	"os"
	"reflect"
	"strconv"

	"github.com/alecthomas/kong"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/internal/flags"
	"cognito-confirm/internal/job"
	"cognito-confirm/internal/live"
	"cognito-confirm/internal/program"
)

const (
	programName = "cognito-confirm"
	description = "Confirm the users of an Amazon Cognito user pool that a CSV names, within the quota, with a report."
)

// commands is the whole command line; kong reads it off the struct.
type commands struct {
	Run      runCommand      `cmd:"" default:"withargs" help:"Confirm every user of the input (the default command)."`
	Merge    mergeCommand    `cmd:"" help:"Put the reports of all shards together, once every row of the input is in them."`
	List     listCommand     `cmd:"" help:"Write the users of the pool who are not confirmed to a CSV that run takes."`
	Check    checkCommand    `cmd:"" help:"Read the whole input without confirming anybody, and say what a run would refuse and why; with --user-pool-id, what the pool has for each row. Takes every flag of run."`
	HTML     htmlCommand     `cmd:"" help:"Draw a report as a page: what did not succeed and what to do, the pace, how long calls took."`
	Repair   repairCommand   `cmd:"" help:"Keep the sound lines of a damaged report, so that run --resume asks for the rest."`
	Demo     demoCommand     `cmd:"" help:"Confirm made-up users against the embedded stand-in: no account, no network."`
	Emulator emulatorCommand `cmd:"" help:"Serve the embedded stand-in for Cognito, for practice and for tests."`

	Completion     completionCommand `cmd:"" help:"Print what makes bash, zsh or fish complete command lines."`
	VersionCommand versionCommand    `cmd:"" name:"version" help:"Print the version."`
	Help           helpCommand       `cmd:"" help:"Print the help of a command, or of the program."`

	Version flags.Version `help:"Print the version."`
}

// run is the whole program: it reads the command line, runs the command and returns
// the exit status. args begin with the name that the program was started by. It
// writes only to the two streams and to the files that the command line names.
func run(ctx context.Context, args, env []string, stdin io.Reader, stdout, stderr io.Writer) int {
	stdout = program.Output(ctx, stdout)
	c := newConsole(args, stdin, stdout, stderr)
	defer c.close()
	if stderr == io.Writer(os.Stderr) {
		defer c.relay()()
	}
	c.term = flags.ValueOf(env, "TERM")
	signals, stop := live.Listen()
	defer stop()
	c.signals = signals
	answered := false // --help or --version was
	printed := &flags.Printed{To: stdout}
	parser := newParser(&commands{}, env, printed, stderr, func() { answered = true })
	if len(c.args) == 0 {
		return c.status(c.withoutArguments(parser, flags.ValueOf(env, completionLine)), job.Options{})
	}
	if err := flags.CheckEnvironment(parser.Model, env); err != nil {
		return c.status(err, job.Options{})
	}
	command, err := parser.Parse(c.args)
	if answered {
		return program.Done
	}
	if printed.Err != nil {
		return c.status(printed.Err, job.Options{})
	}
	if err != nil {
		return c.status(c.mistyped(err), job.Options{})
	}
	if meant := c.commandMeant(command); meant != nil {
		return c.status(meant, job.Options{})
	}
	if err := flags.CheckNeeds(command); err != nil {
		return c.status(err, job.Options{})
	}
	command.BindTo(ctx, (*context.Context)(nil))
	return c.status(command.Run(c), job.Options{})
}

// status reports why a command ends, unless the command has done so, and returns
// the exit status. The options are those of the job, if it got as far as that.
func (c *console) status(err error, o job.Options) int {
	if err == nil {
		return program.Done
	}
	if said, ok := errors.AsType[*alreadySaid](err); ok {
		return said.status
	}
	status, hint := exitOf(err, o)
	c.errorf("%s", textOf(err))
	c.hint(hint)
	return status
}

// newParser returns a parser that fills in the commands. answered is called
// when a flag such as --help was all that there is to do.
func newParser(into *commands, env []string, stdout, stderr io.Writer, answered func()) *kong.Kong {
	parser, err := kong.New(into,
		kong.Name(programName),
		kong.Description(description),
		kong.Vars{"shown": strconv.Itoa(shownLines), "version": program.About(programName)},
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { answered() }),
		kong.KindMapper(reflect.String, kong.MapperFunc(flags.Verbatim)),
		readBy("shard", parseShard(env)),
		readBy("rule", fakecognito.ParseFault),
		readBy("refusal", fakecognito.ParseRefusal),
		kong.Resolvers(flags.Environment(env)),
		kong.Help(printHelp),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: helpWidth}),
	)
	if err != nil {
		panic(err) // the struct is wrong
	}
	showOwnFlags(parser.Model.Node)
	return parser
}

// readBy has the flags of a type read by a function.
func readBy[V any](what string, parse func(string) (V, error)) kong.Option {
	return kong.TypeMapper(reflect.TypeFor[V](), kong.MapperFunc(func(ctx *kong.DecodeContext, target reflect.Value) error {
		return flags.Decode(ctx, what, target.Addr().Interface().(*V), parse)
	}))
}
