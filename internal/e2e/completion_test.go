//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestCompletion types in real shells and presses the tabulator.
func TestCompletion(t *testing.T) {
	shells := []struct {
		name  string
		setup []string // lines to type
	}{
		{"bash", []string{"bash --norc --noprofile", "source <(cognito-confirm completion bash)"}},
		{"zsh", []string{"zsh -f", "PS1='$ '; autoload -U compinit && compinit -D", "source <(cognito-confirm completion zsh)"}},
		{"fish", []string{"fish --no-config", "function fish_prompt; echo '$ '; end", "cognito-confirm completion fish | source"}},
	}
	tests := []struct{ typed, completed string }{
		{"cognito-confirm che", "cognito-confirm check "},
		{"cognito-confirm --user-po", "cognito-confirm --user-pool-id "},
		{"cognito-confirm run --pace d", "cognito-confirm run --pace dedicated"},
		{"cognito-confirm run --pace=d", "cognito-confirm run --pace=dedicated"},
		{"cognito-confirm check us", "cognito-confirm check users.csv"},
		{"cognito-confirm check my", `cognito-confirm check my\ users.csv`},
		{"cognito-confirm html --out ./us", "cognito-confirm html --out ./users.csv"},
		{"cognito-confirm help emu", "cognito-confirm help emulator"},
	}
	for _, shell := range shells {
		t.Run(shell.name, func(t *testing.T) {
			if _, err := exec.LookPath(shell.name); err != nil {
				t.Fatalf("needs %s", shell.name)
			}
			dir := t.TempDir()
			for _, name := range []string{"users.csv", "my users.csv"} {
				if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			w := openTerminal(t, dir)
			for _, line := range append(shell.setup, "clear", "echo rea''dy") {
				w.keys(line, "Enter")
			}
			w.until("that the shell is ready", func(screen string) bool {
				return strings.Contains(screen, "\nready") || strings.HasPrefix(screen, "ready")
			})
			for _, test := range tests {
				w.keys("C-u")
				w.keys("-l", "--", test.typed)
				w.keys("Tab")
				w.until(test.completed, func(screen string) bool { return strings.Contains(screen+" ", test.completed) })
			}
		})
	}
}
