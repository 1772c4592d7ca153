// Package audit compares the rows of an input with the users of a pool.
//
// The one idea in it: only the rows are kept, 16 bytes of each, and the users pass
// by. A row leaves a hash of its username, its line, and what is known of it so
// far; a user is looked up by every name that the pool may have for it. So a pool
// of any size takes no memory at all.
package audit

import (
	"cmp"
	"hash/maphash"
	"math"
	"slices"
	"strings"

	"cognito-confirm/internal/oneline"
	"cognito-confirm/worker"
)

// Rows are the usernames of an input, in the order of their lines. Make them with
// [NewRows]. They are not safe for concurrent use.
//
// They keep no usernames, but 80 bits of a hash, whose seed nobody knows. Among
// ten million rows and as many users with five names each, the chance that any two
// different names look alike is one in two billion.
type Rows struct {
	first, second   maphash.Seed
	caseInsensitive bool
	shard           worker.Shard
	rows            []row
	// refused are the rows that would not be sent, in the order of their lines. They
	// can be in a report, and are compared with no user.
	refused []row
	// grouped: rows with one name stand side by side, in the order of their lines.
	// What is known of a name is then in the first of them.
	grouped bool
}

// row takes 16 bytes.
type row struct {
	hash  uint64
	line  uint32
	more  uint16 // of the hash
	state state
}

// NewRows returns no rows yet. With caseInsensitive, ANN is ann. A report is to have
// the rows of the shard.
func NewRows(caseInsensitive bool, shard worker.Shard) *Rows {
	return &Rows{first: maphash.MakeSeed(), second: maphash.MakeSeed(), caseInsensitive: caseInsensitive, shard: shard}
}

// Add takes in a row. Lines have to ascend.
func (r *Rows) Add(added worker.Row) {
	into, name := &r.rows, added.Username
	if added.Invalid != nil {
		into, name = &r.refused, oneline.Escape(name) // as a report has it
	}
	row := r.named(name)
	row.line = uint32(min(int64(added.Line), math.MaxUint32))
	if !r.shard.Has(added) {
		row.state = stateElsewhere
	}
	*into = append(*into, row)
}

// named returns a row of this name, without a line.
func (r *Rows) named(name string) row { return row{hash: r.hash(name), more: r.more(name)} }

func (r *Rows) fold(name string) string {
	if r.caseInsensitive {
		return strings.ToLower(name)
	}
	return name
}

func (r *Rows) hash(name string) uint64 { return maphash.String(r.first, r.fold(name)) }

func (r *Rows) more(name string) uint16 { return uint16(maphash.String(r.second, r.fold(name))) }

func compareNames(a, b row) int {
	return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.more, b.more))
}

// group puts the rows with one name side by side.
func (r *Rows) group() {
	if !r.grouped {
		slices.SortFunc(r.rows, func(a, b row) int {
			return cmp.Or(compareNames(a, b), cmp.Compare(a.line, b.line))
		})
		r.grouped = true
	}
}

// find returns the place of the first row with a name, and whether there is one.
// The rows are grouped.
func (r *Rows) find(name string) (int, bool) {
	return slices.BinarySearchFunc(r.rows, r.named(name), compareNames)
}

// end returns the place after the last row with the name of the row at a place.
func (r *Rows) end(start int) int {
	end := start + 1
	for end < len(r.rows) && compareNames(r.rows[start], r.rows[end]) == 0 {
		end++
	}
	return end
}

// lines returns the first lines of the rows with the name of the row at a place, up to
// the number most.
func (r *Rows) lines(start, most int) []int {
	var lines []int
	for i := start; i < r.end(start) && len(lines) < most; i++ {
		lines = append(lines, int(r.rows[i].line))
	}
	return lines
}

// Duplicates returns how many rows repeat the username of an earlier one, and the
// lines of the first usernames that do, each group and all groups in the order of
// the input. At most shown groups of at most shown lines are returned.
func (r *Rows) Duplicates(shown int) (repeats int, groups [][]int) {
	r.group()
	groups = [][]int{}
	for start := 0; start < len(r.rows); {
		end := r.end(start)
		if end-start > 1 {
			repeats += end - start - 1
			groups = append(groups, r.lines(start, shown))
		}
		start = end
	}
	slices.SortFunc(groups, func(a, b []int) int { return cmp.Compare(a[0], b[0]) })
	return repeats, groups[:min(len(groups), shown)]
}

// byLine puts the rows back into the order of the input, and gives each of them
// what is known of its name.
func (r *Rows) byLine() {
	r.group()
	for start := 0; start < len(r.rows); {
		end := r.end(start)
		for i := start + 1; i < end; i++ {
			r.rows[i].state = r.rows[start].state&^stateReported | r.rows[i].state&stateReported
		}
		start = end
	}
	slices.SortFunc(r.rows, func(a, b row) int { return cmp.Compare(a.line, b.line) })
	r.grouped = false
}
