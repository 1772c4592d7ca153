package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cognito-confirm/worker"
)

// MissingError means that rows of the input are in none of the reports.
type MissingError struct {
	// Rows counts them.
	Rows int
	// Shards tells where they belong, in the order of the shards.
	Shards []MissingRows
}

// MissingRows are the rows that the report of one shard lacks.
type MissingRows struct {
	// Shard is zero when no report tells how many shards there are.
	Shard worker.Shard
	// IsGiven: the report of the shard is among those that were given.
	IsGiven bool
	// Rows counts the rows. Lines are the lines of the input on which the first
	// ten of them stand.
	Rows  int
	Lines []int
}

const (
	// mostLines and mostShards are how much a message tells of what is missing.
	mostLines  = 10
	mostShards = 5
)

func (e *MissingError) Error() string {
	rows := "rows of the input are"
	if e.Rows == 1 {
		rows = "row of the input is"
	}
	parts := make([]string, 0, mostShards)
	for _, shard := range e.Shards[:min(len(e.Shards), mostShards)] {
		parts = append(parts, shard.describe())
	}
	text := fmt.Sprintf("%d %s in no report: %s", e.Rows, rows, strings.Join(parts, "; "))
	if more := len(e.Shards) - len(parts); more > 0 {
		text += fmt.Sprintf("; and rows of %d more shards", more)
	}
	return text
}

func (m MissingRows) describe() string {
	text := "line"
	if m.Rows > 1 {
		text = "lines"
	}
	text += " " + list(m.Lines, m.Rows)
	switch {
	case m.Shard.IsWhole():
		return text
	case m.IsGiven:
		return text + " of shard " + m.Shard.String()
	default:
		return text + " of shard " + m.Shard.String() + ", whose report was not given"
	}
}

// list names the first lines of a number of them.
func list(first []int, all int) string {
	text := strings.Trim(strings.ReplaceAll(fmt.Sprint(first), " ", ", "), "[]")
	if more := all - len(first); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// missing counts the rows that are in no report.
type missing struct {
	given  []worker.Shard
	rows   int
	shards map[worker.Shard]*MissingRows
}

func newMissing(given []worker.Shard) *missing {
	return &missing{given: given, shards: make(map[worker.Shard]*MissingRows)}
}

func (m *missing) add(row worker.Row) {
	var shard worker.Shard
	if len(m.given) > 0 {
		shard = worker.ShardOf(row, m.given[0].Count)
	}
	rows := m.shards[shard]
	if rows == nil {
		rows = &MissingRows{Shard: shard, IsGiven: slices.Contains(m.given, shard)}
		m.shards[shard] = rows
	}
	m.rows++
	rows.Rows++
	if len(rows.Lines) < mostLines {
		rows.Lines = append(rows.Lines, row.Line)
	}
}

// err returns a [*MissingError], or nil when nothing is missing.
func (m *missing) err() error {
	if m.rows == 0 {
		return nil
	}
	e := &MissingError{Rows: m.rows}
	for _, shard := range slices.SortedFunc(maps.Keys(m.shards), func(a, b worker.Shard) int { return a.Index - b.Index }) {
		e.Shards = append(e.Shards, *m.shards[shard])
	}
	return e
}
