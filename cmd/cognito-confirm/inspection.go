package main

import (
	"fmt"
	"strings"
	"time"

	"cognito-confirm/internal/oneline"
	"cognito-confirm/worker"
)

// inspection is what check finds in an input. Its JSON is an interface: fields
// are added, never renamed.
type inspection struct {
	Input string `json:"input"`
	Rows  int    `json:"rows"`
	// Invalid counts the rows that a run would refuse, Codes says why.
	Invalid int        `json:"invalid"`
	Codes   []*refusal `json:"codes"`
	// Duplicates counts the rows whose username is on an earlier line too.
	Duplicates int `json:"duplicates"`
	// DuplicateLines are the first of them: lines with one username, in order.
	DuplicateLines [][]int `json:"duplicate_lines"`
	// MetadataColumns are the keys of the client_metadata columns.
	MetadataColumns []string `json:"metadata_columns"`
	// Seconds is how long a run takes at least at this rate, in attempts a second.
	Rate    float64 `json:"rate"`
	Seconds float64 `json:"seconds"`
}

// refusal is one reason to refuse rows, with the first of them.
type refusal struct {
	Code  string        `json:"code"`
	Rows  int           `json:"rows"`
	Lines []refusedLine `json:"lines"`
}

type refusedLine struct {
	Line    int    `json:"line"`
	Message string `json:"message"`
}

// shownLines is how many lines are named of each kind: enough to see what is
// wrong, few enough to read.
const shownLines = 20

func newInspection() *inspection {
	return &inspection{Codes: []*refusal{}, DuplicateLines: [][]int{}}
}

func (f *inspection) refuse(row worker.Row) {
	f.Invalid++
	kind := f.kind(row.Invalid.Code)
	kind.Rows++
	if len(kind.Lines) < shownLines {
		kind.Lines = append(kind.Lines, refusedLine{row.Line, row.Invalid.Message})
	}
}

func (f *inspection) kind(code string) *refusal {
	for _, kind := range f.Codes {
		if kind.Code == code {
			return kind
		}
	}
	kind := &refusal{Code: code}
	f.Codes = append(f.Codes, kind)
	return kind
}

func (f *inspection) print(c *console) {
	for _, kind := range f.Codes {
		for _, line := range kind.Lines {
			c.infof("line %d: %s: %s", line.Line, kind.Code, line.Message)
		}
		if more := kind.Rows - len(kind.Lines); more > 0 {
			c.infof("and %s more: %s", grouped(more), kind.Code)
		}
	}
	for _, lines := range f.DuplicateLines {
		c.infof("lines %s have the same username", joinLines(lines))
	}
	if more := f.Duplicates - countRepeats(f.DuplicateLines); more > 0 {
		c.infof("and %s with the username of an earlier line", counted(more, "more row"))
	}
	if len(f.MetadataColumns) > 0 {
		c.infof("client metadata columns: %s", oneline.Escape(strings.Join(f.MetadataColumns, ", ")))
	}
	c.infof("%s: %s to confirm, %s would be refused, %s", counted(f.Rows, "row"), grouped(f.Rows-f.Invalid), grouped(f.Invalid), counted(f.Duplicates, "duplicate"))
	took := time.Duration(f.Seconds * float64(time.Second)).Round(time.Second)
	c.infof("a run takes at least %s at %g attempts a second", took, f.Rate)
}

func countRepeats(groups [][]int) int {
	n := 0
	for _, group := range groups {
		n += len(group) - 1
	}
	return n
}

func joinLines(lines []int) string {
	var b strings.Builder
	for i, line := range lines {
		switch {
		case i == 0:
		case i == len(lines)-1:
			b.WriteString(" and ")
		default:
			b.WriteString(", ")
		}
		fmt.Fprint(&b, line)
	}
	return b.String()
}
