package main

import (
	"regexp"
	"slices"
	"strings"

	"cognito-confirm/internal/oneline"
)

// plainWord matches what a shell takes as it stands.
var plainWord = regexp.MustCompile(`^[\w@%+=:,./-]+$`)

// resumeCommand is what to type to finish what a run began.
func resumeCommand(program string, args []string) string {
	return commandWith(program, args, "--resume")
}

// commandWith is what to type to go on with a report: the arguments of the run
// before, ready for a shell, with this flag in the place of those like it; empty
// without any. When an argument must not get into a log, or a log would change it,
// the whole command is described in words.
func commandWith(program string, args []string, flag string) string {
	if args == nil {
		return ""
	}
	if slices.ContainsFunc(args, isPrivate) || oneline.Escape(program) != program {
		return "the same command with " + flag
	}
	words := []string{quoted(program)}
	for _, arg := range args {
		if name, _, _ := strings.Cut(arg, "="); name == "--resume" || name == "--overwrite" || name == "--retry-failed" {
			continue
		}
		words = append(words, quoted(arg))
	}
	at := len(words)
	if i := slices.Index(words, "--"); i >= 0 {
		at = i
	}
	return strings.Join(slices.Insert(words, at, quoted(flag)), " ")
}

// withoutLimit returns the arguments of a run whose limit was reached as those of
// one that does the rest. --for and --until stay.
func withoutLimit(args []string) []string {
	const flag = "--limit"
	kept := args[:0:0] // nil stays nil
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "--":
			return append(kept, args[i:]...)
		case args[i] == flag:
			i++ // its value
		case !strings.HasPrefix(args[i], flag+"="):
			kept = append(kept, args[i])
		}
	}
	return kept
}

// isPrivate: client metadata may name a person, an address may have a password
// in it, and the escaped form of a name is another name.
func isPrivate(arg string) bool {
	flag, _, _ := strings.Cut(arg, "=")
	return flag == "--client-metadata" || strings.Contains(arg, "@") && strings.Contains(arg, "://") || oneline.Escape(arg) != arg
}

func quoted(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
