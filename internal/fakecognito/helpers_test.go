package fakecognito_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"cognito-confirm/internal/fakecognito"
)

const poolID = "us-east-1_Example12"

// start serves the stand-in over real HTTP for one test and returns its URL.
func start(t testing.TB, s *fakecognito.Server) string {
	t.Helper()
	ts := httptest.NewUnstartedServer(s)
	ts.Config.ConnState = s.ConnState
	ts.Start()
	t.Cleanup(ts.Close)
	return ts.URL
}

// newClient returns the real SDK client, without retries of its own.
func newClient(url string, client aws.HTTPClient) *cognitoidentityprovider.Client {
	return cognitoidentityprovider.New(cognitoidentityprovider.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(url),
		Credentials:  credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		Retryer:      aws.NopRetryer{},
		HTTPClient:   client,
	})
}

// dial serves the stand-in over real HTTP and returns a client, with a connection
// pool of its own that ends with the test.
func dial(t testing.TB, s *fakecognito.Server) *cognitoidentityprovider.Client {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	return newClient(start(t, s), &http.Client{Transport: plainBody{transport}})
}

// plainBody sends requests with a body that net/http knows to be in memory.
// net/http sends the SDK's own body type after the headers, in a separate write,
// and the SDK closes it when the answer comes. An answer as fast as here can come
// before net/http has looked for the end of that body. It then takes the closed
// body for a failed write and closes the connection, even during a long answer.
type plainBody struct{ next http.RoundTripper }

func (p plainBody) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	r.Body.Close()
	if err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	return p.next.RoundTrip(r)
}

func confirmInput(username string) *cognitoidentityprovider.AdminConfirmSignUpInput {
	return &cognitoidentityprovider.AdminConfirmSignUpInput{
		UserPoolId: aws.String(poolID),
		Username:   aws.String(username),
	}
}

// signed returns a request for an operation, as a client sends it.
func signed(t testing.TB, operation, body string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 ...")
	return r
}

// confirmation returns the request that confirms a user.
func confirmation(t testing.TB, username string) *http.Request {
	t.Helper()
	return signed(t, "AdminConfirmSignUp", fmt.Sprintf(`{"UserPoolId":%q,"Username":%q}`, poolID, username))
}

// post sends a request straight to the handler.
func post(t *testing.T, s *fakecognito.Server, operation, body string) (status int, answer string) {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, signed(t, operation, body))
	return w.Code, w.Body.String()
}

// call confirms a user straight through the handler and returns the code of the
// answer.
func call(t *testing.T, s *fakecognito.Server, username string) string {
	t.Helper()
	w := httptest.NewRecorder()
	s.ServeHTTP(w, confirmation(t, username))
	var answer struct {
		Type string `json:"__type"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Errorf("answer %q: %v", w.Body, err)
	}
	return answer.Type
}

// offline returns a client that calls the stand-in without a network.
func offline(s *fakecognito.Server) *cognitoidentityprovider.Client {
	return newClient("http://stand-in.invalid", &http.Client{
		Transport:     s,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	})
}

// wantStatus checks the state that a user was left in.
func wantStatus(t *testing.T, s *fakecognito.Server, username string, want fakecognito.Status) {
	t.Helper()
	if got, known := s.UserStatus(username); !known || got != want {
		t.Errorf("status of %s: %v (known %v), want %v", username, got, known, want)
	}
}

// requestID returns the id that the service gave to a call; empty for none.
func requestID(output *cognitoidentityprovider.AdminConfirmSignUpOutput, err error) string {
	if err == nil {
		id, _ := awsmiddleware.GetRequestIDMetadata(output.ResultMetadata)
		return id
	}
	if response, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		return response.ServiceRequestID()
	}
	return ""
}
