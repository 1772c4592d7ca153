package worker_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/internal/racedetector"
	"cognito-confirm/ratelimit"
	"cognito-confirm/worker"
)

// sharedQuota is an account whose quota is 50 calls a second, 15 of which live
// sign-ups take. It belongs to the synctest bubble that it was made in.
func sharedQuota(refusal fakecognito.Refusal) *fakecognito.Server {
	return fakecognito.New(fakecognito.Options{
		Quota:        fakecognito.Quota{Rate: 50, Refusal: refusal},
		Live:         15,
		Latency:      40 * time.Millisecond,
		AcceptAnyone: true,
	})
}

// pacedRun runs rows at the rate that a controller finds.
func pacedRun(t *testing.T, service *fakecognito.Server, rows int) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go service.RunLive(ctx)
	source, sink := &rowList{}, &recordings{}
	for i := range rows {
		source.rows = append(source.rows, worker.Row{Line: i + 2, Username: fmt.Sprintf("user%d", i)})
	}
	pool := worker.NewPool(worker.Options{Concurrency: 256, MaxAttempts: 8, StallTimeout: 5 * time.Minute},
		worker.Operation{Name: cognito.OperationName, Limiter: ratelimit.New(ratelimit.Options{}), Call: confirmSignUp(t, service, nil)})
	if err := pool.Run(ctx, source, sink); err != nil {
		t.Error(err)
	}
	for _, result := range sink.results {
		if !result.Status.Succeeded() {
			t.Errorf("%s is %s after %d attempts: %s", result.Row.Username, result.Status, result.Attempts, result.Code)
		}
	}
	if len(sink.results) != rows {
		t.Errorf("%d of %d rows have a result", len(sink.results), rows)
	}
}

// TestOverload: in whatever way the service refuses its surplus, live sign-ups
// keep their part of the quota, and no row fails.
func TestOverload(t *testing.T) {
	racedetector.Skip(t)
	const rows = 3000
	for _, refusal := range []fakecognito.Refusal{fakecognito.Refuse503, fakecognito.Refuse500, fakecognito.RefuseReset} {
		inBubble(t, refusal.String(), func(t *testing.T) {
			service, start := sharedQuota(refusal), time.Now()
			pacedRun(t, service, rows)
			counts := service.Counts()
			took := time.Since(start)
			live := 100 * float64(counts.LiveThrottled) / float64(counts.LiveCalls)
			t.Logf("took %v, live %.1f %% refused, ours %d of %d", took, live, counts.Refused, counts.Calls)
			if live > 3 || took > 105*time.Second {
				t.Errorf("%.1f %% of the live calls refused in %v", live, took)
			}
		})
	}
}

// TestOutageKeepsTheRate: after an outage, from the first call that gets through,
// the run is as fast as it was before.
func TestOutageKeepsTheRate(t *testing.T) {
	racedetector.Skip(t)
	const from, long, after, least = 25 * time.Second, time.Minute, 5 * time.Second, 0.85 * (50 - 15)
	for _, fault := range []fakecognito.Fault{
		{Kind: fakecognito.FaultHTTP, Code: "503"}, {Code: "InternalErrorException"}, {Kind: fakecognito.FaultReset}, {Kind: fakecognito.FaultHang},
	} {
		inBubble(t, fmt.Sprint(fault.Kind, fault.Code), func(t *testing.T) {
			service := sharedQuota(fakecognito.RefuseThrottled)
			time.AfterFunc(from, func() { service.SetFaultShare(1, fault) })
			var atEnd, atFirst, later int64
			time.AfterFunc(from+long, func() {
				service.ClearFaults()
				atEnd = service.Counts().Confirmed
				for atFirst = atEnd; atFirst == atEnd; atFirst = service.Counts().Confirmed {
					time.Sleep(10 * time.Millisecond)
				}
				time.Sleep(after)
				later = service.Counts().Confirmed
			})
			pacedRun(t, service, 1400)
			if rate := float64(later-atFirst) / after.Seconds(); rate < least {
				t.Errorf("%.1f calls a second after the outage, want at least %.1f", rate, least)
			}
		})
	}
}
