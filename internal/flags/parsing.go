package flags

import "regexp"

// retold has texts of kong that speak of its own parts, and what a person is told in
// their place.
var retold = []struct {
	kong *regexp.Regexp
	told string
}{
	{regexp.MustCompile(`expected \S+ value but got "EOL" \(<EOL>\)$`), "needs a value"},
	{regexp.MustCompile(`expected \S+ value but got (".*") \((?:short|long) flag\); perhaps try .*$`), "needs a value, and $1 looks like a flag"},
	{regexp.MustCompile(`expected duration but got ".*": time: .*$`), "must be a duration, as 30s or 1m"},
	{regexp.MustCompile(`expected a valid \d+ bit u?int but got ".*"$`), "must be a whole number"},
	{regexp.MustCompile(`expected a float but got .*$`), "must be a number"},
}

// Parsing returns what is wrong with a command line that kong could not parse, without
// the text of an argument that nothing takes.
func Parsing(err error, hint string) *UsageError {
	text := withoutStray(err).Error()
	for _, t := range retold {
		text = t.kong.ReplaceAllString(text, t.told)
	}
	return Usage(text, hint)
}
