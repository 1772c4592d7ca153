package main

import (
	"io"
	"strings"
	"testing"

	"cognito-confirm/internal/flags"
	"cognito-confirm/worker"
)

// TestShardFlag: what --shard means with the variables that schedulers set. Those
// that are half set or contradict each other are refused: the wrong shard leaves
// out users.
func TestShardFlag(t *testing.T) {
	batch := func(index, count string) []string {
		return []string{"AWS_BATCH_JOB_ARRAY_INDEX=" + index, "AWS_BATCH_JOB_ARRAY_SIZE=" + count}
	}
	both := func(env ...[]string) (all []string) {
		for _, part := range env {
			all = append(all, part...)
		}
		return all
	}
	kubernetes := []string{"JOB_COMPLETION_INDEX=2"}
	tests := []struct {
		name, value string
		env         []string
		want        worker.Shard
		refused     string // how the refusal begins
	}{
		{"given", "1/4", nil, worker.Shard{Index: 1, Count: 4}, ""},
		{"given, whatever a scheduler says", "1/4", both(batch("0", "9"), kubernetes), worker.Shard{Index: 1, Count: 4}, ""},
		{"too many", "0/10001", nil, worker.Shard{}, "0/10001: there can be 1 to 10000 shards"},
		{"nonsense", "every", nil, worker.Shard{}, `"every" is no shard`},

		{"Batch", "auto", batch("2", "3"), worker.Shard{Index: 2, Count: 3}, ""},
		{"Batch, and Kubernetes says the same", "auto", both(batch("2", "3"), kubernetes), worker.Shard{Index: 2, Count: 3}, ""},
		{"Batch, and the number as well", "auto/3", batch("2", "3"), worker.Shard{Index: 2, Count: 3}, ""},
		{"Batch, and another number", "auto/4", batch("2", "3"), worker.Shard{}, "auto/4 contradicts AWS_BATCH_JOB_ARRAY_SIZE, which is 3"},
		{"Batch, and another index", "auto", both(batch("1", "3"), kubernetes), worker.Shard{}, "AWS_BATCH_JOB_ARRAY_INDEX is 1, and JOB_COMPLETION_INDEX is 2"},
		{"Batch without the size", "auto", []string{"AWS_BATCH_JOB_ARRAY_INDEX=2"}, worker.Shard{}, "of AWS_BATCH_JOB_ARRAY_INDEX and AWS_BATCH_JOB_ARRAY_SIZE one is set and one is not"},
		{"Batch without the index", "auto", []string{"AWS_BATCH_JOB_ARRAY_SIZE=3"}, worker.Shard{}, "of AWS_BATCH_JOB_ARRAY_INDEX and"},
		{"Batch's size beside Kubernetes", "auto/3", both(kubernetes, []string{"AWS_BATCH_JOB_ARRAY_SIZE=3"}), worker.Shard{}, "of AWS_BATCH_JOB_ARRAY_INDEX and"},
		{"an empty size", "auto", batch("2", ""), worker.Shard{}, "of AWS_BATCH_JOB_ARRAY_INDEX and"},
		{"an index beyond the size", "auto", batch("3", "3"), worker.Shard{}, "3/3: shards are counted from 0"},
		{"an index that is none", "auto", batch("two", "3"), worker.Shard{}, `"two/3" is no shard`},

		{"Kubernetes", "auto/3", kubernetes, worker.Shard{Index: 2, Count: 3}, ""},
		{"Kubernetes, and too small a number", "auto/2", kubernetes, worker.Shard{}, "2/2: shards are counted from 0"},
		{"Kubernetes without a number", "auto", kubernetes, worker.Shard{}, "auto needs AWS_BATCH_JOB_ARRAY_INDEX and AWS_BATCH_JOB_ARRAY_SIZE; JOB_COMPLETION_INDEX does not tell how many"},
		{"Kubernetes with half a number", "auto/", kubernetes, worker.Shard{}, `"2/" is no shard`},

		{"nobody", "auto", nil, worker.Shard{}, "auto needs AWS_BATCH_JOB_ARRAY_INDEX and AWS_BATCH_JOB_ARRAY_SIZE, which"},
		{"nobody, but the number", "auto/3", nil, worker.Shard{}, "auto/3 needs JOB_COMPLETION_INDEX"},
	}
	for _, test := range tests {
		args := []string{"users.csv", "--user-pool-id", testPool}
		for way, give := range map[string]struct{ env, args []string }{
			"flag":     {test.env, append(args, "--shard", test.value)},
			"variable": {append([]string{flags.Variable("shard") + "=" + test.value}, test.env...), args},
		} {
			into := &commands{}
			_, err := newParser(into, give.env, io.Discard, io.Discard, func() {}).Parse(give.args)
			switch {
			case test.refused == "" && (err != nil || into.Run.Shard != test.want):
				t.Errorf("%s (%s): %v, %v, want %v", test.name, way, into.Run.Shard, err, test.want)
			case test.refused != "" && (err == nil || !strings.HasPrefix(err.Error(), "--shard: "+test.refused)):
				t.Errorf("%s (%s): %v, want %s", test.name, way, err, test.refused)
			}
		}
	}
}

// TestRateOfAShard is its part of that of all of them, and auto is each one's own.
func TestRateOfAShard(t *testing.T) {
	for rate, want := range map[string]float64{"40": 4, "1": 0.1, "auto": 0} {
		if got := jobOf(t, nil, "users.csv", "--user-pool-id", testPool, "--shard", "3/10", "--rate", rate).Rate; got != want {
			t.Errorf("--rate %s: %v, want %v", rate, got, want)
		}
	}
}
