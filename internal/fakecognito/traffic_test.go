package fakecognito_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/fakecognito"
)

func TestQuotaThroughTheHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := fakecognito.New(fakecognito.Options{AcceptAnyone: true, Quota: fakecognito.Quota{Rate: 50, Burst: 5}})
		// 100 calls a second for 10 s, each at its millisecond: 5 from the burst, then 50 a second.
		granted := 0
		for range 1000 {
			switch code := call(t, s, "ann"); code {
			case "":
				granted++
			case "TooManyRequestsException":
			default:
				t.Fatalf("code %s", code)
			}
			time.Sleep(10 * time.Millisecond)
		}
		// The last call is at 9.99 s, by when 499 tokens have come back.
		if want := 5 + 499; granted != want {
			t.Errorf("%d calls granted, want %d", granted, want)
		}
		counts := s.Counts()
		if counts.Calls != 1000 || counts.Throttled != int64(1000-granted) || counts.Confirmed != int64(granted) {
			t.Errorf("counts %+v", counts)
		}

		s.SetQuota(fakecognito.Quota{Blocked: true})
		time.Sleep(time.Hour)
		if code := call(t, s, "ann"); code != "TooManyRequestsException" {
			t.Errorf("a blocked quota answered %q", code)
		}
		s.SetQuota(fakecognito.Quota{})
		if code := call(t, s, "ann"); code != "" {
			t.Errorf("without a quota: %q", code)
		}
	})
}

func TestInvalidCallsDoNotUseTheQuota(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{Quota: fakecognito.Quota{Burst: 1}})
	s.AddUser("ann", fakecognito.Unconfirmed)
	if code := call(t, s, "an n"); code != "InvalidParameterException" {
		t.Fatalf("code %q", code)
	}
	if code := call(t, s, "ann"); code != "" {
		t.Errorf("code %q: the call before took the only token", code)
	}
}

func TestLiveTraffic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rate, seconds = 40, 250
		s := fakecognito.New(fakecognito.Options{Live: rate, Quota: fakecognito.Quota{Rate: 10, Burst: 1}})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			s.RunLive(ctx)
		}()

		time.Sleep(seconds * time.Second)
		counts := s.Counts()
		// A Poisson count of mean 10,000 has a standard deviation of 100.
		if counts.LiveCalls < 9_500 || counts.LiveCalls > 10_500 {
			t.Errorf("%d live calls in %d s at %d/s", counts.LiveCalls, seconds, rate)
		}
		// The bucket of one token refills for 1/10 s and then waits for the next
		// call, 1/40 s on average: it grants one in 1/8 s.
		granted := counts.LiveCalls - counts.LiveThrottled
		if granted < 1_900 || granted > 2_100 {
			t.Errorf("%d live calls granted, want about 2,000", granted)
		}
		if counts.Calls != 0 || counts.Throttled != 0 || counts.Confirmed != 0 {
			t.Errorf("live traffic is mixed up with calls: %+v", counts)
		}
		cancel()
		<-done
	})
}

func TestLiveTrafficUsesTheSameQuota(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := fakecognito.New(fakecognito.Options{AcceptAnyone: true, Live: 30, Quota: fakecognito.Quota{Rate: 50, Burst: 50}})
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go s.RunLive(ctx)
		granted := int64(0)
		const seconds = 20
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
		// Both sides find the bucket empty, so live sign-ups suffer too.
		if counts.LiveThrottled == 0 {
			t.Error("no live call was throttled although the bucket was always empty")
		}
	})
}
