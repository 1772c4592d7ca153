package fakecognito_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

func TestParseFault(t *testing.T) {
	type rule = fakecognito.FaultRule
	type fault = fakecognito.Fault
	tests := []struct {
		text string
		want rule
	}{
		{"0.01:InternalErrorException", rule{Share: 0.01, Fault: fault{Code: "InternalErrorException"}}},
		{"1:ThrottlingException:3", rule{Share: 1, Fault: fault{Code: "ThrottlingException", Times: 3}}},
		{"0.05:503:100", rule{Share: 0.05, Fault: fault{Kind: fakecognito.FaultHTTP, Code: "503", Times: 100}}},
		{"1e-3:reset+confirmed", rule{Share: 0.001, Fault: fault{Kind: fakecognito.FaultReset, Confirms: true}}},
		{"0.5:hang", rule{Share: 0.5, Fault: fault{Kind: fakecognito.FaultHang}}},
		{"0.5:truncated", rule{Share: 0.5, Fault: fault{Kind: fakecognito.FaultTruncated}}},
		{"alice=UserLambdaValidationException", rule{Username: "alice", Fault: fault{Code: "UserLambdaValidationException"}}},
		{"a=b:c=302", rule{Username: "a=b:c", Fault: fault{Kind: fakecognito.FaultHTTP, Code: "302"}}},
		{"bob@example.com=slow@20s:2", rule{Username: "bob@example.com",
			Fault: fault{Kind: fakecognito.FaultSlow, Delay: 20 * time.Second, Times: 2}}},
		{"eve=InternalErrorException+confirmed@500ms:1", rule{Username: "eve",
			Fault: fault{Code: "InternalErrorException", Confirms: true, Delay: 500 * time.Millisecond, Times: 1}}},
	}
	for _, test := range tests {
		if got, err := fakecognito.ParseFault(test.text); err != nil || got != test.want {
			t.Errorf("ParseFault(%q) = %+v, %v; want %+v", test.text, got, err, test.want)
		}
	}
}

func TestParseFaultKnowsEveryException(t *testing.T) {
	for _, code := range fakecognito.Exceptions() {
		rule, err := fakecognito.ParseFault("ann=" + code)
		if err != nil || rule.Fault != (fakecognito.Fault{Code: code}) {
			t.Errorf("ParseFault of %s = %+v, %v", code, rule, err)
		}
	}
}

func TestParseFaultRefuses(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", "want share:kind or username=kind"},
		{"InternalErrorException", "want share:kind or username=kind"},
		{"0:hang", `share "0" is not a number above 0 and up to 1`},
		{"1.5:hang", `share "1.5" is not a number above 0 and up to 1`},
		{"NaN:hang", `share "NaN" is not a number above 0 and up to 1`},
		{"alice:hang", `share "alice" is not a number above 0 and up to 1`},
		{"=hang", "the username is empty"},
		{"alice=", `kind "" is none of reset, hang, slow, truncated, an HTTP status, InternalErrorException`},
		{"alice=InternalError", `kind "InternalError" is none of`},
		{"alice=99", `kind "99" is none of`},
		{"alice=600", `kind "600" is none of`},
		{"alice=slow", "slow needs a delay"},
		{"alice=hang:0", `times "0" is not a whole number above 0`},
		{"alice=hang:x", `times "x" is not a whole number above 0`},
		{"alice=slow@soon", `delay "soon" is not a duration above 0`},
		{"alice=slow@-1s", `delay "-1s" is not a duration above 0`},
	}
	for _, test := range tests {
		rule, err := fakecognito.ParseFault(test.text)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("ParseFault(%q) = %+v, %v; want an error with %q", test.text, rule, err, test.want)
		}
	}
}

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
	const calls = 3_000
	for _, code := range codes(t, s, "ann", calls) {
		count[code]++
	}
	// The standard deviations are 16 and 8.
	if count["A"] < 240 || count["A"] > 360 || count["B"] < 30 || count["B"] > 90 || count["C"] != 3 {
		t.Errorf("answers %v, want about 300 of A, 60 of B and 3 of C", count)
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
