package fakecognito_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"cognito-confirm/internal/fakecognito"
)

func TestConstraints(t *testing.T) {
	const (
		ids          = `"UserPoolId":"us-east-1_Example12"`
		usernameText = `Value at 'username' failed to satisfy constraint: Member must `
		poolText     = ` at 'userPoolId' failed to satisfy constraint: Member must `
		usernameForm = `satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+`
		poolForm     = `satisfy regular expression pattern: [\w-]+_[0-9a-zA-Z]+`
		one          = "1 validation error detected: "
	)
	long := strings.Repeat("å", 129)
	longID := "us-east-1_" + strings.Repeat("x", 46)
	tests := []struct{ name, operation, body, want string }{
		{"space", "AdminConfirmSignUp", `{` + ids + `,"Username":"an n"}`, one + usernameText + usernameForm},
		{"byte order mark", "AdminConfirmSignUp", `{` + ids + `,"Username":"\ufeffann"}`, one + usernameText + usernameForm},
		{"zero-width space", "AdminConfirmSignUp", `{` + ids + `,"Username":"ann\u200b"}`, one + usernameText + usernameForm},
		{"too long", "AdminConfirmSignUp", `{` + ids + `,"Username":"` + long + `"}`,
			one + usernameText + "have length less than or equal to 128"},
		{"empty", "AdminConfirmSignUp", `{` + ids + `,"Username":""}`,
			"2 validation errors detected: " + usernameText + usernameForm + "; " + usernameText + "have length greater than or equal to 1"},
		{"missing", "AdminConfirmSignUp", `{` + ids + `}`, one + usernameText + "not be null"},
		{"null", "AdminGetUser", `{` + ids + `,"Username":null}`, one + usernameText + "not be null"},
		{"pool id", "AdminConfirmSignUp", `{"UserPoolId":"us-east-1","Username":"ann"}`, one + "Value 'us-east-1'" + poolText + poolForm},
		{"pool id with an empty end", "AdminGetUser", `{"UserPoolId":"eu_","Username":"ann"}`, one + "Value 'eu_'" + poolText + poolForm},
		{"pool id with a dash at the end", "ListUsers", `{"UserPoolId":"eu_a-b"}`, one + "Value 'eu_a-b'" + poolText + poolForm},
		{"pool id too long", "ListUsers", `{"UserPoolId":"` + longID + `"}`, one + "Value '" + longID + "'" + poolText + "have length less than or equal to 55"},
		{"no pool id", "ListUsers", `{}`, one + "Value null" + poolText + "not be null"},
		{"both", "AdminConfirmSignUp", `{"UserPoolId":"x","Username":" "}`,
			"2 validation errors detected: Value 'x'" + poolText + poolForm + "; " + usernameText + usernameForm},
		{"limit", "ListUsers", `{` + ids + `,"Limit":61}`,
			one + "Value '61' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 60"},
		{"negative limit", "ListUsers", `{` + ids + `,"Limit":-1}`,
			one + "Value '-1' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 0"},
		{"client id", "SignUp", `{"ClientId":"a b","Username":"ann"}`,
			one + `Value at 'clientId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+]+`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := fakecognito.New(fakecognito.Options{AcceptAnyone: true, LogCalls: true})
			status, body := post(t, s, test.operation, test.body)
			want := `{"__type":"InvalidParameterException","message":"` + strings.ReplaceAll(test.want, `\`, `\\`) + `"}`
			if status != 400 || body != want {
				t.Errorf("answer %d %s\nwant   400 %s", status, body, want)
			}
			if calls := s.Calls(); len(calls) != 1 || calls[0].Code != "InvalidParameterException" || calls[0].Confirmed {
				t.Errorf("log %+v", calls)
			}
		})
	}
}

func TestValidInputs(t *testing.T) {
	for _, body := range []string{
		`{"UserPoolId":"us-east-1_a","Username":"` + strings.Repeat("å", 128) + `"}`,
		`{"UserPoolId":"` + strings.Repeat("x", 53) + `_9","Username":"a"}`,
		`{"UserPoolId":"local_1_x2","Username":"Łukasz+€´\u0301~७@example.com"}`,
	} {
		s := fakecognito.New(fakecognito.Options{AcceptAnyone: true})
		if status, answer := post(t, s, "AdminConfirmSignUp", body); status != 200 || answer != "{}" {
			t.Errorf("%s: %d %s", body, status, answer)
		}
	}
}

