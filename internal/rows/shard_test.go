package rows

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"cognito-confirm/worker"
)

// TestShardsOfAnInput: whatever is in a CSV (blank lines, records of several
// lines, malformed and torn ones), its shards have every row of it once, on the
// line that it has in the whole.
func TestShardsOfAnInput(t *testing.T) {
	inputs, rows := 0, 0
	addReaderSeeds(func(in []byte, column string, delimiter uint8, noHeader bool) {
		o := fuzzOptions(column, delimiter, noHeader)
		whole, err := readShard(in, o, worker.Shard{})
		if err != nil {
			return // no shard of it can be read either
		}
		inputs++
		rows += len(whole)
		for count := 1; count <= 5; count++ {
			var union []worker.Row
			for index := range count {
				part, err := readShard(in, o, worker.Shard{Index: index, Count: count})
				if err != nil {
					t.Fatalf("%.80q, shard %d/%d: %v", in, index, count, err)
				}
				union = append(union, part...)
			}
			slices.SortFunc(union, func(a, b worker.Row) int { return a.Line - b.Line })
			if !slices.EqualFunc(union, whole, func(a, b worker.Row) bool { return fmt.Sprint(a) == fmt.Sprint(b) }) {
				t.Fatalf("%.80q in %d shards: %v, want %v", in, count, union, whole)
			}
		}
	})
	if inputs < 100 || rows < 200 {
		t.Errorf("only %d inputs with %d rows could be read", inputs, rows)
	}
}

func readShard(in []byte, o Options, shard worker.Shard) (rows []worker.Row, err error) {
	r, err := NewReader(bytes.NewReader(in), o)
	if err != nil {
		return nil, err
	}
	for source := shard.Of(r); ; {
		row, err := source.Next()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		row.Invalid = nil // a pointer, and the same for the same row
		rows = append(rows, row)
	}
}
