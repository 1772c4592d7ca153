package fakecognito_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/fakecognito"
)

func TestLiveTraffic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rate, seconds = 40, 1000
		s := fakecognito.New(fakecognito.Options{Live: rate, Quota: fakecognito.Quota{Rate: 10, Burst: 1}})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			s.RunLive(ctx)
		}()

		time.Sleep(seconds * time.Second)
		counts := s.Counts()
		// A Poisson count of mean 40,000 has a standard deviation of 200.
		if counts.LiveCalls < 39_000 || counts.LiveCalls > 41_000 {
			t.Errorf("%d live calls in %d s at %d/s", counts.LiveCalls, seconds, rate)
		}
		// The bucket of one token misses a refill only while it is full; at four
		// times its rate it grants the share rate/(rate+gap) that queueing theory
		// gives: one per 1/10 s + mean gap 1/40 s = 8 a second.
		granted := counts.LiveCalls - counts.LiveThrottled
		if granted < 7_800 || granted > 8_200 {
			t.Errorf("%d live calls granted, want about 8,000", granted)
		}
		if counts.Calls != 0 || counts.Throttled != 0 || counts.Confirmed != 0 {
			t.Errorf("live traffic is mixed up with calls: %+v", counts)
		}

		s.SetLive(0)
		time.Sleep(time.Minute)
		stopped := s.Counts().LiveCalls
		if stopped > counts.LiveCalls+1 {
			t.Errorf("%d live calls after the traffic was stopped", stopped-counts.LiveCalls)
		}
		s.SetLive(1000)
		time.Sleep(100 * time.Second)
		if more := s.Counts().LiveCalls - stopped; more < 98_500 || more > 101_500 {
			t.Errorf("%d live calls in 100 s at 1000/s", more)
		}
		cancel()
		<-done
	})
}

func TestLiveTrafficDrinksFromTheSameBucket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := fakecognito.New(fakecognito.Options{AcceptAnyone: true, Live: 30, Quota: fakecognito.Quota{Rate: 50, Burst: 50}})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go s.RunLive(ctx)
		granted := int64(0)
		const seconds = 100
		for range seconds * 100 { // 100 calls a second compete with the live traffic
			if call(t, s, "ann") == "" {
				granted++
			}
			time.Sleep(10 * time.Millisecond)
		}
		counts := s.Counts()
		all := granted + counts.LiveCalls - counts.LiveThrottled
		if all < 50*seconds || all > 50*seconds+50 {
			t.Errorf("%d granted in all, want the quota of %d and at most the burst", all, 50*seconds)
		}
		// Both sides find the bucket empty alike, so live sign-ups suffer too.
		if counts.LiveThrottled == 0 {
			t.Error("no live call was throttled although the bucket was always empty")
		}
	})
}
