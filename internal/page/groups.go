package page

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/words"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// maxGroups bounds how many kinds of rows that did not succeed are told apart:
// codes come from outside. A report has about ten.
const maxGroups = 200

// group is the rows of one kind, as the template shows it.
type group struct {
	rows  int
	Class string
	// Code, UserStatus and Message are those of the first of the rows, as they may be shown.
	Code, UserStatus, Message string
	Meaning, Remedy           string
	tryAgain                  bool
}

func newGroup(k report.Kind) *group {
	why := cognito.Explain(k.Status, k.Code, k.UserStatus)
	return &group{Class: class(k.Status), Meaning: sentence(why.Meaning), Remedy: sentence(why.Remedy), tryAgain: why.TryAgain}
}

// Rows is how many rows there are, for the template.
func (g *group) Rows() string { return words.Group(g.rows) }

// groups are the rows that did not succeed, by kind.
type groups map[report.Kind]*group

// otherCodes is the code of all kinds beyond maxGroups.
const otherCodes = "other codes"

// add counts a row, and returns the group when the row is its first, and nil otherwise.
func (g groups) add(l *report.Line) *group {
	if known := g[report.Kind{Status: l.Status, Code: l.Code, UserStatus: l.UserStatus}]; known != nil {
		known.rows++
		return nil
	}
	if len(g) >= maxGroups {
		other := report.Kind{Status: worker.StatusFailed, Code: otherCodes}
		if g[other] == nil {
			g[other] = newGroup(other)
			g[other].Code = otherCodes
		}
		g[other].rows++
		return nil
	}
	// A copy: the original is a part of its whole line.
	k := report.Kind{Status: l.Status, Code: strings.Clone(l.Code), UserStatus: strings.Clone(l.UserStatus)}
	g[k] = newGroup(k)
	g[k].rows = 1
	return g[k]
}

// sorted lists the kinds, the most frequent first.
func (g groups) sorted() []report.Kind {
	return slices.SortedFunc(maps.Keys(g), func(a, b report.Kind) int {
		return cmp.Or(cmp.Compare(g[b].rows, g[a].rows),
			cmp.Compare(a.Status, b.Status), cmp.Compare(a.Code, b.Code), cmp.Compare(a.UserStatus, b.UserStatus))
	})
}
