package main

import (
	"strings"
	"testing"

	"cognito-confirm/internal/program"
)

// TestCompletion: what the last word of a command line may become.
func TestCompletion(t *testing.T) {
	t.Parallel()
	commandList := strings.Join(commandNames(grammar().Node), " ")
	tests := []struct{ line, want string }{
		{"cognito-confirm", commandList},
		{"cognito-confirm ", commandList},
		{"bin/cognito-confirm ch", "check"},
		{"cognito-confirm --pa", "--pace"}, // of the default command
		{"cognito-confirm --fail", "--fail-on --failed"},
		{"cognito-confirm --pace ", "dedicated polite"},
		{"cognito-confirm --pace=d", "dedicated"},
		{"cognito-confirm users.csv --quiet --pace p", "polite"},
		{"cognito-confirm run --log-format ", "json text"},
		{"cognito-confirm run --log-format=", "json text"},
		{"cognito-confirm run users.csv --quiet --retry", "--retry-failed"},
		{"cognito-confirm list --pa", ""}, // a flag of run
		{"cognito-confirm check --quiet --a", "--all --allow-failed-rows"},
		{"cognito-confirm check -h", "-h"},
		{"cognito-confirm completion ", "bash fish zsh"},
		{"cognito-confirm help m", "merge"},
		{"cognito-confirm help ", commandList},
		// Files are for the shell.
		{"cognito-confirm us", ""},
		{"cognito-confirm run ", ""},
		{"cognito-confirm run --report ", ""},
		{"cognito-confirm run --report=x", ""},
		{" ", commandList},
	}
	for _, test := range tests {
		got := typeLine(t, test.line)
		if got.status != 0 || got.stderr != "" {
			t.Errorf("%q: %+v", test.line, got)
		}
		if found := strings.Join(strings.Fields(got.stdout), " "); found != test.want {
			t.Errorf("%q: %s, want %s", test.line, found, test.want)
		}
	}
}

// typeLine asks as the scripts do.
func typeLine(t *testing.T, line string, args ...string) outcome {
	t.Helper()
	var stdout, stderr safeBuffer
	env := []string{completionLine + "=" + line, "COGNITO_CONFIRM_MISTYPED=1"}
	status := run(t.Context(), started(args...), env, strings.NewReader(""), &stdout, &stderr)
	return outcome{status: status, stdout: stdout.String(), stderr: stderr.String()}
}

// TestNoCompletionInARun: a command runs as always where the variable of the
// completion is still set.
func TestNoCompletionInARun(t *testing.T) {
	t.Parallel()
	got := typeLine(t, "cognito-confirm ", "check", "../../samples/users.csv")
	got.wantStatus(t, program.Usage)
	got.wantError(t, "COGNITO_CONFIRM_MISTYPED")
}

// TestCompletionScripts: each is printed for its shell.
func TestCompletionScripts(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish"} {
		got := invoke(t, "completion", shell)
		if want := read(t, "completion/cognito-confirm."+shell); got.status != 0 || got.stdout != want || !strings.Contains(want, "for "+shell+":") {
			t.Errorf("%s: %+v", shell, got)
		}
	}
}
