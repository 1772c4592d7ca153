package cognito

import (
	"testing"

	"cognito-confirm/worker"
)

// TestPoolIDRefused: an exception about the pool id ends a run only where the
// service itself names the field, before anything got through, and never in a
// text that comes from the input.
func TestPoolIDRefused(t *testing.T) {
	const (
		begin   = "1 validation error detected: Value"
		failed  = " failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w-]+_[0-9a-zA-Z]+"
		refusal = begin + " 'us-east-1_x' at 'userPoolId'" + failed
	)
	ann := worker.Row{Line: 2, Username: "ann"}
	tests := map[string]struct {
		message string
		row     worker.Row
		want    worker.Verdict
	}{
		"with the value":           {refusal, ann, worker.Fatal},
		"without":                  {begin + " at 'userPoolId'" + failed, ann, worker.Fatal},
		"with other fields":        {"2 validation errors detected: Value 'x' at 'userPoolId'" + failed + "; Value '' at 'username'" + failed, ann, worker.Fatal},
		"another field":            {begin + " 'x' at 'username'" + failed, ann, worker.Refused},
		"in another field's value": {begin + " ' at 'userPoolId'" + failed + "' at 'username'" + failed, ann, worker.Refused},
		"in a pattern":             {begin + " at 'username' failed to satisfy constraint: no at 'userPoolId'", ann, worker.Refused},
		"in the middle":            {"Invalid: " + refusal, ann, worker.Refused},
		"alone":                    {"at 'userPoolId'", ann, worker.Refused},
		"of the username":          {begin + " 'x' at 'userPoolId'" + failed, worker.Row{Line: 2, Username: "x' at 'userPoolId' failed to satisfy constraint"}, worker.Refused},
		"of a metadata value":      {refusal, worker.Row{Line: 2, Username: "ann", ClientMetadata: map[string]string{"k": "at 'userPoolId'"}}, worker.Refused},
		"of a metadata key":        {refusal, worker.Row{Line: 2, Username: "ann", ClientMetadata: map[string]string{"at 'userPoolId'": ""}}, worker.Refused},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			service := tap()
			service.answer = refuses(400, "InvalidParameterException", test.message)
			call := ConfirmSignUp(prepare(plainClient(service)), examplePool, nil)
			if got := call(t.Context(), test.row); got.Verdict != test.want || got.Code != "InvalidParameterException" {
				t.Errorf("got %+v, want verdict %d", got, test.want)
			}
			service.answer = says(200, jsonType, "{}")
			wantAnswer(t, call(t.Context(), ann), done)
			service.answer = refuses(400, "InvalidParameterException", test.message)
			if got := call(t.Context(), test.row); got.Verdict != worker.Refused {
				t.Errorf("after a success: got %+v", got)
			}
		})
	}
}

// TestWhatProves: a confirmed user is a success too, and what only looks like an
// answer is none.
func TestWhatProves(t *testing.T) {
	for name, test := range map[string]struct {
		answer exchange
		want   worker.Verdict
	}{
		"confirmed":         {says(200, jsonType, "{}"), worker.Transient},
		"already confirmed": {refuses(400, "NotAuthorizedException", "Current status is CONFIRMED"), worker.Transient},
		"another status":    {refuses(400, "NotAuthorizedException", "Current status is RESET_REQUIRED"), worker.Fatal},
		"an echo":           {says(200, jsonType, `{"Username":"ann"}`), worker.Fatal},
		"a page":            {page(503), worker.Fatal},
		"an error's header": {says(200, jsonType, "{}").with("X-Amzn-Errortype", "x"), worker.Fatal},
	} {
		t.Run(name, func(t *testing.T) {
			service := tap()
			service.answer = test.answer
			call := ConfirmSignUp(prepare(plainClient(service)), examplePool, nil)
			call(t.Context(), worker.Row{Line: 2, Username: "ann"})
			service.answer = refuses(400, "ExpiredTokenException", "expired")
			if got := call(t.Context(), worker.Row{Line: 3, Username: "bob"}); got.Verdict != test.want {
				t.Errorf("got %+v, want verdict %d", got, test.want)
			}
		})
	}
}
