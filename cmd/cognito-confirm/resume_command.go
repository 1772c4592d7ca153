package main

import (
	"regexp"
	"slices"
	"strings"
)

// plainWord matches what a shell takes as it stands.
var plainWord = regexp.MustCompile(`^[\w@%+=:,./-]+$`)

// resumeCommand is what to type to finish what this run began: its own
// arguments, ready for a shell, with --resume; empty without any.
func resumeCommand(args []string) string {
	if args == nil {
		return ""
	}
	words := []string{programName}
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

func quoted(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
