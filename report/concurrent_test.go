package report_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"cognito-confirm/worker"
)

func TestRecordFromManyGoroutines(t *testing.T) {
	const goroutines, each = 64, 50
	statuses := worker.Statuses()
	o := in(t.TempDir())
	r := open(t, o)
	var wait sync.WaitGroup
	for g := range goroutines {
		wait.Go(func() {
			for i := range each {
				line := g*each + i
				if err := r.Record(result(line, fmt.Sprint("user", line), statuses[line%len(statuses)])); err != nil {
					t.Errorf("Record: %v", err)
				}
				r.Tally().Counts()
			}
		})
	}
	wait.Wait()
	closeRecorder(t, r)

	var got, failed []int
	for _, record := range parse(t, read(t, o.Report)) {
		line, _ := strconv.Atoi(record[0])
		got = append(got, line)
		if want := fmt.Sprint("user", line); record[1] != want || record[2] != string(statuses[line%len(statuses)]) {
			t.Errorf("line %d: %q", line, record)
		}
	}
	for _, row := range strings.Fields(read(t, o.Failed))[1:] {
		line, _ := strconv.Atoi(strings.TrimPrefix(row, "user"))
		failed = append(failed, line)
	}
	var wantAll, wantFailed []int
	for line := range goroutines * each {
		wantAll = append(wantAll, line)
		if !statuses[line%len(statuses)].Succeeded() {
			wantFailed = append(wantFailed, line)
		}
	}
	slices.Sort(got)
	slices.Sort(failed)
	if !slices.Equal(got, wantAll) {
		t.Errorf("%d lines in the report, want each of %d once", len(got), len(wantAll))
	}
	if !slices.Equal(failed, wantFailed) {
		t.Errorf("%d failed rows, want each of %d once", len(failed), len(wantFailed))
	}
	for _, status := range statuses {
		if n := r.Tally().Counts().Statuses[status]; n != goroutines*each/len(statuses) {
			t.Errorf("%d rows counted as %s", n, status)
		}
	}
}
