package report

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"
)

// Target is whom a report is about. The zero value is a target that nobody
// compares.
type Target struct {
	UserPoolID string
	// Endpoint is the URL of another service than AWS, such as an emulator.
	// Empty: AWS.
	Endpoint string
}

// String names the target in a message.
func (t Target) String() string {
	return t.UserPoolID + " at " + cmp.Or(t.Endpoint, "AWS")
}

// OtherTargetError means that the report is about another user pool, or about
// one of the same id at another endpoint: the users in it are not those of the
// pool that was asked for.
type OtherTargetError struct {
	Path    string
	Was, Is Target
}

func (e *OtherTargetError) Error() string {
	return fmt.Sprintf("%s is about the user pool %s, not %s", e.Path, e.Was, e.Is)
}

// withPlainEndpoint returns the target with one spelling of its endpoint, and
// without the user and password that a URL may have: it goes into a file.
func (t Target) withPlainEndpoint() Target {
	t.Endpoint = plainEndpoint(t.Endpoint)
	return t
}

func plainEndpoint(endpoint string) string {
	u, err := url.Parse(strings.TrimSpace(endpoint))
	if err != nil || u.Host == "" {
		return strings.TrimSpace(endpoint)
	}
	host, scheme := strings.ToLower(u.Host), strings.ToLower(u.Scheme)
	if defaults := map[string]string{"http": ":80", "https": ":443"}; defaults[scheme] != "" {
		host = strings.TrimSuffix(host, defaults[scheme])
	}
	return scheme + "://" + host + strings.TrimRight(u.EscapedPath(), "/")
}

// isPlainEndpoint reports whether plainEndpoint can have returned the text for a URL.
func isPlainEndpoint(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme != "" && u.Host != "" && text == plainEndpoint(text)
}

// endpointNote is where the endpoint of a report is kept when it is not AWS:
// one line of text in a file beside the report, REPORT.endpoint.
//
// It is not in the report, because the column user_pool_id is what other
// programs look up, so it holds the id and nothing else, and because a column
// for the endpoint would be empty in every report that matters. There is no
// such file for AWS: most directories never see one, a report that was copied
// without it is taken for one of AWS, and its pool id is compared all the same.
func endpointNote(report string) note {
	return note{
		path:    report + ".endpoint",
		isSound: isPlainEndpoint, unsound: "does not tell which endpoint the report is about",
	}
}

// readEndpoint returns the endpoint of a report, "" for AWS. The error is an
// [*UnusableError] when the file of the endpoint holds something else.
func readEndpoint(report string) (string, error) {
	return endpointNote(report).read()
}

// writeEndpoint notes the endpoint of a report.
func writeEndpoint(report, endpoint string) error {
	if endpoint == "" {
		return endpointNote(report).remove()
	}
	return endpointNote(report).write(endpoint)
}
