package cognito

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/worker"
)

// mark marks both attributes of ann over the transport.
func mark(t *testing.T, transport http.RoundTripper) worker.Answer {
	t.Helper()
	call := MarkVerified(prepare(plainClient(transport)), examplePool, []string{"email", "phone_number"})
	return call(t.Context(), worker.Row{Line: 2, Username: "ann", ClientMetadata: map[string]string{"k": "v"}})
}

// TestMarkVerified sends the marks, and neither addresses nor metadata.
func TestMarkVerified(t *testing.T) {
	wire := tap()
	wantAnswer(t, mark(t, wire), worker.Answer{Verdict: worker.Done, Answered: true})
	if got := wire.requests[0].header.Get("X-Amz-Target"); got != "AWSCognitoIdentityProviderService.AdminUpdateUserAttributes" {
		t.Errorf("operation %s", got)
	}
	var got any
	if err := json.Unmarshal([]byte(wire.requests[0].body), &got); err != nil {
		t.Fatal(err)
	}
	verified := func(name string) any { return map[string]any{"Name": name, "Value": "true"} }
	want := map[string]any{
		"UserPoolId": examplePool, "Username": "ann",
		"UserAttributes": []any{verified("email_verified"), verified("phone_number_verified")},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("sent %v, want %v", got, want)
	}
}

// TestMarkVerifiedAnswers: they mean what they mean to a confirmation.
func TestMarkVerifiedAnswers(t *testing.T) {
	service := standIn(fakecognito.Confirmed)
	service.PutUser(fakecognito.User{Username: "ann", Status: fakecognito.Confirmed,
		Attributes: map[string]string{"email": "ann@example.com", "phone_number": "+15555550100"}})
	wantAnswer(t, mark(t, service), worker.Answer{Verdict: worker.Done, Answered: true})
	if got := service.Attribute("ann", "phone_number_verified"); got != "true" {
		t.Errorf("verified: %q", got)
	}
	for _, test := range []struct {
		answer exchange
		want   worker.Answer
	}{
		{says(200, jsonType, `{"UserAttributes":[]}`), worker.Answer{Code: "unexpected_answer", Message: "HTTP 200 with a body that is not {}: not an answer of Cognito", MaybeDone: true}},
		{refuses(400, "AliasExistsException", "An account with the email already exists."), worker.Answer{Verdict: worker.Refused, Code: "AliasExistsException", Message: "An account with the email already exists.", Answered: true}},
		{refuses(400, "TooManyRequestsException", "Rate exceeded"), worker.Answer{Verdict: worker.Throttled, Code: "TooManyRequestsException", Message: "Rate exceeded", Answered: true}},
		{says(400, jsonType, confirmedBody), worker.Answer{Verdict: worker.Refused, Code: "NotAuthorizedException", Message: "User cannot be confirmed. Current status is CONFIRMED", UserStatus: "CONFIRMED", Answered: true}},
		{refuses(400, "AccessDeniedException", "no"), worker.Answer{Verdict: worker.Fatal, Code: "AccessDeniedException", Message: "no", Answered: true}},
	} {
		wantAnswer(t, mark(t, test.answer), test.want)
	}
	if advice := AdviceOn(MarkOperation, "AccessDeniedException", Target{}); !strings.Contains(advice, "cognito-idp:AdminUpdateUserAttributes") {
		t.Errorf("advice %s", advice)
	}
	for code, tryAgain := range map[string]bool{"InvalidParameterException": false, "AliasExistsException": false, "timeout": true, "AccessDeniedException": true} {
		if got := Explain(worker.StatusNotVerified, code, ""); got.TryAgain != tryAgain || got.Remedy == "" {
			t.Errorf("%s: %+v", code, got)
		}
	}
}
