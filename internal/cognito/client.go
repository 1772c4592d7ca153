package cognito

import (
	"context"
	"crypto/x509"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
)

// Client is what this package needs of the SDK's client. Its methods are called
// from many goroutines at a time.
type Client interface {
	AdminConfirmSignUp(context.Context, *cognitoidentityprovider.AdminConfirmSignUpInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.AdminConfirmSignUpOutput, error)
	AdminUpdateUserAttributes(context.Context, *cognitoidentityprovider.AdminUpdateUserAttributesInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.AdminUpdateUserAttributesOutput, error)
	DescribeUserPool(context.Context, *cognitoidentityprovider.DescribeUserPoolInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.DescribeUserPoolOutput, error)
	GetProvisionedLimit(context.Context, *cognitoidentityprovider.GetProvisionedLimitInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.GetProvisionedLimitOutput, error)
	ListUsers(context.Context, *cognitoidentityprovider.ListUsersInput, ...func(*cognitoidentityprovider.Options)) (*cognitoidentityprovider.ListUsersOutput, error)
}

const (
	// maxResponseHeader is in bytes, and many times what the service sends.
	maxResponseHeader = 64 << 10
	// regionOfEmulators goes into the signature, which no emulator reads.
	regionOfEmulators = "us-east-1"
)

// NewClient returns a client for one pool of workers with up to that many calls
// in flight, at least 1. It makes no retries of its own. An HTTPClient in the
// configuration that is not the SDK's own sends the calls, over the connections
// that it allows. NewClient returns a [*TargetError] when the Region is unknown.
func NewClient(loaded aws.Config, concurrency int) (Client, error) {
	client := cognitoidentityprovider.NewFromConfig(loaded, func(o *cognitoidentityprovider.Options) {
		// The SDK's own retries would go around the limiter, and give up on
		// most rows of a throttled run. Set here and not in the configuration:
		// the services that renew credentials are to go on retrying.
		o.Retryer = aws.NopRetryer{}
		o.HTTPClient = httpClient{sender(loaded.HTTPClient, concurrency)}
		if o.Region == "" && o.BaseEndpoint != nil {
			o.Region = regionOfEmulators
		}
	})
	options := client.Options()
	if options.Region == "" {
		return nil, &TargetError{"no region: the user pool id does not start with one", "give --region or set AWS_REGION"}
	}
	if !strings.HasPrefix(aws.ToString(options.BaseEndpoint), "http:") {
		// Loaded once per process, and remembered when that fails: it must not
		// happen when the first calls have taken the last descriptors.
		x509.SystemCertPool()
	}
	return prepare(client), nil
}

func sender(configured aws.HTTPClient, concurrency int) func(*http.Request) (*http.Response, error) {
	// The SDK's own client knows a custom certificate bundle and the proxy.
	switch own := configured.(type) {
	case nil:
		return newTransport(awshttp.NewBuildableClient(), concurrency).RoundTrip
	case *awshttp.BuildableClient:
		return newTransport(own, concurrency).RoundTrip
	}
	return configured.Do
}

func newTransport(configured *awshttp.BuildableClient, concurrency int) *http.Transport {
	transport := configured.GetTransport()
	// The default keeps ten connections, so that every call beyond the tenth
	// in flight would pay a handshake.
	transport.MaxIdleConns = concurrency
	transport.MaxIdleConnsPerHost = concurrency
	transport.MaxConnsPerHost = concurrency
	transport.MaxResponseHeaderBytes = maxResponseHeader
	// Answers are a few hundred bytes. To ask for them in gzip takes a map of
	// headers for every call, and none has ever come so.
	transport.DisableCompression = true
	transport.OnProxyConnectResponse = func(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
		if answer.StatusCode != http.StatusOK {
			return &proxyRefusal{answer.StatusCode}
		}
		return nil
	}
	if proxy := transport.Proxy; proxy != nil {
		transport.Proxy = func(r *http.Request) (*url.URL, error) {
			address, err := proxy(r)
			if err != nil || address != nil && !slices.Contains([]string{"http", "https", "socks5", "socks5h"}, address.Scheme) {
				return nil, &proxyAddressError{}
			}
			return address, nil
		}
	}
	return transport
}
