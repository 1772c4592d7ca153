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
