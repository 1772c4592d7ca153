package worker

import (
	"fmt"
	"strconv"
	"strings"
)

// Shard is one of Count parts of an input, counted from 0. All rows with one
// username are in the same shard, so that no two shards make calls for one user.
// The zero value is the whole input.
type Shard struct {
	Index int `json:"index"`
	Count int `json:"count"`
}

// MaxShards is how many shards an input can have.
const MaxShards = 10_000

// ParseShard reads a shard in the form of String, as 0/4. The zero value of it
// cannot be written.
func ParseShard(text string) (Shard, error) {
	before, after, _ := strings.Cut(text, "/")
	// No sign: what a person or a scheduler writes, and nothing else.
	index, indexErr := strconv.ParseUint(before, 10, 31)
	count, countErr := strconv.ParseUint(after, 10, 31)
	if indexErr != nil || countErr != nil {
		return Shard{}, fmt.Errorf("%q is no shard; one is written as in 0/4", text)
	}
	s := Shard{Index: int(index), Count: int(count)}
	switch {
	case s.Count < 1 || s.Count > MaxShards:
		return Shard{}, fmt.Errorf("%s: there can be 1 to %d shards", s, MaxShards)
	case s.Index >= s.Count:
		return Shard{}, fmt.Errorf("%s: shards are counted from 0, so the last one is %d/%d", s, s.Count-1, s.Count)
	}
	return s, nil
}

// ShardOf returns the one of count shards that a row is in: the 64-bit FNV-1a
// hash of its username, modulo count. A row without a username is in that of
// its line number in decimal. The rule is an interface: a shard that is resumed
// by another version has to be the same one.
func ShardOf(row Row, count int) Shard {
	key := row.Username
	if key == "" {
		key = strconv.Itoa(row.Line)
	}
	return Shard{Index: int(hash(key) % uint64(count)), Count: count}
}

// hash is FNV-1a. The one of the standard library would cost each row an
// allocation.
func hash(text string) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	h := uint64(offset)
	for i := range len(text) {
		h = (h ^ uint64(text[i])) * prime
	}
	return h
}

// String returns the shard as --shard takes it, as in 0/4.
func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Count) }

// IsWhole reports whether the shard is the whole input, and not one of several.
func (s Shard) IsWhole() bool { return s.Count == 0 }

// Has reports whether a row is in the shard.
func (s Shard) Has(row Row) bool { return s.IsWhole() || ShardOf(row, s.Count) == s }

// Of returns a source of the rows of another one that are in the shard, in the
// same order.
func (s Shard) Of(source Source) Source {
	if s.IsWhole() {
		return source
	}
	return &shardSource{s, source}
}

type shardSource struct {
	shard Shard
	whole Source
}

func (s *shardSource) Next() (Row, error) {
	for {
		row, err := s.whole.Next()
		if err != nil || s.shard.Has(row) {
			return row, err
		}
	}
}
