package job

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/events"
	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/ratelimit"
	"cognito-confirm/worker"
)

// TestQuota: a known quota bounds the rate, and everybody gets to know it.
func TestQuota(t *testing.T) {
	warning := []string{"the rate is above the quota of UserCreation in eu-west-1, which is 50 calls a second: the run keeps below that"}
	for _, test := range []struct {
		name     string
		rate     float64 // of this run
		shards   int
		pace     ratelimit.Pace
		from, to float64
		warnings []string
	}{
		{name: "auto", from: 23.75, to: 47.5},
		{name: "auto, dedicated", pace: ratelimit.Dedicated, from: 25, to: 50},
		{name: "auto, one of 5 shards", shards: 5, from: 5, to: 47.5},
		{name: "fixed", rate: 40, from: 20, to: 40},
		{name: "fixed, above it", rate: 100, from: 23.75, to: 47.5, warnings: warning},
		{name: "fixed, above it, one of 2 shards", rate: 50, shards: 2, from: 11.875, to: 23.75, warnings: warning},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(dir)
				b.server = fakecognito.New(fakecognito.Options{
					UserPoolID: testPool, AcceptAnyone: true, Latency: latency, Quota: fakecognito.Quota{Rate: 50},
				})
				b.put(t, "users.csv", "username\n"+strings.Repeat("alice\n", 500))
				o := b.options()
				o.Rate, o.Pace, o.Pool.Concurrency = test.rate, test.pace, 20
				o.Shard.Count = test.shards
				o.Report = b.path("users.report.csv")
				j := open(t, o)
				if got := j.Snapshot(); got.Limiter.Rate != test.from || got.Quota != 50 {
					t.Errorf("begins with %v of %v", got.Limiter.Rate, got.Quota)
				}
				most := 0.0
				look := time.NewTicker(100 * time.Millisecond)
				defer look.Stop()
				done := make(chan struct{})
				go func() {
					defer close(done)
					if err := j.Run(t.Context()); err != nil {
						t.Error(err)
					}
				}()
				for running := true; running; {
					select {
					case <-look.C:
						most = max(most, j.Snapshot().Limiter.Rate)
					case <-done:
						running = false
					}
				}
				if test.shards == 0 && most != test.to || most > test.to {
					t.Errorf("goes on to %v, want %v", most, test.to)
				}
				if got := j.Warnings(); !slices.Equal(got, test.warnings) {
					t.Errorf("warnings %q", got)
				}
				if got := j.Summary().Pacing.Quota; got != 50 {
					t.Errorf("summary: quota %v", got)
				}
				j.Close()
				if run, ok := kept(t, b)[0].Event.(events.Run); !ok || run.Quota != 50 {
					t.Errorf("event %+v", run)
				}
			})
		})
	}
}

// TestNoQuota: without it, a run does what it would have done.
func TestNoQuota(t *testing.T) {
	b := newBench(t.TempDir())
	b.server = fakecognito.New(fakecognito.Options{AcceptAnyone: true, Quota: fakecognito.Quota{Rate: 1000}, HideQuota: true})
	b.put(t, "users.csv", "username\nalice\n")
	o := b.options()
	o.Rate, o.Shard = 0, worker.Shard{}
	j := open(t, o)
	if about := j.About(); about.Quota != 0 || about.QuotaUnread != "UnknownOperationException" || j.Snapshot().Limiter.Rate != 10 || len(j.Warnings()) > 0 {
		t.Errorf("about %+v, at %v, warnings %q", about, j.Snapshot().Limiter.Rate, j.Warnings())
	}
	if err := j.Run(t.Context()); err != nil {
		t.Error(err)
	}
}
