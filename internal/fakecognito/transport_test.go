package fakecognito_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cognito-confirm/internal/fakecognito"
)

// confirmation returns the request of a confirmation, as a client sends it.
func confirmation(t *testing.T, username string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://stand-in.invalid/",
		strings.NewReader(`{"UserPoolId":"us-east-1_Example12","Username":"`+username+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService.AdminConfirmSignUp")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 ...")
	return r
}

func TestRoundTrip(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{AcceptAnyone: true})
	s.SetFault("cut", fakecognito.Fault{Kind: fakecognito.FaultTruncated})
	for _, test := range []struct {
		username, body string
		err            error
	}{{"ann", "{}", nil}, {"cut", "{", io.ErrUnexpectedEOF}} {
		response, err := s.RoundTrip(confirmation(t, test.username))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		if string(body) != test.body || !errors.Is(err, test.err) {
			t.Errorf("%s: body %q, %v; want %q, %v", test.username, body, err, test.body, test.err)
		}
		if response.Status != "200 OK" || response.ContentLength != 2 {
			t.Errorf("%s: status %s, length %d", test.username, response.Status, response.ContentLength)
		}
	}
}

func TestRoundTripWithoutBody(t *testing.T) {
	r := confirmation(t, "ann")
	r.Body = nil
	response, err := fakecognito.New(fakecognito.Options{}).RoundTrip(r)
	if err != nil || response.Header.Get("x-amzn-ErrorType") != "SerializationException:" {
		t.Errorf("answer %+v, %v", response, err)
	}
}

// A ResponseWriter without a connection is left in the way that net/http knows.
func TestServeHTTPBreaksOff(t *testing.T) {
	for _, kind := range []fakecognito.FaultKind{fakecognito.FaultReset, fakecognito.FaultTruncated} {
		s := fakecognito.New(fakecognito.Options{AcceptAnyone: true, LogCalls: true})
		s.SetFault("ann", fakecognito.Fault{Kind: kind})
		func() {
			defer func() {
				if got := recover(); got != http.ErrAbortHandler {
					t.Errorf("kind %v: panic %v", kind, got)
				}
			}()
			s.ServeHTTP(httptest.NewRecorder(), confirmation(t, "ann"))
		}()
		if calls := s.Calls(); len(calls) != 1 || calls[0].Answered.IsZero() {
			t.Errorf("kind %v: log %+v", kind, calls)
		}
	}
}

// A request that breaks off before it is whole was never a call.
func TestBrokenRequestIsNoCall(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{AcceptAnyone: true, LogCalls: true})
	r := confirmation(t, "ann")
	r.Body = io.NopCloser(io.MultiReader(r.Body, brokenReader{}))
	if _, err := s.RoundTrip(r); err == nil {
		t.Error("the broken request was answered")
	}
	if calls, counts := s.Calls(), s.Counts(); len(calls) != 0 || counts != (fakecognito.Counts{}) {
		t.Errorf("log %+v, counts %+v", calls, counts)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
