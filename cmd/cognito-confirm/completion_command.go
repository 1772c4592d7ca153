package main

import (
	"embed"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/posener/complete"
	"github.com/willabides/kongplete"
)

// completionScripts ask the program itself for what may come next, with
// completionLine in its environment, and have the shell offer files where it
// knows nothing.
//
//go:embed completion/cognito-confirm.*
var completionScripts embed.FS

// completionCommand prints what makes a shell complete command lines.
type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish. The first line of the script tells how to use it."`
}

// Run is called by kong.
func (k *completionCommand) Run(c *console) error {
	script, err := completionScripts.ReadFile("completion/cognito-confirm." + k.Shell)
	if err == nil {
		_, err = c.stdout.Write(script)
	}
	return err
}

// completionLine is the variable in which a shell has the command line as far
// as it is typed.
const completionLine = "COMP_LINE"

// printCandidates prints what the last word of a command line may become.
func printCandidates(parser *kong.Kong, line string, stdout io.Writer) error {
	found, err := candidates(parser, line)
	if err == nil && len(found) > 0 {
		_, err = fmt.Fprintln(stdout, strings.Join(found, "\n"))
	}
	return err
}

// candidates returns what the last word of a command line may become, or the
// value after its equals sign.
func candidates(parser *kong.Kong, line string) ([]string, error) {
	names := commandNames(parser.Model.Node)
	top, err := kongplete.Command(parser, kongplete.WithPredictor("command", complete.PredictSet(names...)))
	if err != nil {
		return nil, err
	}
	run := top.Sub[parser.Model.DefaultCmd.Name]
	top.Flags, top.Args = run.GlobalFlags, run.Args
	args := typed(line)
	found := slices.DeleteFunc(top.Predict(args), func(candidate string) bool { return !strings.HasPrefix(candidate, args.Last) })
	slices.Sort(found)
	return slices.Compact(found), nil
}

// typed returns the words of a command line after the program's name. The last
// one is still being typed, and empty when the line ends with a space.
func typed(line string) complete.Args {
	words := strings.Fields(line)
	if strings.HasSuffix(line, " ") || len(words) < 2 {
		words = append(words, "")
	}
	words = words[min(1, len(words)-1):]
	last := len(words) - 1
	if flag, value, isPair := strings.Cut(words[last], "="); isPair && strings.HasPrefix(flag, "--") {
		words = append(words[:last], flag, value)
		last++
	}
	args := complete.Args{All: words, Completed: words[:last], Last: words[last]}
	if last > 0 {
		args.LastCompleted = words[last-1]
	}
	return args
}

// commandNames lists the commands.
func commandNames(program *kong.Node) []string {
	names := make(map[string]bool)
	for _, command := range program.Children {
		names[command.Name] = true
	}
	return slices.Sorted(maps.Keys(names))
}
