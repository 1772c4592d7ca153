package main

import (
	"strings"

	"github.com/alecthomas/kong"
)

const envPrefix = "COGNITO_CONFIRM_"

// environment gives every flag its environment variable, from the environment
// that the program is run with: kong's own resolver reads the process's.
func environment(env []string) kong.Resolver {
	values := make(map[string]string)
	for _, entry := range env {
		if name, value, ok := strings.Cut(entry, "="); ok && value != "" {
			values[name] = value
		}
	}
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		if flag.Name == "help" || flag.Name == "version" {
			return nil, nil // images set COGNITO_CONFIRM_VERSION to what they hold
		}
		if value, ok := values[variable(flag.Name)]; ok {
			return value, nil
		}
		return nil, nil
	})
}

// variable returns the environment variable of a flag.
func variable(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}
