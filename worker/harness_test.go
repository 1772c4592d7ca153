package worker_test

import (
	"context"
	"encoding/json"
	"errors"
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

const examplePool = "us-east-1_Example12"

// sdkClient returns the client of the SDK, prepared as the program prepares it,
// over any transport. It belongs to the synctest bubble that it was made in.
func sdkClient(transport http.RoundTripper, more ...func(*cognitoidentityprovider.Options)) *worker.PreparedClient {
	prepared, err := worker.NewPreparedClient(plainClient(transport, more...))
	if err != nil {
		panic(err) // the SDK has other middleware than the one in go.mod
	}
	return prepared
}

// plainClient is the same before it is prepared.
func plainClient(transport http.RoundTripper, more ...func(*cognitoidentityprovider.Options)) *cognitoidentityprovider.Client {
	return cognitoidentityprovider.New(cognitoidentityprovider.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String("http://cognito.test"),
		Credentials:  credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		Retryer:      aws.NopRetryer{},
		HTTPClient:   worker.NewHTTPClient(transport),
	}, more...)
}

// exchange is one answer of a scripted service.
type exchange func(*http.Request) (*http.Response, error)

// script is a transport that gives its answers one after the other and then
// confirms whoever is asked for. It keeps what it was sent.
type script struct {
	mu       sync.Mutex
	answers  []exchange
	requests []*http.Request
}

func scripted(answers ...exchange) *script { return &script{answers: answers} }

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return nil, err
	}
	s.mu.Lock()
	answer := says(http.StatusOK, "application/x-amz-json-1.1", "{}")
	if n := len(s.requests); n < len(s.answers) {
		answer = s.answers[n]
	}
	s.requests = append(s.requests, r)
	s.mu.Unlock()
	return answer(r)
}

func (s *script) calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.requests)
}

// says answers with a body of any kind.
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
	return says(status, "application/x-amz-json-1.1", string(body))
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

// openLimiter lets every attempt pass, and keeps count.
type openLimiter struct {
	mu       sync.Mutex
	tokens   int
	observed []observation
}

type observation struct {
	sent      time.Time
	throttled bool
}

func (l *openLimiter) Wait(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tokens++
	return ctx.Err()
}

func (l *openLimiter) Observe(sent time.Time, throttled bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.observed = append(l.observed, observation{sent, throttled})
}

// rowList is a Source of rows that ends with an error of its own, where it has one.
type rowList struct {
	rows []worker.Row
	end  error
}

// users returns a row for each username, on the lines from 2.
func users(names ...string) *rowList {
	l := &rowList{}
	for i, name := range names {
		l.rows = append(l.rows, worker.Row{Line: i + 2, Username: name})
	}
	return l
}

func (l *rowList) Next() (worker.Row, error) {
	if len(l.rows) == 0 {
		if l.end != nil {
			return worker.Row{}, l.end
		}
		return worker.Row{}, io.EOF
	}
	row := l.rows[0]
	l.rows = l.rows[1:]
	return row, nil
}

// recordings is a Sink that keeps the results.
type recordings struct {
	mu      sync.Mutex
	results []worker.Result
	// fail, when set, is asked before each result is kept.
	fail func(worker.Result) error
}

func (r *recordings) Record(result worker.Result) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fail != nil {
		if err := r.fail(result); err != nil {
			return err
		}
	}
	r.results = append(r.results, result)
	return nil
}

// usernames lists who has a result, in the order of the results.
func (r *recordings) usernames() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var names []string
	for _, result := range r.results {
		names = append(names, result.Row.Username)
	}
	return strings.Join(names, " ")
}

// lonePool returns a pool for tests whose rows have nobody to be compared with.
func lonePool(client worker.Client, limiter worker.Limiter, o worker.Options) *worker.Pool {
	pool := worker.NewPool(client, limiter, o)
	pool.OthersSucceed()
	return pool
}

// confirmAnn runs a pool over the one row of a user named ann. The result is
// the zero value when the run ended without one for her.
func confirmAnn(t *testing.T, transport http.RoundTripper, o worker.Options) (worker.Result, error) {
	t.Helper()
	return confirmAnnWith(t, sdkClient(transport), &openLimiter{}, o)
}

func confirmAnnWith(t *testing.T, client worker.Client, limiter worker.Limiter, o worker.Options) (worker.Result, error) {
	t.Helper()
	o.UserPoolID = examplePool
	sink := &recordings{}
	err := lonePool(client, limiter, o).Run(t.Context(), users("ann"), sink)
	switch {
	case len(sink.results) == 0 && err != nil:
		return worker.Result{}, err
	case len(sink.results) != 1:
		t.Fatalf("%d results for one row, error %v", len(sink.results), err)
	}
	return sink.results[0], err
}

// standIn returns a stand-in that logs its calls, with a user named ann.
func standIn(ann fakecognito.Status, faults ...fakecognito.Fault) *fakecognito.Server {
	s := fakecognito.New(fakecognito.Options{UserPoolID: examplePool, LogCalls: true})
	s.AddUser("ann", ann)
	s.SetFault("ann", faults...)
	return s
}

// wantFatal checks that a run ended with this answer.
func wantFatal(t *testing.T, err error, code, message string) {
	t.Helper()
	fatal, ok := errors.AsType[*worker.FatalError](err)
	if !ok || fatal.Code != code || fatal.Message != message {
		t.Errorf("the run ended with %v, want %s: %s", err, code, message)
	}
}
