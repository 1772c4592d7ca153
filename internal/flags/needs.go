package flags

import (
	"slices"

	"github.com/alecthomas/kong"
)

// CheckNeeds refuses a flag that does nothing without another one: its tag "needs" names
// that. Only the command line counts, for a variable may be meant for other commands.
func CheckNeeds(parsed *kong.Context) error {
	for _, given := range parsed.Path {
		if given.Flag == nil || given.Resolved || !given.Flag.Tag.Has("needs") {
			continue
		}
		needed := given.Flag.Tag.Get("needs")
		if !slices.ContainsFunc(parsed.Flags(), func(flag *kong.Flag) bool { return flag.Name == needed && !flag.Target.IsZero() }) {
			return Usage("--"+given.Flag.Name+" needs --"+needed, "")
		}
	}
	return nil
}
