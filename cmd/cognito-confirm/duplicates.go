package main

import (
	"cmp"
	"hash/maphash"
	"slices"
)

// duplicates finds usernames that stand on more than one line. It keeps 16
// bytes a row, a hash and the line, and no usernames: among ten million rows
// the chance that two different ones look alike is one in 300,000.
type duplicates struct {
	seed maphash.Seed
	rows []hashedRow
}

type hashedRow struct {
	hash uint64
	line int
}

func newDuplicates() *duplicates { return &duplicates{seed: maphash.MakeSeed()} }

func (d *duplicates) add(username string, line int) {
	d.rows = append(d.rows, hashedRow{maphash.String(d.seed, username), line})
}

// find returns how many rows repeat an earlier one, and the lines of the first
// usernames that do, each group and all groups in the order of the file. At
// most shown groups of at most shown lines are returned.
func (d *duplicates) find(shown int) (repeats int, groups [][]int) {
	slices.SortFunc(d.rows, func(a, b hashedRow) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.line, b.line))
	})
	groups = [][]int{}
	for start := 0; start < len(d.rows); {
		end := start + 1
		for end < len(d.rows) && d.rows[end].hash == d.rows[start].hash {
			end++
		}
		if end-start > 1 {
			repeats += end - start - 1
			var lines []int
			for _, row := range d.rows[start : start+min(end-start, shown)] {
				lines = append(lines, row.line)
			}
			groups = append(groups, lines)
		}
		start = end
	}
	slices.SortFunc(groups, func(a, b []int) int { return cmp.Compare(a[0], b[0]) })
	return repeats, groups[:min(len(groups), shown)]
}
