package progress

import (
	"cmp"
	"slices"
	"strings"
)

// cause is why rows did not succeed.
type cause struct {
	name string
	rows int
}

// causes lists why rows did not succeed, the most frequent first.
func causes(counts map[string]int) []cause {
	byName := make(map[string]int)
	for code, rows := range counts {
		byName[readable(code)] += rows
	}
	var all []cause
	for name, rows := range byName {
		all = append(all, cause{name, rows})
	}
	slices.SortFunc(all, func(a, b cause) int {
		return cmp.Or(cmp.Compare(b.rows, a.rows), cmp.Compare(a.name, b.name))
	})
	return all
}

// codeStore is the code of an outage in which the run waits for the bucket of its report.
const codeStore = "store_unreachable"

// isFailing reports whether calls fail: one alone is nothing out of the ordinary.
func isFailing(inARow int) bool { return inARow >= 2 }

// lastFailure is how the last call failed, as long as calls fail.
func lastFailure(inARow int, code string) []string {
	if !isFailing(inARow) {
		return nil
	}
	return lastCall(code)
}

// lastCall tells what the last call ended with, at length and in short, nil where
// that is not known.
func lastCall(code string) []string {
	switch code {
	case "":
		return nil
	case codeStore:
		return []string{"the bucket of the report does not answer", "bucket away"}
	}
	return []string{"the last call ended with " + noun(code), "last call: " + readable(code)}
}

// noun makes a code fit for a sentence.
func noun(code string) string {
	switch code {
	case "timeout":
		return "a timeout"
	case "connection":
		return "a connection error"
	case "credentials":
		return "no credentials"
	case "unexpected_answer":
		return "an unexpected answer"
	}
	if status, ok := strings.CutPrefix(code, "http_"); ok {
		return "HTTP " + status
	}
	return readable(code)
}

// readable makes a code shorter and easier to read: the service's end with
// "Exception", and our own are words with underscores.
func readable(code string) string {
	switch code {
	case "UserLambdaValidationException", "UnexpectedLambdaException", "InvalidLambdaResponseException":
		return "trigger failed"
	}
	if strings.ToLower(code) == code {
		return strings.ReplaceAll(code, "_", " ")
	}
	return strings.TrimSuffix(code, "Exception")
}
