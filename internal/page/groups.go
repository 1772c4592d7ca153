package page

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/words"
	"cognito-confirm/report"
)

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

// groups are the rows that did not succeed, by kind. A report has about ten.
type groups map[report.Kind]*group

// add counts a row, and returns the group when the row is its first, and nil otherwise.
func (g groups) add(l *report.Line) *group {
	k := report.KindOf(*l)
	if known := g[k]; known != nil {
		known.rows++
		return nil
	}
	// A copy: the original is a part of its whole line.
	k.Code, k.UserStatus = strings.Clone(k.Code), strings.Clone(k.UserStatus)
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
