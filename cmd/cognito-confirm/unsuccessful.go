package main

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/job"
	"cognito-confirm/internal/words"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// mostKinds bounds how many kinds of rows are explained: codes come from outside.
const mostKinds = 12

// printUnsuccessful tells of the rows that did not succeed what they are and what
// to do about it, the most frequent kind first.
func printUnsuccessful(c *console, s *report.Summary) {
	kinds := byCount(s.Kinds)
	for _, kind := range kinds[:min(len(kinds), mostKinds)] {
		why := cognito.Explain(kind.Status, kind.Code, kind.UserStatus)
		c.infof("%9s %s (%s): %s", words.Group(s.Kinds[kind]), cmp.Or(kind.UserStatus, kind.Code, "no code"), kind.Status, why.Meaning)
		if s.Input == "-" && kind.Status == worker.StatusInvalid && why.Correct {
			why.Remedy = "correct them in their file, and run that" // what a pipe has brought may be nowhere else
		}
		c.infof("%9s %s", "", why.Remedy)
	}
	if len(kinds) > mostKinds {
		rows := 0
		for _, kind := range kinds[mostKinds:] {
			rows += s.Kinds[kind]
		}
		c.infof("%9s of %s, see the report", words.Group(rows), words.Count(len(kinds)-mostKinds, "more kind"))
	}
}

// byCount lists the kinds, the most frequent first.
func byCount(kinds map[report.Kind]int) []report.Kind {
	return slices.SortedFunc(maps.Keys(kinds), func(a, b report.Kind) int {
		return cmp.Or(cmp.Compare(kinds[b], kinds[a]), cmp.Compare(a.Status, b.Status), cmp.Compare(a.Code, b.Code), cmp.Compare(a.UserStatus, b.UserStatus))
	})
}

// printWaysToRetry tells what to type for rows that may succeed after all. Other rows
// get no command, and neither does a job without arguments. The options are those of
// the job.
func printWaysToRetry(c *console, s *report.Summary, o job.Options, args []string) {
	var codes []string // of what may pass as it is
	others, mayBeCorrected := false, false
	for _, kind := range byCount(s.Kinds) {
		why := cognito.Explain(kind.Status, kind.Code, kind.UserStatus)
		switch {
		case kind.Status == worker.StatusTriggerFailed:
		case why.TryAgain:
			codes = append(codes, kind.Code)
		default:
			others, mayBeCorrected = true, mayBeCorrected || why.Correct
		}
	}
	if o.Input.Path == "-" {
		// The report goes by lines, and a list that is made again has others.
		if s.Failed != "" && args != nil && (len(codes) > 0 || mayBeCorrected) {
			what := "to try them again"
			if len(codes) == 0 {
				what = "when rows are corrected in it"
			}
			c.infof("%s: %s run %s --user-pool-id %s", what, quoted(c.program), quoted(s.Failed), o.Target.UserPoolID)
		}
		return
	}
	const flag = "--retry-failed"
	say := func(what, flag string) {
		if command := commandWith(c.program, args, flag); command != "" {
			c.infof("%s: %s", what, command)
		}
	}
	switch {
	case len(codes) > 0 && others:
		slices.Sort(codes)
		say("to try again what may pass now", flag+"="+strings.Join(slices.Compact(codes), ","))
	case len(codes) > 0:
		say("to try them again", flag)
	}
	if mayBeCorrected {
		say("when rows are corrected in the input", flag)
	}
}
