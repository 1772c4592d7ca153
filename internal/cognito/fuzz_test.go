package cognito

import (
	"context"
	"strings"
	"testing"

	"cognito-confirm/internal/codes"
	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/worker"
)

// FuzzAnswer: of all answers only {} confirms, and what is shown on streams is made
// of names alone, without the username.
func FuzzAnswer(f *testing.F) {
	f.Add(200, "{}", "", jsonType)
	f.Add(200, `{"Username":"hunter2"}`, "", jsonType)
	f.Add(400, `{"__type":"hunter2Exception","message":"no"}`, "", jsonType)
	f.Add(400, `{"__type":"NotAuthorizedException","message":"Current status is HUNTER2"}`, "", jsonType)
	f.Add(400, `{"message":"hunter2"}`, "hunter2:http://x/", "text/html")
	f.Add(500, "<h1>hunter2</h1>", "\x1b[2J", "text/html")
	for _, code := range fakecognito.Exceptions() {
		f.Add(400, `{"__type":"`+code+`","message":"hunter2"}`, code, jsonType)
	}
	f.Fuzz(func(t *testing.T, status int, body, errorType, contentType string) {
		if status < 200 || status > 599 {
			t.Skip("no answer of HTTP")
		}
		answer := says(status, contentType, body)
		if errorType != "" {
			answer = answer.with("X-Amzn-Errortype", errorType)
		}
		got := ConfirmSignUp(prepare(plainClient(answer)), examplePool, nil)(context.Background(), worker.Row{Username: "hunter2"})
		if got.Verdict == worker.Done && (status != 200 || !isEmptyObject([]byte(body)) || errorType != "") {
			t.Errorf("%d %q confirms", status, body)
		}
		if got.Code != codes.Shown(got.Code) || got.UserStatus != codes.ShownStatus(got.UserStatus) {
			t.Errorf("code %q, status %q", got.Code, got.UserStatus)
		}
		shown := strings.ToLower(got.Code + got.UserStatus + Advice(got.Code, Target{UserPoolID: examplePool}) + StatusAdvice(got.UserStatus))
		if strings.Contains(shown, "hunter2") || strings.ContainsAny(shown, "\n\r\x1b") {
			t.Errorf("%q is shown", shown)
		}
	})
}
