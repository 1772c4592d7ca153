package cognito

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/worker"
)

const (
	examplePool = "us-east-1_Example12"
	jsonType    = "application/x-amz-json-1.1"
)

// plainClient returns the SDK's client over any transport. It belongs to the
// synctest bubble that it was made in.
func plainClient(transport http.RoundTripper, more ...func(*cognitoidentityprovider.Options)) *cognitoidentityprovider.Client {
	return cognitoidentityprovider.New(cognitoidentityprovider.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String("http://cognito.test"),
		Credentials:  credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		Retryer:      aws.NopRetryer{},
		HTTPClient:   httpClient{transport.RoundTrip},
	}, more...)
}

// confirm makes one call for a user named ann, of at most one second.
func confirm(t *testing.T, client Client) worker.Answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	return ConfirmSignUp(client, examplePool, nil)(ctx, worker.Row{Line: 2, Username: "ann"})
}

// confirmOver makes one call over the transport, as the program prepares it.
func confirmOver(t *testing.T, transport http.RoundTripper) worker.Answer {
	t.Helper()
	return confirm(t, prepare(plainClient(transport)))
}

// wantAnswer compares all of an answer but its request id. What was answered
// and has a code of its own, or none, is wanted in the service's protocol.
func wantAnswer(t *testing.T, got, want worker.Answer) {
	t.Helper()
	got.RequestID = ""
	want.InProtocol = want.Answered && !strings.HasPrefix(want.Code, "http_") && want.Code != codeProxyAuthentication
	got.Cause = "" // see TestCause
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// standIn returns a stand-in that logs its calls, with a user named ann.
func standIn(ann fakecognito.Status, faults ...fakecognito.Fault) *fakecognito.Server {
	s := fakecognito.New(fakecognito.Options{UserPoolID: examplePool, LogCalls: true})
	s.AddUser("ann", ann)
	s.SetFault("ann", faults...)
	return s
}

// exchange is a transport that gives one answer, whatever is asked.
type exchange func(*http.Request) (*http.Response, error)

func (e exchange) RoundTrip(r *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return nil, err
	}
	return e(r)
}

// says returns an answer with a body of any kind.
func says(status int, contentType, body string) exchange {
	return func(r *http.Request) (*http.Response, error) {
		response := &http.Response{
			StatusCode: status, Header: make(http.Header), Request: r,
			Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
		}
		if contentType != "" {
			response.Header.Set("Content-Type", contentType)
		}
		return response, nil
	}
}

// refuses answers with an exception, its name in the body only.
func refuses(status int, code, message string) exchange {
	body, err := json.Marshal(map[string]string{"__type": code, "message": message})
	if err != nil {
		panic(err) // two strings can always be encoded
	}
	return says(status, jsonType, string(body))
}

// page answers with HTML, as proxies and load balancers do.
func page(status int) exchange {
	return says(status, "text/html", "<html><h1>"+http.StatusText(status)+"</h1></html>")
}

// breaks gives no answer but an error.
func breaks(err error) exchange {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// silent never answers.
func silent(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// with adds a header to an answer.
func (e exchange) with(header, value string) exchange {
	return func(r *http.Request) (*http.Response, error) {
		response, err := e(r)
		response.Header.Set(header, value)
		return response, err
	}
}

// wired is a request as it stands on the wire.
type wired struct {
	method, url, host, body string
	header                  http.Header
}

// wiretap is a transport that keeps every request and answers it with another
// transport.
type wiretap struct {
	answer exchange

	mu       sync.Mutex
	requests []wired
}

func (w *wiretap) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests = append(w.requests, wired{r.Method, r.URL.String(), r.Host, string(body), r.Header.Clone()})
	return w.answer(r)
}

// tap returns a wiretap on a service that confirms everybody.
func tap() *wiretap { return &wiretap{answer: says(http.StatusOK, jsonType, "{}")} }
