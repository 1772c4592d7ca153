package main

import (
	"regexp"
	"slices"
	"strings"

	"cognito-confirm/internal/oneline"
)

// plainWord matches what a shell takes as it stands.
var plainWord = regexp.MustCompile(`^[\w@%+=:,./-]+$`)

// resumeCommand is what to type to finish what a run began: its own arguments,
// ready for a shell, with --resume; empty without any. Arguments that must not
// get into a log, or that a log would change, are not repeated.
func resumeCommand(program string, args []string) string {
	if args == nil {
		return ""
	}
	if slices.ContainsFunc(args, isPrivate) || oneline.Escape(program) != program {
		return "the same command with --resume"
	}
	words := []string{quoted(program)}
	for _, arg := range args {
		if flag, _, _ := strings.Cut(arg, "="); flag == "--resume" || flag == "--overwrite" {
			continue
		}
		words = append(words, quoted(arg))
	}
	at := len(words)
	if i := slices.Index(words, "--"); i >= 0 {
		at = i
	}
	return strings.Join(slices.Insert(words, at, "--resume"), " ")
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
