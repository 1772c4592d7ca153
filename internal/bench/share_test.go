//go:build bench

package bench

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

// share is how a contender did in a situation, by the stand-in's counters. Each
// value is a fraction, or -1 when there is no whole.
type share struct {
	goodput       float64 // confirmed, of what live traffic left of the quota
	throttled     float64 // of the contender's calls
	liveThrottled float64 // of the live calls
	failed        float64 // of the contender's rows, which it gave up on
}

// measure runs a contender in a situation and compares the stand-in's counters
// after the warm-up with those at the end.
func measure(t *testing.T, c contender, s situation) share {
	t.Helper()
	server, url := serve(t, fakecognito.Options{Quota: s.quota, HideQuota: true, Live: s.live, Latency: pacingLatency, Seed: 1})
	command := c.command(t, s, url)
	var said, complaints strings.Builder
	command.Stdout, command.Stderr = &said, &complaints
	input, err := command.StdinPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(*warmup)
	before := server.Counts()
	fmt.Fprintln(input, "now") // see contend; our own program does not read it
	time.Sleep(*window)
	after := server.Counts()
	input.Close()
	rows, failed, err := c.end(command, &said)
	if err != nil {
		t.Fatalf("%v\n%s", err, &complaints)
	}
	live := float64(after.LiveCalls - before.LiveCalls)
	return share{
		goodput:       part(float64(after.Confirmed-before.Confirmed), s.quota.Rate*window.Seconds()-live),
		throttled:     part(float64(after.Throttled-before.Throttled), float64(after.Calls-before.Calls)),
		liveThrottled: part(float64(after.LiveThrottled-before.LiveThrottled), live),
		failed:        part(float64(failed), float64(rows)),
	}
}

func part(of, whole float64) float64 {
	if whole <= 0 {
		return -1
	}
	return of / whole
}
