package fakecognito_test

import (
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
