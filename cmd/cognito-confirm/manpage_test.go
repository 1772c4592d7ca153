package main

import (
	"fmt"
	"maps"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cognito-confirm/internal/flags"
)

const manPage = "../../docs/cognito-confirm.1"

// TestManPage: the man page has the commands, flags, arguments, variables and
// exit statuses of the program, and no others.
func TestManPage(t *testing.T) {
	t.Parallel()
	page := readManPage(t)
	model := grammar()
	commands := commandNames(model.Node)
	sameNames(t, "the man page", ".Ss %s under DESCRIPTION", slices.Sorted(maps.Keys(page.flags)), commands)
	sameNames(t, "the man page", ".Ss %s under EXIT STATUS", slices.Sorted(maps.Keys(page.statuses)), commands)
	env := make(map[string]bool)
	for _, command := range model.Children {
		var options, arguments []string
		for _, flag := range command.Flags {
			if flag.Name != "help" {
				options = append(options, flag.Name)
				env[flags.Variable(flag.Name)] = true
			}
		}
		for _, argument := range command.Positional {
			arguments = append(arguments, argument.Name)
		}
		where := "DESCRIPTION of " + command.Name
		sameNames(t, where, ".It Fl -%s", page.flags[command.Name], options)
		sameNames(t, where, ".It Ar %s", page.arguments[command.Name], arguments)
		if got, want := page.statuses[command.Name], manuals()[command.Name].list(); !slices.Equal(got, want) {
			t.Errorf("EXIT STATUS of %s in docs/cognito-confirm.1: %v, want as in manuals(): %v", command.Name, got, want)
		}
	}
	sameNames(t, "ENVIRONMENT", ".Ev %s ,", page.variables, slices.Sorted(maps.Keys(env)))
}

// sameNames compares a part of the man page with the program.
func sameNames(t *testing.T, where, form string, got, want []string) {
	t.Helper()
	for _, name := range want {
		if !slices.Contains(got, name) {
			t.Errorf("%s in docs/cognito-confirm.1 lacks %s: add the line %s", where, name, fmt.Sprintf(form, name))
		}
	}
	for _, name := range got {
		if !slices.Contains(want, name) {
			t.Errorf("%s in docs/cognito-confirm.1 has %s, which the program does not have: take it out", where, name)
		}
	}
}

// manPageText is what a test reads off the man page, by command.
type manPageText struct {
	flags, arguments map[string][]string
	statuses         map[string][]exitStatus
	variables        []string
}

var (
	flagInPage     = regexp.MustCompile(`Fl -([a-z-]+)`)
	argumentInPage = regexp.MustCompile(`^\.It Ar (\w+)`)
	variableInPage = regexp.MustCompile(`^\.Ev (` + flags.Prefix + `\w+)`)
)

func readManPage(t *testing.T) manPageText {
	t.Helper()
	page := manPageText{make(map[string][]string), make(map[string][]string), make(map[string][]exitStatus), nil}
	var section, command string
	for line := range strings.Lines(read(t, manPage)) {
		line = strings.TrimSuffix(line, "\n")
		if title, ok := strings.CutPrefix(line, ".Sh "); ok {
			section, command = title, ""
			continue
		}
		if name, ok := strings.CutPrefix(line, ".Ss "); ok {
			command = name
			if section == "DESCRIPTION" {
				page.flags[command], page.arguments[command] = nil, nil
			}
			continue
		}
		item, isItem := strings.CutPrefix(line, ".It ")
		switch {
		case section == "ENVIRONMENT":
			if found := variableInPage.FindStringSubmatch(line); found != nil {
				page.variables = append(page.variables, found[1])
			}
		case section == "DESCRIPTION" && isItem && command != "":
			for _, found := range flagInPage.FindAllStringSubmatch(line, -1) {
				page.flags[command] = append(page.flags[command], found[1])
			}
			if found := argumentInPage.FindStringSubmatch(line); found != nil {
				page.arguments[command] = append(page.arguments[command], found[1])
			}
		case section == "EXIT STATUS" && isItem:
			page.statuses[command] = append(page.statuses[command], exitStatus{status: item})
		case section == "EXIT STATUS" && !strings.HasPrefix(line, "."):
			if all := page.statuses[command]; len(all) > 0 {
				last := &all[len(all)-1]
				last.meaning = strings.TrimSpace(last.meaning + " " + strings.ReplaceAll(line, `\-`, "-"))
			}
		}
	}
	return page
}

// TestManPageLint has mandoc read the page, where there is one.
func TestManPageLint(t *testing.T) {
	t.Parallel()
	mandoc, err := exec.LookPath("mandoc")
	if err != nil {
		t.Skip("no mandoc")
	}
	if out, err := exec.Command(mandoc, "-T", "lint", manPage).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}
