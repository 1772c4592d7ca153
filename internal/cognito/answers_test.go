package cognito

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"cognito-confirm/internal/codes"
	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/worker"
)

// verdicts lists every code of the table by its verdict.
var verdicts = map[worker.Verdict][]string{
	worker.Refused:       {"InvalidParameterException", "LimitExceededException", "NotAuthorizedException", "TooManyFailedAttemptsException", "UserNotFoundException"},
	worker.TriggerFailed: {"InvalidLambdaResponseException", "UnexpectedLambdaException", "UserLambdaValidationException"},
	worker.Throttled: {"RequestLimitExceeded", "RequestThrottled", "RequestThrottledException", "SlowDown",
		"ThrottledException", "Throttling", "ThrottlingException", "TooManyRequestsException"},
	worker.Transient: {"InternalErrorException", "RequestAbortedException", "RequestTimeout", "RequestTimeoutException",
		"connection", "credentials", "timeout", "unexpected_answer"},
	worker.Fatal: {"AccessDenied", "AccessDeniedException", "ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId",
		"MissingAuthenticationToken", "MissingAuthenticationTokenException", "OperationNotEnabledException", "OptInRequired",
		"ResourceNotFoundException", "UnknownOperationException", "UnrecognizedClientException"},
	worker.FatalIfRepeated: {"IncompleteSignature", "IncompleteSignatureException", "InvalidSignatureException",
		"RequestExpired", "RequestTimeTooSkewed", "SignatureDoesNotMatch"},
	worker.Misconfigured: {"certificate", "certificate_expired", "certificate_unknown_authority", "certificate_wrong_host", "proxy_address",
		"proxy_authentication", "tls_refused", "unknown_host", "unknown_proxy", "wrong_scheme"},
	worker.Exhausted: {"no_descriptors", "no_ports"},
}

// Every code of the service gets the verdict that the table has for it, and the
// table has no other codes. All are sent with status 400, so only the code counts.
func TestEveryCode(t *testing.T) {
	listed := make(map[worker.Verdict][]string)
	for _, m := range answers {
		listed[m.verdict] = append(listed[m.verdict], m.codes...)
	}
	for verdict, want := range verdicts {
		got := listed[verdict]
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("verdict %d: the table has\n%q, want\n%q", verdict, got, want)
		}
		for _, code := range want {
			if codes.Shown(code) != code {
				t.Errorf("%s is not shown", code)
			}
			if code == strings.ToLower(code) {
				continue // ours: never on the wire
			}
			got := confirmOver(t, refuses(http.StatusBadRequest, code, "no"))
			wantAnswer(t, got, worker.Answer{Verdict: verdict, Code: code, Message: "no", Answered: true, MaybeDone: verdict == worker.Transient})
		}
	}
	if len(listed) != len(verdicts) {
		t.Errorf("%d verdicts in the table, want %d", len(listed), len(verdicts))
	}
	for _, code := range fakecognito.Exceptions() {
		if _, ok := meaningOf(code); !ok {
			t.Errorf("the stand-in answers %s, which is not in the table", code)
		}
	}
}

func TestAdvice(t *testing.T) {
	target := Target{UserPoolID: examplePool}
	seen := make(map[string]bool)
	for _, m := range answers {
		for _, code := range m.codes {
			if seen[code] {
				t.Errorf("%s is in the table twice", code)
			}
			seen[code] = true
			advice := Advice(code, target)
			switch m.verdict {
			case worker.Fatal, worker.FatalIfRepeated, worker.TriggerFailed:
				if advice == "" {
					t.Errorf("%s ends a run, and there is no advice", code)
				}
			}
			if strings.ContainsAny(advice, "{}\n") || strings.HasSuffix(advice, ".") {
				t.Errorf("%s: advice %q", code, advice)
			}
		}
	}
	for code, want := range map[string]string{
		"ResourceNotFoundException": "there is no pool us-east-1_Example12 in this account and region: ",
		"AccessDenied":              "allow the action cognito-idp:AdminConfirmSignUp ",
		"InvalidClientTokenId":      "the access key is not known to AWS: ",
		"ExpiredToken":              "the session has expired: ",
		"IncompleteSignature":       "look at the secret access key and at this machine's clock",
		"UnknownOperationException": "this endpoint does not offer AdminConfirmSignUp ",
		"InvalidParameterException": "look at --user-pool-id",
		"OptInRequired":             "the account is not enabled for this region",
		"credentials":               "sign in or set --profile, ",
		"UserNotFoundException":     "look whether this is the right pool; ",
		"UnexpectedLambdaException": "look at the logs of the pool's Lambda triggers ",
	} {
		if got := Advice(code, target); !strings.HasPrefix(got, want) {
			t.Errorf("%s: advice %q, want %q", code, got, want)
		}
	}
	for _, code := range []string{"", "http_503", "timeout", "TooManyRequestsException", "BrandNewException"} {
		if got := Advice(code, target); got != "" {
			t.Errorf("%s: advice %q, want none", code, got)
		}
	}
}
