package report

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"
)

// TestFailureFile: what is added in any order is found in that of the lines, and
// nothing else is.
func TestFailureFile(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	file, err := newFailureFile(filepath.Join(t.TempDir(), "users.failed.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.close()
	const lines = 20_000
	want := make(map[int]int64)
	for range 3000 {
		line := 1 + random.IntN(lines)
		if random.IntN(2) == 0 {
			line = 7000 + random.IntN(600) // close together
		}
		want[line] = 1 + random.Int64N(1<<40)
	}
	want[mostInputLines-1] = 17
	for line, offset := range want {
		if err := file.add(line, offset); err != nil {
			t.Fatal(err)
		}
	}
	if err := file.add(math.MaxInt, 1); err != nil {
		t.Errorf("a line that no input has: %v", err)
	}
	for line := 1; line <= lines+1000; line++ {
		if got, err := file.find(line); got != want[line] || err != nil {
			t.Fatalf("line %d: %d, %v, want %d", line, got, err, want[line])
		}
	}
	if got, err := file.find(mostInputLines - 1); got != 17 || err != nil {
		t.Errorf("the last line: %d, %v", got, err)
	}
	if got, err := file.find(mostInputLines); got != 0 || err != nil {
		t.Errorf("after the last line: %d, %v", got, err)
	}
}
