package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"cognito-confirm/internal/audit"
	"cognito-confirm/internal/rows"
	"cognito-confirm/internal/words"
	"cognito-confirm/worker"
)

// inspection is what check finds in an input. Its JSON is an interface: fields
// are added, never renamed.
type inspection struct {
	Input string `json:"input"`
	Rows  int    `json:"rows"`
	// Invalid counts the rows that a run would refuse, Codes tells why.
	Invalid int        `json:"invalid"`
	Codes   []*refusal `json:"codes"`
	// Duplicates counts the rows whose username is on an earlier line too.
	Duplicates int `json:"duplicates"`
	// DuplicateLines are the first of them: lines with one username, in order.
	DuplicateLines [][]int `json:"duplicate_lines"`
	// MetadataColumns are the keys of the client_metadata columns.
	MetadataColumns []string `json:"metadata_columns"`
	// Mangled are the usernames that look as if another program had spoiled them.
	// They would be sent: they may be names.
	Mangled []*suspicion `json:"mangled"`
	// Layout is what was understood of the input, Delimiter a part of it.
	Layout    rows.Layout `json:"layout"`
	Delimiter string      `json:"delimiter"`
	// Short are the rows whose last cells are missing.
	Short audit.Lines `json:"short"`
	// Seconds is how long a run takes at least at this rate, in attempts a second.
	Rate    float64 `json:"rate"`
	Seconds float64 `json:"seconds"`
	// Pool is what was found in the pool, nil without one.
	Pool *poolFindings `json:"pool,omitempty"`

	shown int // lines that are kept of each kind
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

// suspicion is one way in which usernames look mangled, with the first lines.
type suspicion struct {
	Kind string `json:"kind"`
	audit.Lines
}

// shownLines is how many lines are named of each kind: enough to see what is
// wrong, few enough to read.
const shownLines = 20

func newInspection(shown int) *inspection {
	return &inspection{Codes: []*refusal{}, DuplicateLines: [][]int{}, Mangled: []*suspicion{}, shown: shown}
}

func (f *inspection) setLayout(layout rows.Layout) {
	f.Layout, f.Delimiter = layout, string(layout.Delimiter)
}

// setRate tells how long a run takes at a rate, 0 to find the quota, which is 0 when
// it is not known.
func (f *inspection) setRate(rate, quota float64) {
	if rate == 0 && quota == 0 {
		rate = assumedRate
	}
	if rate == 0 || quota > 0 && quota < rate {
		rate = quota
	}
	f.Rate, f.Seconds = rate, float64(f.Rows-f.Invalid)/rate
}

// isUnsuccessful reports that some rows of a run would fail, or that the report is not
// that of the whole input or the pool disagrees with it, which no flag allows.
func (f *inspection) isUnsuccessful(allowFailed bool) bool {
	bad := f.Invalid
	if f.Pool != nil {
		if !f.Pool.isProven() {
			return true
		}
		bad += f.Pool.unsuccessful()
	}
	return bad > 0 && !allowFailed
}

// look notes a username that would be sent and may not be meant.
func (f *inspection) look(row worker.Row) {
	kind, mangled := rows.Mangled(row.Username)
	if !mangled {
		return
	}
	at := slices.IndexFunc(f.Mangled, func(s *suspicion) bool { return s.Kind == kind })
	if at < 0 {
		at = len(f.Mangled)
		f.Mangled = append(f.Mangled, &suspicion{Kind: kind})
	}
	f.Mangled[at].Add(row.Line, f.shown)
}

func (f *inspection) refuse(row worker.Row) {
	f.Invalid++
	at := slices.IndexFunc(f.Codes, func(r *refusal) bool { return r.Code == row.Invalid.Code })
	if at < 0 {
		at = len(f.Codes)
		f.Codes = append(f.Codes, &refusal{Code: row.Invalid.Code})
	}
	kind := f.Codes[at]
	kind.Rows++
	if len(kind.Lines) < f.shown {
		kind.Lines = append(kind.Lines, refusedLine{row.Line, row.Invalid.Message})
	}
}

// print tells what was found. With --all that is much: it waits for the reader, until
// ctx ends.
func (f *inspection) print(ctx context.Context, c *console) {
	c.infof("%s", f.Layout.Description())
	printLayout(c, f.Layout)
	printLines(ctx, c, f.Short, "fewer cells than columns")
	if f.Layout.SpanningRecords == 0 {
		c.infof("every record is on one line")
	}
	for _, kind := range f.Codes {
		for _, line := range kind.Lines {
			c.listf(ctx, "line %d: %s: %s", line.Line, kind.Code, line.Message)
		}
		if more := kind.Rows - len(kind.Lines); more > 0 {
			c.infof("and %s more: %s", words.Group(more), kind.Code)
		}
	}
	more := f.Duplicates
	for _, lines := range f.DuplicateLines {
		c.listf(ctx, "lines %s have the same username", joinLines(lines))
		more -= len(lines) - 1
	}
	if more > 0 {
		c.infof("and %s with the username of an earlier line", words.Count(more, "more row"))
	}
	for _, s := range f.Mangled {
		c.infof("%s mangled (%s) but would be sent: %s", words.Count(s.Rows, "username")+words.Either(s.Rows, " looks", " look"), s.Kind, where(s.Lines))
	}
	if len(f.MetadataColumns) > 0 {
		c.infof("client metadata columns: %s", strings.Join(f.MetadataColumns, ", "))
	}
	c.infof("%s: %s to confirm, %s would be refused, %s", words.Count(f.Rows, "row"), words.Group(f.Rows-f.Invalid), words.Group(f.Invalid), words.Count(f.Duplicates, "duplicate"))
	takes := "less than a second"
	if took := time.Duration(f.Seconds * float64(time.Second)).Round(time.Second); took > 0 {
		takes = "at least " + took.String()
	}
	c.infof("a run takes %s at %g %s a second", takes, f.Rate, words.Either(f.Rate, "attempt", "attempts"))
}

// where lists the lines.
func where(found audit.Lines) string {
	if found.Rows == 1 {
		return fmt.Sprintf("line %d", found.Lines[0])
	}
	if more := found.Rows - len(found.Lines); more > 0 {
		return "lines " + joinNumbers(found.Lines) + " and " + words.Group(more) + " more"
	}
	return "lines " + joinLines(found.Lines)
}

// joinLines lists two numbers or more as a sentence does.
func joinLines(lines []int) string {
	last := len(lines) - 1
	return fmt.Sprintf("%s and %d", joinNumbers(lines[:last]), lines[last])
}

func joinNumbers(numbers []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(numbers), " ", ", "), "[]")
}
