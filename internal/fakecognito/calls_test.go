package fakecognito_test

import (
	"fmt"
	"maps"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/fakecognito"
)

func TestLogHasEveryCallOnce(t *testing.T) {
	const callers, each = 16, 40
	s := fakecognito.New(fakecognito.Options{
		LogCalls: true, Latency: 100 * time.Microsecond, LatencyJitter: time.Millisecond,
		Quota: fakecognito.Quota{Burst: callers*each - 100}, // so that 100 calls are throttled
	})
	s.SetFaultShare(0.1, fakecognito.Fault{Code: "InternalErrorException"})
	s.SetFaultShare(0.02, fakecognito.Fault{Kind: fakecognito.FaultReset, Confirms: true})
	s.SetFaultShare(0.02, fakecognito.Fault{Kind: fakecognito.FaultReset})
	client := dial(t, s)

	var mu sync.Mutex
	answers := make(map[string]int) // request id to number of answers
	lost := 0
	var group sync.WaitGroup
	for c := range callers {
		group.Go(func() {
			for i := range each {
				username := fmt.Sprintf("user-%d-%d", c, i)
				s.AddUser(username, fakecognito.Unconfirmed)
				input := confirmInput(username)
				input.ClientMetadata = map[string]string{"run": "7", "username": username}
				output, err := client.AdminConfirmSignUp(t.Context(), input)
				id := requestID(output, err)
				mu.Lock()
				if id == "" {
					lost++
				} else {
					answers[id]++
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()

	calls := s.Calls()
	if len(calls) != callers*each {
		t.Fatalf("%d calls in the log, %d were made", len(calls), callers*each)
	}
	seen := make(map[string]bool)
	var confirmed, throttled, faults, resets int64
	for i, c := range calls {
		if seen[c.Username] {
			t.Errorf("two entries for %s", c.Username)
		}
		seen[c.Username] = true
		if c.Operation != "AdminConfirmSignUp" || c.Received.IsZero() || c.Answered.Before(c.Received) {
			t.Errorf("entry %+v", c)
		}
		if want := map[string]string{"run": "7", "username": c.Username}; !maps.Equal(c.ClientMetadata, want) {
			t.Errorf("client metadata %v, want %v", c.ClientMetadata, want)
		}
		if !strings.HasPrefix(c.UserAgent, "aws-sdk-go-v2/") {
			t.Errorf("the caller is %q", c.UserAgent)
		}
		if i > 0 && c.Received.Before(calls[i-1].Received) {
			t.Errorf("entry %d is out of order", i)
		}
		status, _ := s.UserStatus(c.Username)
		if c.Confirmed != (status == fakecognito.Confirmed) {
			t.Errorf("entry %+v, but the status is %v", c, status)
		}
		switch c.Code {
		case "reset":
			faults, resets = faults+1, resets+1
		case "InternalErrorException":
			faults++
		case "TooManyRequestsException":
			throttled++
		}
		if c.Code != "reset" && answers[c.RequestID] != 1 {
			t.Errorf("the answer with request id %s came %d times", c.RequestID, answers[c.RequestID])
		}
		if c.Confirmed {
			confirmed++
		}
	}
	if int64(lost) != resets || resets == 0 || throttled != 100 || faults == resets {
		t.Errorf("%d lost answers for %d resets, %d throttled, %d faults", lost, resets, throttled, faults)
	}
	counts := s.Counts()
	if counts.Calls != callers*each || counts.Confirmed != confirmed || counts.Throttled != throttled || counts.Faults != faults {
		t.Errorf("counts %+v, log has %d confirmed, %d throttled, %d faults", counts, confirmed, throttled, faults)
	}
	if counts.MaxInFlight < 2 || counts.MaxInFlight > callers {
		t.Errorf("at most %d in flight with %d callers", counts.MaxInFlight, callers)
	}
	// A reset costs a connection, and whoever finds none idle may dial one too many.
	if counts.Connections < resets || counts.Connections > 2*(callers+resets) {
		t.Errorf("%d connections for %d callers and %d resets", counts.Connections, callers, resets)
	}
}

func TestCallsInFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := fakecognito.New(fakecognito.Options{AcceptAnyone: true, LogCalls: true, Latency: time.Second})
		var group sync.WaitGroup
		for range 7 {
			group.Go(func() { call(t, s, "ann") })
		}
		time.Sleep(time.Millisecond)
		calls := s.Calls()
		if len(calls) != 7 || !calls[0].Answered.IsZero() || !calls[0].Confirmed {
			t.Errorf("log of calls in flight: %+v", calls)
		}
		group.Wait()
		call(t, s, "ann")
		if calls = s.Calls(); len(calls) != 8 || calls[0].Answered.Sub(calls[0].Received) != time.Second {
			t.Errorf("log of answered calls: %+v", calls)
		}
		if counts := s.Counts(); counts.MaxInFlight != 7 || counts.Calls != 8 {
			t.Errorf("counts %+v", counts)
		}
	})
}

func TestCallsReturnsACopy(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{AcceptAnyone: true, LogCalls: true})
	body := `{"UserPoolId":"us-east-1_Example12","Username":"ann","ClientMetadata":{"run":"1"}}`
	post(t, s, "AdminConfirmSignUp", body)
	calls := s.Calls()
	calls[0].Username, calls[0].ClientMetadata["run"] = "x", "x"
	if again := s.Calls()[0]; again.Username != "ann" || again.ClientMetadata["run"] != "1" {
		t.Errorf("the log was changed: %+v", again)
	}
}

func TestMemoryIsFlatWithoutLog(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{AcceptAnyone: true, Quota: fakecognito.Quota{Rate: 1000}})
	s.SetFaultShare(0.1, fakecognito.Fault{Code: "InternalErrorException"})
	run := func(calls int) uint64 {
		for i := range calls {
			call(t, s, fmt.Sprintf("user-%d", i))
		}
		runtime.GC()
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		return memory.HeapAlloc
	}
	before := run(1000)
	const calls = 3_000
	after := run(calls)
	if grown := int64(after) - int64(before); grown > 20*calls {
		t.Errorf("the heap grew by %d bytes in %d calls", grown, calls)
	}
	if len(s.Calls()) != 0 || s.Counts().Calls != 1000+calls {
		t.Errorf("%d calls in the log that is off, counts %+v", len(s.Calls()), s.Counts())
	}
}
