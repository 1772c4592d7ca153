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
	var all []cause
	for code, rows := range counts {
		name := readable(code)
		if i := slices.IndexFunc(all, func(c cause) bool { return c.name == name }); i >= 0 {
			all[i].rows += rows
			continue
		}
		all = append(all, cause{name, rows})
	}
	slices.SortFunc(all, func(a, b cause) int {
		return cmp.Or(cmp.Compare(b.rows, a.rows), cmp.Compare(a.name, b.name))
	})
	return all
}

// codeStore is the code of an outage in which the run waits for the bucket of its report.
const codeStore = "store_unreachable"

// ending tells how the last call ended, at length and in short.
func ending(code string) (long, short string) {
	if code == codeStore {
		return "the bucket of the report does not answer", "bucket away"
	}
	code = readable(code)
	return "the last call ended with " + code, "last call: " + code
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
