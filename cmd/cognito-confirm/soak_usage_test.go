//go:build soak

package main

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// usage is what a run needed, second by second.
type usage struct {
	memory, descriptors, threads []int // memory is VmRSS, in kB
}

// add takes a sample. A process that has just ended gives none.
func (u *usage) add(pid int) {
	directory := fmt.Sprintf("/proc/%d/", pid)
	descriptors, err := os.ReadDir(directory + "fd")
	if err != nil || len(descriptors) == 0 {
		return
	}
	status, err := os.Open(directory + "status")
	if err != nil {
		return
	}
	defer status.Close()
	values := make(map[string]int)
	for lines := bufio.NewScanner(status); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ":")
		if fields := strings.Fields(value); len(fields) > 0 {
			values[name], _ = strconv.Atoi(fields[0])
		}
	}
	if values["VmRSS"] == 0 {
		return
	}
	u.memory = append(u.memory, values["VmRSS"])
	u.descriptors = append(u.descriptors, len(descriptors))
	u.threads = append(u.threads, values["Threads"])
}

func (u usage) String() string {
	if len(u.memory) == 0 {
		return "no samples"
	}
	return fmt.Sprintf("%d to %d MB, %d to %d descriptors, %d to %d threads",
		slices.Min(u.memory)>>10, slices.Max(u.memory)>>10,
		slices.Min(u.descriptors), slices.Max(u.descriptors), slices.Min(u.threads), slices.Max(u.threads))
}

// warmUp is how many samples it takes until a run has its connections.
const warmUp = 10

// wantFlat holds the second half of every run against its first, and the last
// run of full length against the first one. Descriptors come and go with the
// calls in flight, so they have a bound instead.
func wantFlat(t *testing.T, runs []usage, mostDescriptors int) {
	t.Helper()
	for _, run := range runs {
		if most := slices.Max(append(run.descriptors, 0)); most > mostDescriptors {
			t.Errorf("%d descriptors, want at most %d", most, mostDescriptors)
		}
	}
	runs = slices.DeleteFunc(runs, func(u usage) bool { return len(u.memory) < 3*warmUp })
	if len(runs) == 0 {
		t.Log("no run was long enough to say whether it needs more and more")
		return
	}
	for _, kind := range []struct {
		name  string
		of    func(usage) []int
		slack int
	}{
		{"kB of memory", func(u usage) []int { return u.memory }, 8 << 10},
		{"threads", func(u usage) []int { return u.threads }, 4},
	} {
		grown := func(when string, before, after []int) {
			if was, is := slices.Max(before), slices.Max(after); is > was+was/4+kind.slack {
				t.Errorf("%s: from %d to %d %s", when, was, is, kind.name)
			}
		}
		for i, run := range runs {
			samples := kind.of(run)[warmUp:]
			grown(fmt.Sprintf("run %d", i+1), samples[:len(samples)/2], samples[len(samples)/2:])
		}
		grown("over all runs", kind.of(runs[0]), kind.of(runs[len(runs)-1]))
	}
}
