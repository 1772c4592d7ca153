//go:build bench

package bench

import (
	"cmp"
	"flag"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/internal/sampleusers"
)

var (
	speedRows   = flag.Int("rows", 100_000, "rows of a run in TestSpeed")
	speedRounds = flag.Int("rounds", 5, "runs of each in TestSpeed")
)

const (
	// speedInFlight is how many calls are in flight at most.
	speedInFlight = 64
	// The bounds: CPU a row and throughput as a ratio to the bare loop's, and
	// resident memory in MiB.
	mostCPU        = 0.65
	leastSpeed     = 1.4
	mostPeakMemory = 96
)

// TestSpeed compares the program, with everything that it does for a row, with a
// bare loop over the same SDK client that only calls. They take turns, so that
// whatever else the machine does slows down both.
//
// The program is cheaper for two reasons: main sets GOGC to 400, and
// internal/cognito prepares the SDK's middleware stack once instead of for every
// call. Reader, limiter, pool and report together cost less than a tenth of that.
// Throughput depends on what wakes a goroutine for each row: a turnstile or an
// unbuffered channel on the way of every row costs a third of it.
//
// These gained less than the noise: resolving the endpoint or the auth scheme
// once, not decoding a success with the SDK, leaving out the user agent. Tracing
// and metrics providers cost nothing unless they are set.
func TestSpeed(t *testing.T) {
	server, url := serve(t, fakecognito.Options{})
	input := writeRows(t, *speedRows)
	var ours, bare []usage
	for range *speedRounds {
		ours = append(ours, finish(t, unlimitedRun(t, url, input)))
		bare = append(bare, finish(t, again(t, bareRole, urlVariable+"="+url,
			rowsVariable+"="+strconv.Itoa(*speedRows), inFlightVariable+"="+strconv.Itoa(speedInFlight))))
	}
	if got, want := server.Counts().Confirmed, int64(2**speedRounds**speedRows); got != want {
		t.Fatalf("%d users confirmed, want %d", got, want)
	}

	fmt.Printf("\n%d rows, %d in flight, the best of %d runs.\n\n", *speedRows, speedInFlight, *speedRounds)
	fmt.Println("| | CPU a row | rows a second | resident memory |")
	fmt.Println("|---|--:|--:|--:|")
	o, b := best(ours), best(bare)
	fmt.Println(o.line("cognito-confirm"))
	fmt.Println(b.line("a bare loop over the SDK"))
	cpu, speed := float64(o.cpu)/float64(b.cpu), float64(b.wall)/float64(o.wall)
	fmt.Printf("| ratio | %.2f | %.2f | |\n\n", cpu, speed)
	if cpu > mostCPU {
		t.Errorf("%.2f of the bare loop's CPU a row, want at most %.2f", cpu, mostCPU)
	}
	if speed < leastSpeed {
		t.Errorf("%.2f times the bare loop's throughput, want at least %.2f", speed, leastSpeed)
	}
	if o.peak > mostPeakMemory {
		t.Errorf("%.1f MiB of resident memory, want at most %d", o.peak, mostPeakMemory)
	}
}

// unlimitedRun is a run without a limit on its rate.
func unlimitedRun(t *testing.T, url, input string) *exec.Cmd {
	t.Helper()
	return program(t, "run", "--endpoint-url", url, "--user-pool-id", poolID, "--overwrite",
		"--concurrency", strconv.Itoa(speedInFlight), "--rate", "1000000", "--summary", "summary.json", input)
}

// line returns a line of the table.
func (u usage) line(name string) string {
	rows := float64(*speedRows)
	return fmt.Sprintf("| %s | %.0f us | %.0f | %.0f MiB |", name, u.cpu.Seconds()/rows*1e6, rows/u.wall.Seconds(), u.peak)
}

// best picks the least disturbed value of each column: the least CPU and time,
// but the most memory.
func best(of []usage) usage {
	return usage{
		cpu:  slices.MinFunc(of, func(a, b usage) int { return cmp.Compare(a.cpu, b.cpu) }).cpu,
		wall: slices.MinFunc(of, func(a, b usage) int { return cmp.Compare(a.wall, b.wall) }).wall,
		peak: slices.MaxFunc(of, func(a, b usage) int { return cmp.Compare(a.peak, b.peak) }).peak,
	}
}

// writeRows writes an input of one column.
func writeRows(t *testing.T, rows int) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "users.csv")
	if err := sampleusers.WriteUsers(path, rows); err != nil {
		t.Fatal(err)
	}
	return path
}
