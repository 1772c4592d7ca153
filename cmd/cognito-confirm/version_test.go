package main

import (
	"runtime"
	"strings"
	"testing"

	"cognito-confirm/internal/program"
)

func TestVersion(t *testing.T) {
	t.Parallel()
	for _, arg := range []string{"version", "--version"} {
		got := invoke(t, arg)
		got.wantStatus(t, 0)
		want := "cognito-confirm " + program.Version() + ", " + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH + "\n"
		if got.stdout != want && !strings.Contains(got.stdout, ", commit ") || got.stderr != "" {
			t.Errorf("%s: standard output %q, standard error %q", arg, got.stdout, got.stderr)
		}
	}
}
