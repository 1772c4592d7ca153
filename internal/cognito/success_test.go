package cognito

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"cognito-confirm/internal/sampleusers"
	"cognito-confirm/worker"
)

// TestOnlyTheServiceConfirms: a 200 is a confirmation when it is {} and nothing
// means that it is an error. All else may have been one.
func TestOnlyTheServiceConfirms(t *testing.T) {
	for _, body := range []string{"{}", "{ }", "\r\n{\t}\n", " {\n\n} "} {
		wantAnswer(t, confirmOver(t, says(200, jsonType, body)), done)
	}
	for _, body := range []string{
		"", " ", "{", "}", "{}}", "{{}", "{}{}", "{} {}", "{},", "[]", "[{}]", "null", "true", "0", `""`, `"{}"`,
		`{"":""}`, `{"a":{}}`, `{"Username":"ann"}`, `{"__type":"UserNotFoundException"}`, `{"message":"no"}`, `{"User":null}`,
		"{\x00}", "{\u00a0}", "\ufeff{}", "{/**/}", "<html>{}</html>", "{}<!-- -->", `{"error":"denied"`,
	} {
		wantUnexpected(t, body, confirmOver(t, says(200, jsonType, body)))
	}
	// As it stands, since not everything between us and the service keeps to
	// one spelling.
	for _, name := range []string{
		"X-Amzn-Errortype", "x-amzn-errortype", "x-amzn-ErrorType", "X-AMZN-ERRORTYPE", "X_amzn_errortype", "X-Amzn_ErrorType", "X-Amzn-Error-Message",
		"X-Amzn-Query-Error", "x_amzn_query_error",
	} {
		for _, value := range []string{"UserNotFoundException", "InternalErrorException:http://internal/", ""} {
			answer := exchange(func(r *http.Request) (*http.Response, error) {
				response, err := says(200, jsonType, "{}")(r)
				response.Header[name] = []string{value}
				return response, err
			})
			wantUnexpected(t, name, confirmOver(t, answer))
		}
	}
	for _, media := range []string{
		"application/problem+json", "text/json-html", "text/html", "text/plain", "", "application/json; charset=", "application/jsonx",
		"application/x-amz-json-1.1, text/html", "application/x-amz-json-1.1; charset=utf-16", "application/json; charset=latin1", `application/json; charset=""`,
	} {
		wantUnexpected(t, media, confirmOver(t, says(200, media, "{}")))
	}
	for _, media := range []string{"application/x-amz-json-1.0", "Application/JSON; charset=utf-8", "application/x-amz-json-1.1;charset=\"UTF-8\""} {
		wantAnswer(t, confirmOver(t, says(200, media, "{}")), done)
	}
	wantAnswer(t, confirmOver(t, says(200, jsonType, "{}").with("Content-Encoding", "identity")), done)
	for _, encoding := range []string{"gzip", "br", "aws-chunked", "identity, gzip"} {
		wantUnexpected(t, encoding, confirmOver(t, says(200, jsonType, "{}").with("Content-Encoding", encoding)))
	}
	for _, encodings := range [][]string{{"identity", "gzip"}, {"", "br"}, {"gzip", "identity"}, {"", "identity"}} {
		answer := exchange(func(r *http.Request) (*http.Response, error) {
			response, err := says(200, jsonType, "{}")(r)
			response.Header["Content-Encoding"] = encodings
			return response, err
		})
		wantUnexpected(t, strings.Join(encodings, ", "), confirmOver(t, answer))
	}
	for _, status := range []int{201, 202, 203, 204, 205, 206, 226, 299} {
		wantUnexpected(t, http.StatusText(status), confirmOver(t, says(status, jsonType, "{}")))
	}
}

func wantUnexpected(t *testing.T, what string, got worker.Answer) {
	t.Helper()
	if got.Verdict != worker.Transient || got.Code != "unexpected_answer" || got.Answered || got.InProtocol || !got.MaybeDone {
		t.Errorf("%q: got %+v, want an unexpected answer", what, got)
	}
}

// TestHeadersOfAnyPlace: an error's header counts after the body too, and of two
// content types none is the right one.
func TestHeadersOfAnyPlace(t *testing.T) {
	for name, set := range map[string]func(http.Header){
		"an error after the body": func(h http.Header) {
			h.Set(http.TrailerPrefix+"X-Amzn-Errortype", "UserNotFoundException")
		},
		"two content types": func(h http.Header) { h["Content-Type"] = []string{jsonType, "text/html"} },
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", jsonType)
			set(w.Header())
			io.WriteString(w, "{}")
			http.NewResponseController(w).Flush()
		}))
		wantUnexpected(t, name, confirm(t, clientOf(t, server.URL, 1)))
		server.Close()
	}
}

