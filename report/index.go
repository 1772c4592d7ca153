package report

import (
	"hash/maphash"
	"maps"
	"slices"
)

// index knows which lines of the input are done, with four bytes a line: a
// hash of the username that was there, in 31 bits, and whether it succeeded.
// Two different usernames on one line look alike once in two billion times.
type index struct {
	seed   maphash.Seed
	chunks map[int]*chunk
	// The chunk that was used last: lines come nearly in order.
	number int
	recent *chunk
	rows   int
	// last is the highest line that is done.
	last int
}

const chunkLines = 1024

// chunk has the entries of chunkLines lines, 0 for a line that is not done. The
// index is made of chunks because a damaged report can name any line, and one
// line must not cost the memory of all that would come before it.
type chunk [chunkLines]uint32

// failedBit of an entry: the row belongs in the failed-rows file.
const failedBit = 1

func newIndex() *index {
	return &index{seed: maphash.MakeSeed(), chunks: make(map[int]*chunk), number: -1}
}

// entry returns the entry of a row that succeeded, which is never 0.
func (x *index) entry(username string) uint32 {
	return max(failedBit<<1, uint32(maphash.String(x.seed, username))&^failedBit)
}

func (x *index) chunk(line int) *chunk {
	if number := line / chunkLines; number != x.number {
		x.number, x.recent = number, x.chunks[number]
	}
	return x.recent
}

// add notes a row as done. It returns false when the line is done already.
func (x *index) add(line int, username string, succeeded bool) bool {
	c := x.chunk(line)
	if c == nil {
		c = new(chunk)
		x.chunks[x.number], x.recent = c, c
	}
	entry := &c[line%chunkLines]
	if *entry != 0 {
		return false
	}
	*entry = x.entry(username)
	if !succeeded {
		*entry |= failedBit
	}
	x.rows++
	x.last = max(x.last, line)
	return true
}

// find returns what is known of a line: whether it is done, whether it was the
// row of that username, and whether that succeeded.
func (x *index) find(line int, username string) (done, same, succeeded bool) {
	c := x.chunk(line)
	if c == nil {
		return false, false, false
	}
	entry := c[line%chunkLines]
	if entry == 0 {
		return false, false, false
	}
	return true, entry&^failedBit == x.entry(username), entry&failedBit == 0
}

// firstIn returns the first line from..to that is done, or 0.
func (x *index) firstIn(from, to int) int {
	if from > to {
		return 0
	}
	first, last := from/chunkLines, to/chunkLines
	if last-first < len(x.chunks) {
		for number := first; number <= last; number++ {
			if line := x.firstOf(number, from, to); line > 0 {
				return line
			}
		}
		return 0
	}
	// A damaged report may name a line that is too far away to count up to.
	for _, number := range slices.Sorted(maps.Keys(x.chunks)) {
		if line := x.firstOf(number, from, to); line > 0 {
			return line
		}
	}
	return 0
}

// firstOf returns the first line from..to that is done in one chunk, or 0.
func (x *index) firstOf(number, from, to int) int {
	c := x.chunks[number]
	if c == nil {
		return 0
	}
	for at, entry := range c {
		if line := number*chunkLines + at; entry != 0 && from <= line && line <= to {
			return line
		}
	}
	return 0
}
