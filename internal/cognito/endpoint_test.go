package cognito

import (
	"errors"
	"strings"
	"testing"
)

// TestEndpointsThatCannotBe are refused before any call, each with its reason,
// and without what may be a password in them.
func TestEndpointsThatCannotBe(t *testing.T) {
	for endpoint, want := range map[string]string{
		"127.0.0.1:9229":               "has no scheme: it does not begin with http:// or https://",
		"localhost":                    "has no scheme: it does not begin with http:// or https://",
		"://":                          "is not a URL",
		"ftp://localhost/":             "has a scheme that is neither http nor https",
		"htps://localhost/":            "has a scheme that is neither http nor https",
		"http://":                      "has no host",
		"http://:9229":                 "has no host",
		"http://ann:hunter2@localhost": "has a user in it",
		"http://hun ter2@localhost":    "is not a URL",
		"http://localhost:":            "has a port that cannot be",
		"http://localhost:0":           "has a port that cannot be",
		"http://localhost:65536":       "has a port that cannot be",
		"http://localhost:9229/?a=b":   "has a query or a fragment after its path",
		"http://localhost:9229/#":      "has a query or a fragment after its path",
		"http://localhost/%zz":         "is not a URL",
		"http://a\nb":                  "is not a URL",
		"http://cognito-idp.eu-west-1.amazonaws.com":                 "begins with http://, and AWS takes https only",
		"https://cognito-idp.eu-west-1.amazonaws.com/" + examplePool: "has the user pool in its path",
		"https://cognito-idp.eu-west-1.amazonaws.com/v1":             "has a path, and AWS's endpoints have none",
		"https://corp.auth.eu-west-1.amazoncognito.com":              "is the pool's sign-in page",
		"https://cognito.test/../x":                                  "has a path that cannot be",
	} {
		err := Target{UserPoolID: examplePool, EndpointURL: endpoint}.Check()
		wantTargetError(t, err, "--endpoint-url "+want, "")
		wantNoPassword(t, err)
	}
	for _, endpoint := range []string{
		"", "http://127.0.0.1:9229", "http://localhost:9229/", "https://cognito.test/path", "http://[::1]:9229", "HTTP://localhost",
		"https://cognito-idp.eu-west-1.amazonaws.com", "https://cognito-idp-fips.us-east-1.amazonaws.com/",
	} {
		if err := (Target{UserPoolID: examplePool, EndpointURL: endpoint}).Check(); err != nil {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
}

// wantNoPassword checks that neither hunter2 nor its end is in the words, and
// that there is a hint.
func wantNoPassword(t *testing.T, err error) {
	t.Helper()
	if target, ok := errors.AsType[*TargetError](err); ok && (strings.Contains(target.Message+target.Hint, "ter2") || target.Hint == "") {
		t.Errorf("message %q, hint %q", target.Message, target.Hint)
	}
}
