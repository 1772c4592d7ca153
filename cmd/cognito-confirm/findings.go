package main

import (
	"fmt"
	"strings"
	"time"

	"cognito-confirm/worker"
)

// findings are what check found out. Its JSON is an interface: fields are
// added, never renamed.
type findings struct {
	Input string `json:"input"`
	Rows  int    `json:"rows"`
	// Invalid counts the rows that a run would refuse, Codes says why.
	Invalid int        `json:"invalid"`
	Codes   []*refusal `json:"codes"`
	// Duplicates counts the rows whose username stands on an earlier line too.
	Duplicates int `json:"duplicates"`
	// DuplicateLines are the first of them: lines with one username, in order.
	DuplicateLines [][]int `json:"duplicate_lines"`
	// MetadataColumns are the keys of the client_metadata columns.
	MetadataColumns []string `json:"metadata_columns"`
	// Seconds is how long a run takes at the least at this rate.
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

// shownLines is how many places are named of each kind: enough to see what is
// wrong, few enough to read.
const shownLines = 20

func newFindings() *findings {
	return &findings{Codes: []*refusal{}, DuplicateLines: [][]int{}}
}

func (f *findings) refuse(row worker.Row) {
	f.Invalid++
	kind := f.kind(row.Invalid.Code)
	kind.Rows++
	if len(kind.Lines) < shownLines {
		kind.Lines = append(kind.Lines, refusedLine{row.Line, row.Invalid.Message})
	}
}

func (f *findings) kind(code string) *refusal {
	for _, kind := range f.Codes {
		if kind.Code == code {
			return kind
		}
	}
	kind := &refusal{Code: code}
	f.Codes = append(f.Codes, kind)
	return kind
}

func (f *findings) print(c *console) {
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
		c.infof("and %s more rows with the username of an earlier line", grouped(more))
	}
	if len(f.MetadataColumns) > 0 {
		c.infof("client metadata columns: %s", worker.OneLine(strings.Join(f.MetadataColumns, ", ")))
	}
	c.infof("%s rows: %s to confirm, %s would be refused, %s duplicates", grouped(f.Rows), grouped(f.Rows-f.Invalid), grouped(f.Invalid), grouped(f.Duplicates))
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
