package main

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/smithy-go/logging"

	"cognito-confirm/worker"
)

// targetFlags say which user pool is meant and who asks. They are named as in the AWS CLI.
type targetFlags struct {
	UserPoolID  string `required:"" name:"user-pool-id" placeholder:"ID" help:"The user pool, as eu-west-1_Ab12Cd34E."`
	Region      string `placeholder:"REGION" help:"Region of the pool; without it, what stands before the _ in the pool id."`
	Profile     string `placeholder:"NAME" help:"Profile of the AWS configuration."`
	EndpointURL string `name:"endpoint-url" placeholder:"URL" help:"Another endpoint than AWS's own."`
}

const maxUserPoolID = 55

var (
	// userPoolID is the pattern of the API model.
	userPoolID = regexp.MustCompile(`^[\w-]+_[0-9a-zA-Z]+$`)
	// region matches what AWS names its Regions, as us-gov-west-1 or eusc-de-east-1.
	region = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-\d+$`)
)

// check refuses what the service would refuse for every row.
func (f targetFlags) check() error {
	if n := utf8.RuneCountInString(f.UserPoolID); n > maxUserPoolID || !userPoolID.MatchString(f.UserPoolID) {
		return usageError(fmt.Sprintf("%.80q is not a user pool id", f.UserPoolID), "it looks like eu-west-1_Ab12Cd34E; the console shows it on the pool's page")
	}
	if own := f.poolRegion(); f.Region != "" && own != "" && f.Region != own && f.EndpointURL == "" {
		return usageError(fmt.Sprintf("--region %s contradicts the user pool id, whose region is %s", f.Region, own), "leave --region away")
	}
	if f.EndpointURL != "" && !isEndpoint(f.EndpointURL) {
		return usageError(fmt.Sprintf("--endpoint-url %q is not a URL", f.EndpointURL), "as http://127.0.0.1:9229")
	}
	return nil
}

func isEndpoint(endpoint string) bool {
	parsed, err := url.Parse(endpoint)
	return err == nil && (parsed.Scheme == "http" || parsed.Scheme == "https") && parsed.Hostname() != ""
}

// poolRegion returns what stands before the last _ of the pool id, if that is
// a Region. Emulators have ids such as local_x.
func (f targetFlags) poolRegion() string {
	before := f.UserPoolID[:max(0, strings.LastIndexByte(f.UserPoolID, '_'))]
	if region.MatchString(before) {
		return before
	}
	return ""
}

// load resolves the configuration as every AWS tool does, and the credentials
// with it, so that a run without any ends before it has begun.
func (f targetFlags) load(ctx context.Context) (aws.Config, error) {
	options := []func(*config.LoadOptions) error{
		config.WithSharedConfigProfile(f.Profile),
		// The SDK would write its own lines between ours. What it warns of
		// comes back as an error where it matters.
		config.WithLogger(logging.Nop{}),
	}
	switch {
	case f.Region != "":
		options = append(options, config.WithRegion(f.Region))
	case f.poolRegion() != "":
		options = append(options, config.WithRegion(f.poolRegion()))
	}
	loaded, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return aws.Config{}, usageError(fmt.Sprintf("load AWS configuration: %v", err), "look at --profile and at ~/.aws/config")
	}
	if f.EndpointURL != "" {
		loaded.BaseEndpoint = aws.String(f.EndpointURL)
	}
	loaded.Credentials = typedCredentials{loaded.Credentials}
	if _, err := loaded.Credentials.Retrieve(ctx); err != nil {
		if ctx.Err() != nil {
			return aws.Config{}, context.Cause(ctx)
		}
		return aws.Config{}, &exitError{status: exitStopped, message: worker.OneLine(err.Error()), hint: adviceOn(codeOfCredentials, f)}
	}
	return loaded, nil
}

// typedCredentials gives the errors of a provider a type. The SDK keeps the
// credentials and renews them in time; see aws.CredentialsCache.
type typedCredentials struct{ aws.CredentialsProvider }

// Retrieve returns the credentials, or a *worker.CredentialsError.
func (t typedCredentials) Retrieve(ctx context.Context) (aws.Credentials, error) {
	credentials, err := t.CredentialsProvider.Retrieve(ctx)
	if err != nil {
		return credentials, &worker.CredentialsError{Err: err}
	}
	return credentials, nil
}

// newClient returns the SDK's client for one pool of workers.
func newClient(loaded aws.Config, concurrency int) (*worker.PreparedClient, error) {
	// The configured client knows a custom certificate bundle and the proxy.
	buildable, ok := loaded.HTTPClient.(*awshttp.BuildableClient)
	if !ok {
		buildable = awshttp.NewBuildableClient()
	}
	transport := buildable.GetTransport()
	// The default keeps ten connections, so that every call beyond the tenth
	// in flight would pay a handshake.
	transport.MaxIdleConns = concurrency
	transport.MaxIdleConnsPerHost = concurrency
	transport.MaxConnsPerHost = concurrency
	transport.MaxResponseHeaderBytes = maxResponseHeader
	// Answers are a few hundred bytes. To ask for them in gzip takes a map of
	// headers for every call, and none has ever come so.
	transport.DisableCompression = true
	client := cognitoidentityprovider.NewFromConfig(loaded, func(o *cognitoidentityprovider.Options) {
		// The SDK's own retries would go around the limiter, and give up on
		// most rows of a throttled run. Set here and not in the configuration:
		// the services that renew credentials are to go on retrying.
		o.Retryer = aws.NopRetryer{}
		o.HTTPClient = worker.NewHTTPClient(transport)
		if o.Region == "" && o.BaseEndpoint != nil {
			o.Region = regionOfEmulators
		}
	})
	if client.Options().Region == "" {
		return nil, usageError("no region: the user pool id does not start with one", "give --region or set AWS_REGION")
	}
	return worker.NewPreparedClient(client)
}

const (
	// maxResponseHeader is many times what the service sends, in bytes.
	maxResponseHeader = 64 << 10
	// regionOfEmulators goes into the signature, which no emulator reads.
	regionOfEmulators = "us-east-1"
)