func TestProtocolErrors(t *testing.T) {
	const target = "AWSCognitoIdentityProviderService."
	valid := `{"UserPoolId":"us-east-1_Example12","Username":"ann"}`
	signed := http.Header{"Authorization": {"AWS4-HMAC-SHA256 ..."}}
	with := func(operation string, header http.Header) http.Header {
		header = header.Clone()
		header.Set("X-Amz-Target", operation)
		return header
	}
	tests := []struct {
		name, method, path, body string
		header                   http.Header
		want                     string
	}{
		{"unknown operation", "POST", "/", valid, with(target+"AdminSetUserPassword", signed), "UnknownOperationException"},
		{"another service", "POST", "/", valid, with("DynamoDB_20120810.GetItem", signed), "UnknownOperationException"},
		{"no target", "POST", "/", valid, signed, "UnknownOperationException"},
		{"GET", "GET", "/", "", with(target+"AdminConfirmSignUp", signed), "UnknownOperationException"},
		{"another path", "POST", "/sign-in.html", valid, with(target+"AdminConfirmSignUp", signed), "UnknownOperationException"},
		{"not signed", "POST", "/", valid, with(target+"AdminConfirmSignUp", http.Header{}), "MissingAuthenticationTokenException"},
		{"not signed, reading", "POST", "/", valid, with(target+"ListUsers", http.Header{}), "MissingAuthenticationTokenException"},
		{"no JSON", "POST", "/", "Username=ann", with(target+"AdminConfirmSignUp", signed), "SerializationException"},
		{"no body", "POST", "/", "", with(target+"AdminConfirmSignUp", signed), "SerializationException"},
		{"another type", "POST", "/", `{"Username":7}`, with(target+"AdminConfirmSignUp", signed), "SerializationException"},
		{"endless body", "POST", "/", valid + strings.Repeat(" ", 5<<20), with(target+"AdminConfirmSignUp", signed), "SerializationException"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := fakecognito.New(fakecognito.Options{AcceptAnyone: true, LogCalls: true})
			r := httptest.NewRequestWithContext(t.Context(), test.method, test.path, strings.NewReader(test.body))
			r.Host = "localhost"
			r.Header = test.header
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != 400 || !strings.HasPrefix(w.Body.String(), `{"__type":"`+test.want+`"`) {
				t.Errorf("answer %d %s, want 400 %s", w.Code, w.Body, test.want)
			}
			if calls := s.Calls(); len(calls) != 1 || calls[0].Code != test.want || s.Counts().Confirmed != 0 {
				t.Errorf("log %+v", calls)
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{LogCalls: true})
	s.AddUser("ann", fakecognito.Unconfirmed)
	ids := make(map[string]bool)
	for i, want := range []struct{ errorType, message string }{
		{"", ""},
		{"NotAuthorizedException:", "User cannot be confirmed. Current status is CONFIRMED"},
	} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, confirmation(t, "ann"))
		header := w.Result().Header
		if got := header.Get("Content-Type"); got != "application/x-amz-json-1.1" {
			t.Errorf("content type %q", got)
		}
		if got := header.Get("x-amzn-ErrorType"); got != want.errorType {
			t.Errorf("error type %q, want %q", got, want.errorType)
		}
		if got := header.Get("x-amzn-ErrorMessage"); got != want.message {
			t.Errorf("error message %q, want %q", got, want.message)
		}
		if got := header.Get("Content-Length"); got != strconv.Itoa(w.Body.Len()) {
			t.Errorf("content length %q of %q", got, w.Body)
		}
		id := header.Get("x-amzn-RequestId")
		if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) || ids[id] {
			t.Errorf("request id %q, earlier ones %v", id, ids)
		}
		ids[id] = true
		if logged := s.Calls()[i].RequestID; logged != id {
			t.Errorf("log has request id %s, the answer %s", logged, id)
		}
	}
}
