package page

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// maxGroups bounds how many kinds of rows that did not succeed are told apart:
// codes come from outside. A report has about ten.
const maxGroups = 200

// kind is what rows that did not succeed have in common.
type kind struct {
	status           worker.Status
	code, userStatus string
}

// group is the rows of one kind.
type group struct {
	rows int
	// code, userStatus and message are as the first of the rows may be shown.
	code, userStatus, message string
	explanation               cognito.Explanation
}

// groups are the rows that did not succeed, by kind.
type groups map[kind]*group

// otherCodes is the code of all kinds beyond maxGroups.
const otherCodes = "other codes"

func kindOf(l *report.Line) kind { return kind{l.Status, l.Code, l.UserStatus} }

// add counts a row, and reports whether it is the first of its kind.
func (g groups) add(l *report.Line) bool {
	if known := g[kindOf(l)]; known != nil {
		known.rows++
		return false
	}
	if len(g) >= maxGroups {
		other := kind{status: worker.StatusFailed, code: otherCodes}
		if g[other] == nil {
			g[other] = &group{code: otherCodes, explanation: cognito.Explain(other.status, other.code, "")}
		}
		g[other].rows++
		return false
	}
	// A copy: the original is a part of its whole line.
	g[kind{l.Status, strings.Clone(l.Code), strings.Clone(l.UserStatus)}] = &group{rows: 1}
	return true
}

// explain tells what the kind of a line means, which shown is the first of.
func (g groups) explain(l *report.Line, shown row) {
	to := g[kindOf(l)]
	to.code, to.userStatus, to.message = shown.code, shown.userStatus, shown.message
	to.explanation = cognito.Explain(l.Status, l.Code, l.UserStatus)
}

// sorted lists the kinds, the most frequent first.
func (g groups) sorted() []kind {
	return slices.SortedFunc(maps.Keys(g), func(a, b kind) int {
		return cmp.Or(cmp.Compare(g[b].rows, g[a].rows),
			cmp.Compare(a.status, b.status), cmp.Compare(a.code, b.code), cmp.Compare(a.userStatus, b.userStatus))
	})
}