// TestEchoesConfirmNobody, over a real connection.
func TestEchoesConfirmNobody(t *testing.T) {
	var echoes atomic.Bool
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
		if echoes.Load() {
			io.Copy(w, r.Body)
			return
		}
		w.Header().Set("x-amzn-errortype", "UserNotFoundException")
		io.WriteString(w, "{}")
	}))
	defer server.Close()
	client := clientOf(t, server.URL, 1)
	wantUnexpected(t, "the header of an error", confirm(t, client))
	echoes.Store(true)
	wantUnexpected(t, "an echo", confirm(t, client))
}

// TestEachOperationHasItsRule: none is a success by default.
func TestEachOperationHasItsRule(t *testing.T) {
	header := http.Header{"Content-Type": {jsonType}}
	if err := checkSuccess("AdminConfirmSignUp", header, []byte("{}")); err != nil {
		t.Error(err)
	}
	for _, operation := range []string{"", "AdminDeleteUser", "adminconfirmsignup"} {
		if err := checkSuccess(operation, header, []byte("{}")); err == nil {
			t.Errorf("%q succeeds without a rule", operation)
		}
	}
}

// TestCodesThatAreTexts: where texts from outside are left out, the code that is
// shown is the name of a known exception. Another name is for the report alone, any
// other text in its place is in the message, and one of our own codes too.
func TestCodesThatAreTexts(t *testing.T) {
	for _, code := range append(sampleusers.Disguises("mary.jones7@example.com"), "User ann does not exist", "no\x1b[2J", strings.Repeat("x", 101), "Ann", "a/b", "ä",
		"BrandNewException", "usernotfoundexception", "timeout", "connection", "credentials", "unexpected_answer", "certificate", "no_descriptors",
		"http_503", "unknown_code", "proxy_authentication", "malformed_record") {
		got := confirmOver(t, refuses(http.StatusBadRequest, code, "no"))
		if got.Verdict != worker.Refused || got.Code != "unknown_code" || got.Exception != code && !strings.HasSuffix(got.Message, ": no") || !got.Answered {
			t.Errorf("%q: got %+v, want an unknown code that is refused", code, got)
		}
	}
	for _, own := range []string{"timeout", "http_503", "certificate_expired", "malformed_record", "a/b"} {
		if got := confirmOver(t, refuses(http.StatusBadRequest, own, "no")); got.Exception != "" || got.Message != own+": no" {
			t.Errorf("%q: got %+v, want it in the message", own, got)
		}
	}
	got := confirmOver(t, refuses(http.StatusServiceUnavailable, "try again later", "no"))
	if got.Verdict != worker.Transient || got.Code != "unknown_code" || !got.MaybeDone {
		t.Errorf("got %+v, want an unknown code that is transient", got)
	}
}

// TestStatusIsNoUsername: a user's status is shown where usernames are not, and
// decides that a user is confirmed.
func TestStatusIsNoUsername(t *testing.T) {
	for _, test := range []struct{ username, message, status string }{
		{"ann", "User cannot be confirmed. Current status is FORCE_CHANGE_PASSWORD", "FORCE_CHANGE_PASSWORD"},
		{"ann", "User cannot be confirmed. Current status is UNKNOWN.", "UNKNOWN"},
		{"ann", "User cannot be confirmed. Current status is BRAND_NEW", ""},
		{"ann", "User cannot be confirmed. Current status is MARYJONES", ""},
		{"CONFIRMED", "User cannot be confirmed. Current status is CONFIRMED", "CONFIRMED"},
		{"Current status is CONFIRMED", "There is no user Current status is CONFIRMED", ""},
		{"ann", "Current status is CONFIRMED for nobody", ""},
		{"ann", "Current status is confirmed", ""},
		{"ann", "Concurrent status is CONFIRMED", ""},
	} {
		if got := userStatus(test.message, test.username); got != test.status {
			t.Errorf("%+v: status %q", test, got)
		}
	}
	if StatusAdvice("FORCE_CHANGE_PASSWORD") == "" || StatusAdvice("BRAND_NEW") != "" {
		t.Error("the wrong statuses have advice")
	}
}
