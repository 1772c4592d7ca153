//go:build faults && linux && amd64

package faults

import (
	"fmt"
	"maps"
	"slices"
	"testing"
)

// TestFaultsHostileAnswers has every hostile answer come from the first call on,
// and after calls that went well, when it means something else.
func TestFaultsHostileAnswers(t *testing.T) {
	t.Parallel()
	all := hostileAnswers()
	var ends []func() error
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for _, good := range []int{0, 10} {
			run := hostileRun{name: name, rows: 150, good: good, answers: []hostileAnswer{all[name]}, json: good > 0}
			if ends = append(ends, run.begin(t)); len(ends) == 8 {
				wantClean(t, ends)
				ends = nil
			}
		}
	}
	for _, good := range []int{0, 10} {
		for i, one := range answersWithCodes(all) {
			run := hostileRun{name: fmt.Sprint("names of others ", i), rows: 150, good: good, answers: []hostileAnswer{one}, json: good > 0, isDisguised: true}
			ends = append(ends, run.begin(t))
		}
	}
	wantClean(t, ends)
}

func wantClean(t *testing.T, ends []func() error) {
	t.Helper()
	for _, end := range ends {
		if err := end(); err != nil {
			t.Error(err)
		}
	}
}
