package flags

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/alecthomas/kong"

	"cognito-confirm/internal/oneline"
)

// Prefix is how the names of the variables begin.
const Prefix = "COGNITO_CONFIRM_"

// Environment gives every flag its environment variable, from the environment
// that the program is run with: kong's own resolver reads the process's. A
// variable gives way to its flag, and to a flag that excludes its own.
func Environment(env []string) kong.Resolver {
	return kong.ResolverFunc(func(ctx *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		value := ValueOf(env, Variable(flag.Name))
		if value == "" || isAboutTheProgram(flag) || rivalIsGiven(ctx, flag) {
			return nil, nil
		}
		return value, nil
	})
}

// isAboutTheProgram: these flags have no variables. Images set
// COGNITO_CONFIRM_VERSION to what they hold.
func isAboutTheProgram(flag *kong.Flag) bool { return flag.Name == "help" || flag.Name == "version" }

// rivalIsGiven reports whether the command line has a flag that excludes this one.
func rivalIsGiven(ctx *kong.Context, flag *kong.Flag) bool {
	return slices.ContainsFunc(ctx.Path, func(given *kong.Path) bool {
		return given.Flag != nil && !given.Resolved && given.Flag != flag &&
			(slices.ContainsFunc(given.Flag.Xor, func(group string) bool { return slices.Contains(flag.Xor, group) }) ||
				isAboutTheHeader(given.Flag) && isAboutTheHeader(flag))
	})
}

// isAboutTheHeader: these two flags exclude each other too, with an error of their own.
func isAboutTheHeader(flag *kong.Flag) bool {
	return flag.Name == "no-header" || flag.Name == "username-column"
}

// CheckEnvironment refuses variables that begin like a flag's but belong to no flag:
// without a setting that somebody wanted, a run may do harm.
func CheckEnvironment(model *kong.Application, env []string) error {
	known := variables(model.Node)
	for _, entry := range env {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, Prefix) || slices.Contains(known, name) {
			continue
		}
		nearest := slices.MinFunc(known, func(a, b string) int {
			return levenshtein.ComputeDistance(name, a) - levenshtein.ComputeDistance(name, b)
		})
		return &UsageError{fmt.Sprintf("the environment variable %s belongs to no flag", oneline.Escape(name)), nearest + " does"}
	}
	return nil
}

// variables lists the variables of all flags of a command and of those below it.
func variables(command *kong.Node) []string {
	var names []string
	for _, flag := range command.Flags {
		names = append(names, Variable(flag.Name))
	}
	for _, child := range command.Children {
		names = append(names, variables(child)...)
	}
	return names
}

// Variable returns the environment variable of a flag.
func Variable(flag string) string {
	return Prefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// ValueOf returns the value of a variable, "" when there is none.
func ValueOf(env []string, name string) string {
	value := ""
	for _, entry := range env {
		if found, ok := strings.CutPrefix(entry, name+"="); ok {
			value = found
		}
	}
	return value
}
