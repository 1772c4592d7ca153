package cognito

import (
	"net/http"
	"strings"
	"testing"

	"cognito-confirm/internal/rows"
	"cognito-confirm/worker"
)

// TestExplainEverything: whatever a report can have in it is explained, in a
// form that fits between other words.
func TestExplainEverything(t *testing.T) {
	groups := map[string]Explanation{
		"invalid": Explain(worker.StatusInvalid, rows.CodeEmptyUsername, ""),
		"unknown": Explain(worker.StatusFailed, "BrandNewException", ""),
		"blank":   Explain(worker.StatusFailed, "", ""),
		"gateway": Explain(worker.StatusFailed, "http_502", ""),
		"status":  Explain(worker.StatusFailed, codeNotAuthorized, "BRAND_NEW"),
	}
	for _, m := range answers {
		status := worker.StatusFailed
		if m.verdict == worker.TriggerFailed {
			status = worker.StatusTriggerFailed
		}
		for _, code := range m.codes {
			groups[code] = Explain(status, code, "")
		}
	}
	for status := range userStatuses {
		groups[status] = Explain(worker.StatusFailed, codeNotAuthorized, status)
	}
	for group, e := range groups {
		for _, sentence := range []string{e.Meaning, e.Remedy} {
			if sentence == "" || sentence != strings.TrimSpace(sentence) || strings.ContainsAny(sentence, "{}\n") || strings.HasSuffix(sentence, ".") ||
				strings.ToLower(sentence[:1]) != sentence[:1] {
				t.Errorf("%s: %q", group, sentence)
			}
		}
	}
}

func TestExplain(t *testing.T) {
	for _, test := range []struct {
		status           worker.Status
		code, userStatus string
		meaning, remedy  string // how they start
		again            bool
	}{
		{worker.StatusFailed, "NotAuthorizedException", "FORCE_CHANGE_PASSWORD", "an administrator made these users", "set a permanent password ", false},
		{worker.StatusFailed, "NotAuthorizedException", "RESET_REQUIRED", "these users, who may come from an import", "have them reset it", false},
		{worker.StatusFailed, "NotAuthorizedException", "EXTERNAL_PROVIDER", "these users sign in through their identity provider", "leave them out", false},
		{worker.StatusFailed, "NotAuthorizedException", "ARCHIVED", "users with this status cannot be confirmed", "look at one of them", false},
		{worker.StatusFailed, "NotAuthorizedException", "", "the service refuses to confirm these users", "look at one of them", false},
		{worker.StatusFailed, "UserNotFoundException", "", "nobody in this pool", "look whether this is the right pool", false},
		{worker.StatusFailed, "InvalidParameterException", "", "the service does not accept the username", "correct what the message names", false},
		{worker.StatusFailed, "TooManyFailedAttemptsException", "", "too many attempts", "wait for an hour", true},
		{worker.StatusTriggerFailed, "UnexpectedLambdaException", "", "the pool's Lambda trigger failed", "look at the trigger's logs", false},
		{worker.StatusTriggerFailed, "BrandNewLambdaException", "", "the pool's Lambda trigger failed", "look at the trigger's logs", false},
		{worker.StatusFailed, "InternalErrorException", "", "the service answered others", "try these rows again", true},
		{worker.StatusFailed, "timeout", "", "the service answered others", "try these rows again", true},
		{worker.StatusFailed, "http_503", "", "the service answered others", "try these rows again", true},
		{worker.StatusFailed, "AccessDeniedException", "", "the service answered others but refused", "look at the message", true},
		{worker.StatusFailed, "BrandNewException", "", "the service refuses these rows with a code", "look at the message", false},
		{worker.StatusInvalid, rows.CodeMalformedRecord, "", "never sent: these records cannot be read", "correct them in the input where they stand", false},
		{worker.StatusInvalid, rows.CodeHeaderLine, "", "never sent: a header", "take the line out", false},
		{worker.StatusInvalid, rows.CodeUsernameTooLong, "", "never sent: the service is sure", "correct them in the input where they stand", false},
	} {
		e := Explain(test.status, test.code, test.userStatus)
		if !strings.HasPrefix(e.Meaning, test.meaning) || !strings.HasPrefix(e.Remedy, test.remedy) || e.TryAgain != test.again {
			t.Errorf("%s, %s, %s: %+v", test.status, test.code, test.userStatus, e)
		}
	}
}

// TestWithoutAdvice: what a run appends to a message can be taken off again.
func TestWithoutAdvice(t *testing.T) {
	for status := range userStatuses {
		said := "User cannot be confirmed. Current status is " + status
		answer := confirmOver(t, refuses(http.StatusBadRequest, codeNotAuthorized, said))
		if got := WithoutAdvice(answer.Message, answer.UserStatus); got != said {
			t.Errorf("%s: %q of %q", status, got, answer.Message)
		}
	}
	if got := WithoutAdvice("User does not exist.", ""); got != "User does not exist." {
		t.Errorf("%q", got)
	}
}
