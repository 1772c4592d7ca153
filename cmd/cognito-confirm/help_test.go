package main

import (
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/alecthomas/kong"

	"cognito-confirm/internal/program"
)

// grammar returns the commands as the program reads them.
func grammar() *kong.Application {
	return newParser(&commands{}, nil, io.Discard, io.Discard, nil).Model
}

// TestHelp: the texts are read more often than the README.
func TestHelp(t *testing.T) {
	t.Parallel()
	for _, command := range append([]string{""}, commandNames(grammar().Node)...) {
		name := "help-" + command + ".golden.txt"
		if command == "" {
			name = "help.golden.txt"
		}
		got := invoke(t, append(strings.Fields(command), "--help")...)
		got.wantStatus(t, 0)
		if got.stderr != "" {
			t.Errorf("%s: standard error: %q", command, got.stderr)
		}
		golden(t, name, got.stdout)
		if same := invoke(t, append([]string{"help"}, strings.Fields(command)...)...); same != got {
			t.Errorf("help %s printed\n%s%s", command, same.stdout, same.stderr)
		}
		for line := range strings.Lines(got.stdout) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > helpWidth {
				t.Errorf("the help of %q has a line of %d columns: %s", command, n, line)
			}
		}
	}
	ofProgram := invoke(t, "--help").stdout
	for _, args := range [][]string{{"-h"}, {"--help", "frobnicate"}, {"-h", "users.csv"}} {
		if got := invoke(t, args...); got.stdout != ofProgram {
			t.Errorf("%q printed\n%s", args, got.stdout)
		}
	}
}

// TestNoArguments: the help, and a status that no script takes for a run.
func TestNoArguments(t *testing.T) {
	t.Parallel()
	if got, want := invoke(t), (outcome{status: program.Usage, stdout: invoke(t, "--help").stdout}); got != want {
		t.Errorf("%+v", got)
	}
}

// TestManuals: every command tells its exit statuses, and has two examples that
// the program understands.
func TestManuals(t *testing.T) {
	t.Parallel()
	all := manuals()
	names := append([]string{""}, commandNames(grammar().Node)...)
	for _, name := range names {
		m, ok := all[name]
		if !ok {
			t.Errorf("the help of %s has neither examples nor exit statuses: add them to manuals() in manual.go", name)
			continue
		}
		if statuses := m.list(); len(statuses) < 2 || statuses[0].status != "0" {
			t.Errorf("%q has the exit statuses %v", name, statuses)
		}
		examples := strings.Split(strings.TrimSpace(m.examples), "\n")
		if len(examples) != 2 {
			t.Errorf("the help of %q has %d examples, want 2", name, len(examples))
		}
		for _, example := range examples {
			words := strings.Fields(example)
			if words[0] != programName || name != "" && !slices.Contains(words, name) && example != "  "+programName+" --"+name {
				t.Errorf("the help of %q has an example of something else: %s", name, example)
			}
			parser := newParser(&commands{}, nil, io.Discard, io.Discard, func() {})
			if _, err := parser.Parse(words[1:]); err != nil && !slices.Contains(words, "--version") {
				t.Errorf("the help of %q has an example that is refused: %s: %v", name, example, err)
			}
		}
	}
	for name := range all {
		if !slices.Contains(names, name) {
			t.Errorf("there is no command %s: take it out of manuals() in manual.go", name)
		}
	}
}

// exitStatus is a line of a manual.
type exitStatus struct{ status, meaning string }

// list returns the exit statuses.
func (m manual) list() (all []exitStatus) {
	for line := range strings.Lines(strings.TrimSpace(m.statuses)) {
		status, meaning, _ := strings.Cut(strings.TrimSpace(line), " ")
		all = append(all, exitStatus{status, strings.TrimSpace(meaning)})
	}
	return all
}
