package cognito

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"testing"

	"cognito-confirm/worker"
)

// What is sent for a row. Its metadata and the run's stay as they are.
func TestConfirmSignUp(t *testing.T) {
	type asked struct {
		UserPoolId, Username string
		ClientMetadata       map[string]string
	}
	tests := map[string]struct{ run, row, want map[string]string }{
		"no metadata":    {},
		"the run's":      {run: map[string]string{"source": "bulk"}, want: map[string]string{"source": "bulk"}},
		"the row's":      {row: map[string]string{"lang": "de"}, want: map[string]string{"lang": "de"}},
		"both":           {map[string]string{"source": "bulk"}, map[string]string{"lang": "de"}, map[string]string{"source": "bulk", "lang": "de"}},
		"the row's wins": {map[string]string{"source": "bulk", "n": "1"}, map[string]string{"n": "2"}, map[string]string{"source": "bulk", "n": "2"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			service := tap()
			run, row := maps.Clone(test.run), maps.Clone(test.row)
			call := ConfirmSignUp(prepare(plainClient(service)), examplePool, run)
			wantAnswer(t, call(t.Context(), worker.Row{Username: "ann", ClientMetadata: row}), done)
			var got asked
			if err := json.Unmarshal([]byte(service.requests[0].body), &got); err != nil {
				t.Fatal(err)
			}
			if want := (asked{examplePool, "ann", test.want}); !reflect.DeepEqual(got, want) {
				t.Errorf("asked %+v, want %+v", got, want)
			}
			if !maps.Equal(run, test.run) || !maps.Equal(row, test.row) {
				t.Errorf("the metadata is changed: %v, %v", run, row)
			}
		})
	}
}

// A call that is broken off is reported as that, and not as a silent service.
func TestConfirmSignUpBrokenOff(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got := ConfirmSignUp(prepare(plainClient(breaks(errors.New("not sent")))), examplePool, nil)(ctx, worker.Row{Username: "ann"})
	if got.Verdict != worker.Transient || got.Code != "connection" || got.Answered {
		t.Errorf("answer %+v", got)
	}
}
