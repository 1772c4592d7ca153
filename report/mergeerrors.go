package report

import (
	"fmt"

	"cognito-confirm/worker"
)

// RunningError means that a run still writes to a report that is to be merged.
type RunningError struct {
	Path string
	// holder names the process, as far as that is known.
	holder string
}

func (e *RunningError) Error() string { return "a run still writes to " + e.Path + e.holder }

// TwiceError means that two reports have a line about the same row.
type TwiceError struct {
	// Line is that of the input.
	Line          int
	First, Second string
}

func (e *TwiceError) Error() string {
	return fmt.Sprintf("line %d of the input is in %s and in %s", e.Line, e.First, e.Second)
}

// MixedShardsError means that two reports are of shards that do not belong to
// one whole.
type MixedShardsError struct {
	First, Second           string
	FirstShard, SecondShard worker.Shard
}

func (e *MixedShardsError) Error() string {
	return fmt.Sprintf("%s is the report of shard %s, and %s that of shard %s: they are not shards of one run",
		e.First, e.FirstShard, e.Second, e.SecondShard)
}
