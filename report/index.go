package report

import (
	"hash/maphash"
	"maps"
	"slices"
)

// index knows which lines of the input are done, with four bytes a line: a
// hash of the username that was there. Two different usernames on one line look
// alike once in four billion times.
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

// chunk is for so many lines. The index is made of them because a damaged
// report can name any line, and that must not cost more memory than the report is long.
type chunk struct {
	// hashes are 0 for a line that is not done.
	hashes [chunkLines]uint32
	// unsuccessful has a bit for each line whose row belongs in the failed-rows file.
	unsuccessful [chunkLines / 64]uint64
}

func newIndex() *index {
	return &index{seed: maphash.MakeSeed(), chunks: make(map[int]*chunk), number: -1}
}

// hash never returns 0, which means that a line is not done.
func (x *index) hash(username string) uint32 {
	return max(1, uint32(maphash.String(x.seed, username)))
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
	at := line % chunkLines
	if c.hashes[at] != 0 {
		return false
	}
	c.hashes[at] = x.hash(username)
	if !succeeded {
		c.unsuccessful[at/64] |= 1 << (at % 64)
	}
	x.rows++
	x.last = max(x.last, line)
	return true
}

// done says what is known of a line: whether it is done, whether it was the
// row of that username, and whether that succeeded.
func (x *index) done(line int, username string) (done, same, succeeded bool) {
	c := x.chunk(line)
	if c == nil {
		return false, false, false
	}
	at := line % chunkLines
	if c.hashes[at] == 0 {
		return false, false, false
	}
	return true, c.hashes[at] == x.hash(username), c.unsuccessful[at/64]&(1<<(at%64)) == 0
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
	// Nobody can count up to a line that a damaged report may name.
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
	for at, hash := range c.hashes {
		if line := number*chunkLines + at; hash != 0 && from <= line && line <= to {
			return line
		}
	}
	return 0
}
