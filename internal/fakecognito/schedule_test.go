package fakecognito_test

import (
	"slices"
	"testing"

	"cognito-confirm/internal/fakecognito"
)

// codes makes n calls for a user and returns the codes of the answers.
func codes(t *testing.T, s *fakecognito.Server, username string, n int) []string {
	t.Helper()
	var got []string
	for range n {
		got = append(got, call(t, s, username))
	}
	return got
}

func TestFaultsOfAUserStrikeInTurn(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{})
	s.AddUser("ann", fakecognito.Unconfirmed)
	s.AddUser("bob", fakecognito.Unconfirmed)
	faults := []fakecognito.Fault{
		{Code: "TooManyRequestsException", Times: 2},
		{Code: "InternalErrorException", Times: 1},
	}
	s.SetFault("bob", faults...)
	call(t, s, "bob")
	s.SetFault("bob") // none again
	if faults[0].Times != 2 {
		t.Error("the caller's faults were changed")
	}
	s.SetFault("ann", faults...)
	s.AddFault(fakecognito.FaultRule{Username: "ann", Fault: fakecognito.Fault{Code: "LimitExceededException", Times: 1}})
	if got := codes(t, s, "bob", 1); got[0] != "" {
		t.Errorf("the faults of ann struck bob: %q", got)
	}
	want := []string{"TooManyRequestsException", "TooManyRequestsException", "InternalErrorException",
		"LimitExceededException", "", "NotAuthorizedException"}
	if got := codes(t, s, "ann", 6); !slices.Equal(got, want) {
		t.Errorf("answers %q, want %q", got, want)
	}
	if counts := s.Counts(); counts.Faults != 5 || counts.Throttled != 3 {
		t.Errorf("counts %+v", counts)
	}
}

func TestFaultWithoutTimesStaysUntilCleared(t *testing.T) {
	for name, clearing := range map[string]func(*fakecognito.Server){
		"ClearFaults":      (*fakecognito.Server).ClearFaults,
		"SetFault of none": func(s *fakecognito.Server) { s.SetFault("ann") },
	} {
		s := fakecognito.New(fakecognito.Options{})
		s.AddUser("ann", fakecognito.Unconfirmed)
		s.SetFault("ann", fakecognito.Fault{Code: "InternalErrorException"})
		if got := codes(t, s, "ann", 20); slices.Contains(got, "") {
			t.Errorf("%s: answers %q before", name, got)
		}
		clearing(s)
		if got := codes(t, s, "ann", 1); got[0] != "" {
			t.Errorf("%s: answer %q after", name, got)
		}
	}
}

func TestTriggerRunsOncePerUser(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{})
	s.AddUser("ann", fakecognito.Unconfirmed)
	s.AddUser("bob", fakecognito.ResetRequired)
	for _, username := range []string{"ann", "bob", "nobody"} {
		s.SetFault(username, fakecognito.Fault{Code: "UserLambdaValidationException"})
	}
	want := []string{"UserLambdaValidationException", "NotAuthorizedException"}
	if got := codes(t, s, "ann", 2); !slices.Equal(got, want) {
		t.Errorf("answers %q, want %q", got, want)
	}
	wantStatus(t, s, "ann", fakecognito.Confirmed)
	if got := codes(t, s, "bob", 1); got[0] != "NotAuthorizedException" {
		t.Errorf("a user who cannot be confirmed met the trigger: %q", got)
	}
	wantStatus(t, s, "bob", fakecognito.ResetRequired)
	if got := codes(t, s, "nobody", 1); got[0] != "UserNotFoundException" {
		t.Errorf("a user who does not exist met the trigger: %q", got)
	}
	if counts := s.Counts(); counts.Confirmed != 1 {
		t.Errorf("counts %+v", counts)
	}
}

func TestFaultShares(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{AcceptAnyone: true, Seed: 7})
	s.SetFaultShare(0.1, fakecognito.Fault{Code: "A"})
	s.AddFault(fakecognito.FaultRule{Share: 0.02, Fault: fakecognito.Fault{Code: "B"}})
	s.SetFaultShare(1, fakecognito.Fault{Code: "C", Times: 3})
	count := make(map[string]int)
	const calls = 10_000
	for _, code := range codes(t, s, "ann", calls) {
		count[code]++
	}
	// The standard deviations are 30 and 14.
	if count["A"] < 900 || count["A"] > 1100 || count["B"] < 150 || count["B"] > 250 || count["C"] != 3 {
		t.Errorf("answers %v, want about 1000 of A, 200 of B and 3 of C", count)
	}
	if s.Counts().Faults != int64(count["A"]+count["B"]+count["C"]) {
		t.Errorf("counts %+v for %v", s.Counts(), count)
	}
	s.ClearFaults()
	if got := codes(t, s, "ann", 100); slices.ContainsFunc(got, func(c string) bool { return c != "" }) {
		t.Errorf("answers %q after the faults were cleared", got)
	}
}

func TestSeedRepeatsFaults(t *testing.T) {
	run := func(seed uint64) (codes string) {
		s := fakecognito.New(fakecognito.Options{AcceptAnyone: true, Seed: seed})
		s.SetFaultShare(0.2, fakecognito.Fault{Code: "A"})
		s.SetFaultShare(0.3, fakecognito.Fault{Code: "B"})
		for range 200 {
			codes += call(t, s, "ann") + ","
		}
		return codes
	}
	first := run(1)
	if again := run(1); again != first {
		t.Error("equal seeds gave different faults")
	}
	if run(2) == first {
		t.Error("different seeds gave the same faults")
	}
}

func TestFaultsOfAUserComeBeforeShares(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{AcceptAnyone: true})
	s.SetFaultShare(1, fakecognito.Fault{Code: "Share"})
	s.SetFault("ann", fakecognito.Fault{Code: "User", Times: 1})
	if got, want := codes(t, s, "ann", 2), []string{"User", "Share"}; !slices.Equal(got, want) {
		t.Errorf("answers %q, want %q", got, want)
	}
}

func TestQuotaComesBeforeFaults(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{AcceptAnyone: true, Quota: fakecognito.Quota{Blocked: true}})
	s.SetFault("ann", fakecognito.Fault{Code: "InternalErrorException", Times: 1})
	got := codes(t, s, "ann", 1)
	s.SetQuota(fakecognito.Quota{})
	got = append(got, codes(t, s, "ann", 2)...)
	if want := []string{"TooManyRequestsException", "InternalErrorException", ""}; !slices.Equal(got, want) {
		t.Errorf("answers %q, want %q", got, want)
	}
}

func TestOtherOperationsAreNeverFaulty(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{Quota: fakecognito.Quota{Blocked: true}})
	s.AddUser("ann", fakecognito.Confirmed)
	s.SetFaultShare(1, fakecognito.Fault{Code: "InternalErrorException"})
	for _, operation := range []string{"AdminGetUser", "ListUsers"} {
		if status, body := post(t, s, operation, `{"UserPoolId":"us-east-1_Example12","Username":"ann"}`); status != 200 {
			t.Errorf("%s: %d %s", operation, status, body)
		}
	}
}
