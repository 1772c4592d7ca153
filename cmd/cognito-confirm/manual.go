package main

import (
	"io"
	"slices"

	"github.com/alecthomas/kong"
)

// manual is what the help of a command tells beyond its flags. Tests hold it to
// the grammar and to the man page.
type manual struct {
	// statuses are the exit statuses that the command ends with, one a line.
	statuses string
	// examples are two command lines, one a line.
	examples string
}

// manuals returns the manual of each command. That of "" is for the whole program.
func manuals() map[string]manual {
	return map[string]manual{
		"": {runStatuses, `
  cognito-confirm check users.csv
  cognito-confirm run users.csv --user-pool-id eu-west-1_Ab12Cd34E`},
		"run": {runStatuses, `
  cognito-confirm run users.csv --user-pool-id eu-west-1_Ab12Cd34E
  cognito-confirm run users.csv --user-pool-id eu-west-1_Ab12Cd34E --resume`},
		"merge": {`
  0    merged, and every row is confirmed
  1    rows of the input are in no report: finish those shards
  2    usage, or files that do not belong together
  3    merged, some rows failed or were invalid
  4    a shard still runs, or another run holds the merged report` + bySignal, `
  cognito-confirm merge new.csv new.shard-*.report.csv --report new.report.csv
  cognito-confirm merge new.csv a.csv b.csv --report all.csv --overwrite`},
		"list": {`
  0    every user that was asked for is in the list
  1    stopped early, there is no list
  2    usage, or a file or a way to the service that cannot be used` + bySignal, `
  cognito-confirm list --user-pool-id eu-west-1_Ab12Cd34E -o users.csv
  cognito-confirm list --user-pool-id eu-west-1_Ab12Cd34E --created-before 30d`},
		"check": {`
  0    a run would succeed with every row, as far as can be told
  1    stopped early: the pool was not read to its end
  2    usage, or an input or a way to the service that cannot be used
  3    a run would not succeed with some rows, or the pool denies the report` + bySignal, `
  cognito-confirm check users.csv
  cognito-confirm check users.csv --user-pool-id eu-west-1_Ab12Cd34E`},
		"html": {`
  0    the page is drawn
  1    the report could not be read, or the page not written
  2    usage, or a file that is no report` + bySignal, `
  cognito-confirm html users.report.csv
  cognito-confirm html users.report.csv --usernames --out users.html`},
		"repair": {`
  0    the report is sound now
  1    the report could not be repaired
  2    usage, or a file that is no report
  4    a run holds this report` + bySignal, `
  cognito-confirm repair users.report.csv
  cognito-confirm repair /data/users.shard-0-of-4.report.csv`},
		"demo": {`
  0    the demo was played
  1    stopped early
  2    usage, or a directory that cannot be used` + bySignal, `
  cognito-confirm demo
  cognito-confirm demo --dir demo --seed 7`},
		"emulator": {`
  0    a signal ended it
  1    the address could not be served any longer
  2    usage, or an address that cannot be used`, `
  cognito-confirm emulator
  cognito-confirm emulator --quota 50 --live 15 --fault 0.01:reset`},
		"completion": {`
  0    the script is on standard output` + printed, `
  cognito-confirm completion bash
  cognito-confirm completion fish`},
		"version": {`
  0    the version is on standard output` + printed, `
  cognito-confirm version
  cognito-confirm --version`},
		"help": {`
  0    the help is on standard output` + printed + `, or no such command`, `
  cognito-confirm help
  cognito-confirm help run`},
	}
}

// runStatuses are the exit statuses of the program, as an interface.
const runStatuses = `
  0    every row is confirmed
  1    stopped early, resume it
  2    usage, or an input or a way to the service that cannot be used
  3    finished, some rows failed or were invalid; --fail-on new: of this run
  4    another run holds this report
  130  interrupted (SIGINT), resume it
  143  terminated (SIGTERM, SIGHUP), resume it`

// bySignal are the exit statuses of a command that a signal ended.
const bySignal = `
  130  interrupted (SIGINT)
  143  terminated (SIGTERM, SIGHUP)`

// printed are the other exit statuses of a command that only prints.
const printed = `
  1    standard output could not be written
  2    usage`

// environmentHelp is shown under the help of every command that has flags.
const environmentHelp = `
Every flag but --help and --version can also be given as an environment
variable: COGNITO_CONFIRM_ and the flag's name in capitals with underscores, as
COGNITO_CONFIRM_USER_POOL_ID. The flag wins.
`

// helpWidth is how wide the help is at most, however wide the terminal.
const helpWidth = 80

// printHelp adds the manual to the help. A word after --help that is no command is not
// taken for the input of the default one.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	if command := ctx.Selected(); command != nil && command == ctx.Model.DefaultCmd &&
		(ctx.Args[0] == "--help" || ctx.Args[0] == "-h") && !slices.Contains(ctx.Args, command.Name) {
		ctx.Path = ctx.Path[:1]
	}
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return err
	}
	name := ""
	if command := ctx.Selected(); command != nil {
		name = command.Name
	}
	m := manuals()[name]
	text := "\nExamples:" + m.examples + "\n\nExit status:" + m.statuses + "\n" + environmentHelp
	_, err := io.WriteString(ctx.Stdout, text)
	return err
}
