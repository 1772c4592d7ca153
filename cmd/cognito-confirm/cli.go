package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime/debug"
	"strings"

	"github.com/alecthomas/kong"
)

const (
	programName = "cognito-confirm"
	description = "Confirm the users of an Amazon Cognito user pool that a CSV names, within the quota, with a report."
	envPrefix   = "COGNITO_CONFIRM_"
)

// commands is the whole command line; kong reads it off the struct.
type commands struct {
	Run      runCommand      `cmd:"" default:"withargs" help:"Confirm every user of the input (the default command)."`
	Check    checkCommand    `cmd:"" help:"Read the whole input, call nobody, and say what would be refused and why."`
	Demo     demoCommand     `cmd:"" help:"Confirm made-up users against the embedded stand-in: no account, no network."`
	Emulator emulatorCommand `cmd:"" help:"Serve the embedded stand-in for Cognito, for practice and for tests."`

	Version versionFlag `help:"Print the version."`
}

// run is the whole program: it reads the command line, does what it says and
// returns the exit status. It writes nothing but to the two streams and the
// files that it is told to write.
func run(ctx context.Context, args, env []string, stdin io.Reader, stdout, stderr io.Writer) int {
	c := &console{args: args, stdin: stdin, stdout: stdout, stderr: stderr}
	var done bool // --help or --version was answered
	parser, err := kong.New(&commands{},
		kong.Name(programName),
		kong.Description(description),
		kong.Vars{"version": version()},
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { done = true }),
		kong.KindMapper(reflect.String, kong.MapperFunc(asGiven)),
		kong.Resolvers(environment(env)),
		kong.Help(helpWithExitStatus),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
	)
	if err != nil {
		panic(err) // the struct above is wrong
	}
	command, err := parser.Parse(args)
	if done {
		return exitDone
	}
	if err != nil {
		c.fail(err.Error(), whereHelpIs(err))
		return exitUsage
	}
	command.BindTo(ctx, (*context.Context)(nil))
	err = command.Run(c)
	if exit, ok := errors.AsType[*exitError](err); ok {
		if exit.message != "" {
			c.fail(exit.message, exit.hint)
		}
		return exit.status
	}
	if interrupted, ok := errors.AsType[*interruption](err); ok {
		c.fail(err.Error(), "")
		return interrupted.exitStatus()
	}
	if err != nil {
		c.fail(err.Error(), "")
		return exitStopped
	}
	return exitDone
}

// whereHelpIs says which help has what the command line got wrong.
func whereHelpIs(err error) string {
	if parse, ok := errors.AsType[*kong.ParseError](err); ok {
		if command := parse.Context.Selected(); command != nil {
			return programName + " " + command.Name + " --help lists the flags"
		}
	}
	return programName + " --help lists the commands"
}

// asGiven reads a text for kong. kong's own would replace what is not UTF-8,
// and the name of a file need not be.
func asGiven(ctx *kong.DecodeContext, target reflect.Value) error {
	token, err := ctx.Scan.PopValue("text")
	if err != nil {
		return err
	}
	text, ok := token.Value.(string)
	if !ok {
		return fmt.Errorf("expected a text but got %v", token)
	}
	target.SetString(text)
	return nil
}

// environment gives every flag its environment variable. kong's own would read
// the process's environment, and the program is to be testable without one.
func environment(env []string) kong.Resolver {
	values := make(map[string]string)
	for _, entry := range env {
		if name, value, ok := strings.Cut(entry, "="); ok && value != "" {
			values[name] = value
		}
	}
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		if flag.Name == "help" || flag.Name == "version" {
			return nil, nil // COGNITO_CONFIRM_VERSION is what an image calls its own
		}
		name := envPrefix + strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_"))
		if value, ok := values[name]; ok {
			return value, nil
		}
		return nil, nil
	})
}

func helpWithExitStatus(options kong.HelpOptions, ctx *kong.Context) error {
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return err
	}
	_, err := io.WriteString(ctx.Stdout, "\n"+exitHelp+"\n")
	return err
}

// versionFlag prints the version. kong's own does not look whether it could.
type versionFlag bool

// BeforeReset is called by kong when the flag is given.
func (versionFlag) BeforeReset(parser *kong.Kong, vars kong.Vars) error {
	if _, err := fmt.Fprintln(parser.Stdout, vars["version"]); err != nil {
		return err
	}
	parser.Exit(0)
	return nil
}

// version is the module's version as the toolchain recorded it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}
