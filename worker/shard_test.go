package worker_test

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"cognito-confirm/worker"
)

// TestShardOf: which shard a user is in must never change, or a shard that is
// resumed by another version would be another one. The values were computed by
// another program.
func TestShardOf(t *testing.T) {
	counts := []int{1, 2, 3, 4, 7, 100, 10_000}
	for _, test := range []struct {
		row  worker.Row
		want []int
	}{
		{worker.Row{Line: 2, Username: "alice"}, []int{0, 1, 2, 3, 1, 83, 6183}},
		{worker.Row{Line: 3, Username: "user0000001@example.com"}, []int{0, 0, 2, 0, 3, 76, 9876}},
		{worker.Row{Line: 4, Username: "5f2c0a52-9d0e-4c5e-8a3b-0d9f6f1f7a10"}, []int{0, 1, 0, 3, 6, 35, 8335}},
		{worker.Row{Line: 5, Username: "zoë"}, []int{0, 0, 1, 0, 1, 96, 7596}},
		{worker.Row{Line: 17, Username: ""}, []int{0, 1, 0, 1, 4, 85, 7185}},
		{worker.Row{Line: 4999999, Username: ""}, []int{0, 1, 0, 1, 1, 1, 2601}},
	} {
		for i, count := range counts {
			if got, want := worker.ShardOf(test.row, count), (worker.Shard{Index: test.want[i], Count: count}); got != want {
				t.Errorf("%q on line %d is in shard %s, want %s", test.row.Username, test.row.Line, got, want)
			}
		}
	}
}

// TestShardHash: the hash is the well-known one, so that other programs can tell
// the shard of a user.
func TestShardHash(t *testing.T) {
	for i := range 1000 {
		username := strings.Repeat("\xffü", i%5) + fmt.Sprint("user", i)
		h := fnv.New64a()
		h.Write([]byte(username))
		if got, want := worker.ShardOf(worker.Row{Line: 1, Username: username}, 9973).Index, int(h.Sum64()%9973); got != want {
			t.Fatalf("%q is in shard %d, want %d", username, got, want)
		}
	}
}

// TestShards: whatever the rows and however many shards, each row is in one of
// them, with all the other rows of its user, and a shard keeps the order.
func TestShards(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 100 {
		rows := drawRows(random)
		count := 1 + random.IntN(20)
		if i == 0 {
			count = worker.MaxShards
		}
		shardOf := make(map[string]int)
		var union []worker.Row
		for index := range count {
			part := readSource(t, worker.Shard{Index: index, Count: count}.Of(&rowsSource{rows: rows}))
			if !slices.IsSortedFunc(part, byLine) {
				t.Fatalf("shard %d/%d is in another order", index, count)
			}
			for _, row := range part {
				if other, ok := shardOf[row.Username]; ok && other != index && row.Username != "" {
					t.Fatalf("%q is in the shards %d and %d of %d", row.Username, other, index, count)
				}
				shardOf[row.Username] = index
			}
			union = append(union, part...)
		}
		slices.SortFunc(union, byLine)
		if !slices.EqualFunc(union, rows, func(a, b worker.Row) bool { return byLine(a, b) == 0 && a.Username == b.Username }) {
			t.Fatalf("%d shards have %d rows of %d", count, len(union), len(rows))
		}
	}
	rows := drawRows(random)
	if whole := readSource(t, worker.Shard{}.Of(&rowsSource{rows: rows})); len(whole) != len(rows) {
		t.Errorf("the whole has %d rows of %d", len(whole), len(rows))
	}
}

func byLine(a, b worker.Row) int { return a.Line - b.Line }

// drawRows returns rows with gaps between their lines, users that come up
// several times, and rows without one.
func drawRows(random *rand.Rand) []worker.Row {
	rows := make([]worker.Row, random.IntN(300))
	line := 1
	for i := range rows {
		line += 1 + random.IntN(3)
		rows[i].Line = line
		if random.IntN(10) > 0 {
			rows[i].Username = fmt.Sprint("user", random.IntN(200))
		}
	}
	return rows
}

// rowsSource hands out rows, then an error, io.EOF if it has none.
type rowsSource struct {
	rows []worker.Row
	err  error
}

func (s *rowsSource) Next() (worker.Row, error) {
	if len(s.rows) == 0 {
		if s.err != nil {
			return worker.Row{}, s.err
		}
		return worker.Row{}, io.EOF
	}
	row := s.rows[0]
	s.rows = s.rows[1:]
	return row, nil
}

func readSource(t *testing.T, source worker.Source) (rows []worker.Row) {
	t.Helper()
	for {
		row, err := source.Next()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
}

// TestShardsAreEven for the kinds of usernames that pools have.
func TestShardsAreEven(t *testing.T) {
	for _, format := range []string{"user%07d@example.com", "%d", "+4479%08d", "google_1%020d"} {
		const rows, count = 20_000, 4
		var sizes [count]int
		for i := range rows {
			sizes[worker.ShardOf(worker.Row{Username: fmt.Sprintf(format, i)}, count).Index]++
		}
		for _, size := range sizes {
			if size < rows/count*9/10 || size > rows/count*11/10 {
				t.Errorf("%s: shards of %v rows", format, sizes)
				break
			}
		}
	}
}

// TestShardPassesErrorsOn: a shard must not take a broken input for its end.
func TestShardPassesErrorsOn(t *testing.T) {
	broken := errors.New("broken")
	source := worker.Shard{Index: 0, Count: 1}.Of(&rowsSource{[]worker.Row{{Line: 2, Username: "alice"}}, broken})
	if row, err := source.Next(); err != nil || row.Username != "alice" {
		t.Errorf("%v, %v", row, err)
	}
	if _, err := source.Next(); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

func TestParseShard(t *testing.T) {
	for text, want := range map[string]worker.Shard{
		"0/1": {Index: 0, Count: 1}, "3/4": {Index: 3, Count: 4}, "03/10": {Index: 3, Count: 10}, "9999/10000": {Index: 9999, Count: 10_000},
	} {
		got, err := worker.ParseShard(text)
		if err != nil || got != want {
			t.Errorf("%s: %v, %v, want %v", text, got, err, want)
		}
		if again, err := worker.ParseShard(got.String()); err != nil || again != want {
			t.Errorf("%s: %v, %v", got, again, err)
		}
	}
	for text, want := range map[string]string{
		"":                       `"" is no shard`,
		"1":                      `"1" is no shard`,
		"/4":                     `"/4" is no shard`,
		"1/":                     `"1/" is no shard`,
		"-1/4":                   `"-1/4" is no shard`,
		"+1/4":                   `"+1/4" is no shard`,
		"1/4/5":                  `"1/4/5" is no shard`,
		"1 /4":                   `"1 /4" is no shard`,
		"0x1/4":                  `"0x1/4" is no shard`,
		"0/0":                    "0/0: there can be 1 to 10000 shards",
		"0/10001":                "0/10001: there can be 1 to 10000 shards",
		"4/4":                    "4/4: shards are counted from 0, so the last one is 3/4",
		"0/99999999999999999999": `"0/99999999999999999999" is no shard`,
	} {
		if got, err := worker.ParseShard(text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, %v, want %s", text, got, err, want)
		}
	}
}
