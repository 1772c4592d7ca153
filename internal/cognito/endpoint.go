package cognito

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// endpointHint is an example of what an endpoint looks like.
const endpointHint = "as http://127.0.0.1:9229"

// checkEndpoint returns a [*TargetError] for a URL at which no endpoint of
// Cognito can be. name tells where the URL comes from. The URL itself may have a
// password in it and stays out of the messages.
func (t Target) checkEndpoint(name, endpoint string) error {
	refuse := func(reason, hint string) error { return &TargetError{name + " " + reason, hint} }
	if !strings.Contains(endpoint, "://") {
		return refuse("has no scheme: it does not begin with http:// or https://", endpointHint)
	}
	parsed, err := url.Parse(endpoint)
	if err != nil {
		return refuse("is not a URL", endpointHint)
	}
	port, err := strconv.Atoi(parsed.Port())
	switch {
	case parsed.Scheme != "http" && parsed.Scheme != "https":
		return refuse("has a scheme that is neither http nor https", endpointHint)
	case parsed.User != nil:
		return refuse("has a user in it", "Cognito takes none: "+endpointHint)
	case parsed.Hostname() == "" || strings.ContainsAny(parsed.Hostname(), " *,;|"):
		return refuse("has no host", endpointHint)
	case strings.HasSuffix(parsed.Host, ":") || parsed.Port() != "" && (err != nil || port < 1 || port > 65535):
		return refuse("has a port that cannot be", endpointHint)
	case parsed.RawQuery != "" || parsed.ForceQuery || parsed.Fragment != "" || strings.HasSuffix(endpoint, "#"):
		return refuse("has a query or a fragment after its path", "leave off what begins with ? or #")
	case isSignInPage(parsed.Hostname()):
		return refuse("is the pool's sign-in page, and not an endpoint of the API", "leave it off: the Region tells where the API is")
	case isAWS(parsed.Hostname()) && parsed.Scheme != "https":
		return refuse("begins with http://, and AWS takes https only", "begin it with https://")
	}
	path := strings.Split(parsed.Path, "/")
	switch {
	case slices.Contains(path, t.UserPoolID):
		return refuse("has the user pool in its path: that is what signs tokens, and not an endpoint of the API", "leave the path off")
	case isAWS(parsed.Hostname()) && strings.Trim(parsed.Path, "/") != "":
		return refuse("has a path, and AWS's endpoints have none", "leave the path off")
	case slices.Contains(path, ".") || slices.Contains(path, "..") || strings.ContainsAny(parsed.Path, " \\"):
		return refuse("has a path that cannot be", endpointHint)
	}
	return nil
}

// isAWS reports whether AWS itself answers at the host.
func isAWS(host string) bool {
	return hasDomain(host, "amazonaws.com", "amazonaws.com.cn", "amazonaws.eu", "api.aws")
}

func isSignInPage(host string) bool {
	return hasDomain(host, "amazoncognito.com", "amazoncognito.com.cn")
}

func hasDomain(host string, domains ...string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return slices.ContainsFunc(domains, func(domain string) bool {
		return host == domain || strings.HasSuffix(host, "."+domain)
	})
}

// canonicalEndpoint spells a URL that [Target.checkEndpoint] took in one way.
// Whichever of its own names AWS is asked by, a user pool is the same: then it
// returns "".
func canonicalEndpoint(endpoint string) string {
	parsed, err := url.Parse(endpoint)
	if err != nil || endpoint == "" || isAWS(parsed.Hostname()) {
		return ""
	}
	host := strings.ToLower(parsed.Host)
	if port := map[string]string{"http": ":80", "https": ":443"}[parsed.Scheme]; port != "" {
		host = strings.TrimSuffix(host, port)
	}
	return parsed.Scheme + "://" + host + strings.TrimRight(parsed.EscapedPath(), "/")
}
