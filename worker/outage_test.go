package worker_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/worker"
)

const outagePool = "us-east-1_Example12"

// outageRun is a run over a network that fails, and what was seen of it there.
type outageRun struct {
	service *fakecognito.Server
	options worker.Options
	rows    int
	// interval is the time between two attempts.
	interval time.Duration
	// fails says how a call of that user, so long after the start, goes wrong,
	// nil when it does not.
	fails func(since time.Duration, username string) http.RoundTripper

	start time.Time
	turn  chan struct{}
	next  int

	mu       sync.Mutex
	calls    []*outageCall
	inFlight int
	results  []worker.Result
}

// outageCall is a call as the network saw it; times are since the start.
type outageCall struct {
	username    string
	sent, ended time.Duration
	failed      bool
	inFlight    int // this one included
}

// newOutageRun is a healthy run of so many rows; ceilings are waited out to the
// full, so that every time is exact.
func newOutageRun(rows int) *outageRun {
	return &outageRun{
		service:  fakecognito.New(fakecognito.Options{UserPoolID: outagePool, AcceptAnyone: true}),
		rows:     rows,
		interval: 50 * time.Millisecond,
		fails:    func(time.Duration, string) http.RoundTripper { return nil },
		options: worker.Options{
			UserPoolID: outagePool, Concurrency: 8, MaxAttempts: 8, Timeout: 30 * time.Second, StallTimeout: 5 * time.Minute,
			Jitter: func(ceiling time.Duration) time.Duration { return ceiling },
		},
	}
}

// run runs the pool and returns its error and how long it took.
func (r *outageRun) run(ctx context.Context) (time.Duration, error) { return r.runPool(ctx, r.pool()) }

func (r *outageRun) runPool(ctx context.Context, pool *worker.Pool) (time.Duration, error) {
	r.start = time.Now()
	err := pool.Run(ctx, r, r)
	return time.Since(r.start), err
}

func (r *outageRun) pool() *worker.Pool {
	r.turn = make(chan struct{}, 1)
	client := cognitoidentityprovider.New(cognitoidentityprovider.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://cognito.test"), Retryer: aws.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""), HTTPClient: worker.NewHTTPClient(r),
	})
	return worker.NewPool(client, r, r.options)
}

// Next hands out the rows.
func (r *outageRun) Next() (worker.Row, error) {
	if r.next == r.rows {
		return worker.Row{}, io.EOF
	}
	r.next++
	return worker.Row{Line: r.next + 1, Username: outageUser(r.next)}, nil
}

func outageUser(n int) string { return fmt.Sprintf("user%04d", n) }

// Record keeps the results.
func (r *outageRun) Record(result worker.Result) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results = append(r.results, result)
	return nil
}

// Wait lets one attempt pass every interval, in the order in which they come.
func (r *outageRun) Wait(ctx context.Context) error {
	select {
	case r.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-r.turn }()
	select {
	case <-time.After(r.interval):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Observe has nothing to adapt.
func (r *outageRun) Observe(time.Time, bool) {}

// RoundTrip is the network.
func (r *outageRun) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	var input struct{ Username string }
	if err := json.Unmarshal(body, &input); err != nil {
		return nil, err
	}
	request = request.Clone(request.Context())
	request.Body = io.NopCloser(strings.NewReader(string(body)))
	r.mu.Lock()
	transport := r.fails(time.Since(r.start), input.Username)
	r.inFlight++
	call := &outageCall{username: input.Username, sent: time.Since(r.start), failed: transport != nil, inFlight: r.inFlight}
	r.calls = append(r.calls, call)
	r.mu.Unlock()
	if transport == nil {
		transport = r.service
	}
	response, err := transport.RoundTrip(request)
	r.mu.Lock()
	r.inFlight--
	call.ended = time.Since(r.start)
	r.mu.Unlock()
	return response, err
}

// outageWay is a way in which calls go wrong.
type outageWay func(*http.Request) (*http.Response, error)

// RoundTrip is the call that goes wrong.
func (w outageWay) RoundTrip(request *http.Request) (*http.Response, error) { return w(request) }

func outageRefused(*http.Request) (*http.Response, error) {
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
}

func outageHangs(request *http.Request) (*http.Response, error) {
	<-request.Context().Done()
	return nil, request.Context().Err()
}

// outageAnswer is an answer of the stand-in for a fault.
func outageAnswer(fault fakecognito.Fault) outageWay {
	service := fakecognito.New(fakecognito.Options{UserPoolID: outagePool, AcceptAnyone: true})
	service.SetFaultShare(1, fault)
	return service.RoundTrip
}

// outageWays are the ways in which everything goes wrong at once.
func outageWays() map[string]outageWay {
	return map[string]outageWay{
		"refused":   outageRefused,
		"hanging":   outageHangs,
		"reset":     outageAnswer(fakecognito.Fault{Kind: fakecognito.FaultReset}),
		"exception": outageAnswer(fakecognito.Fault{Code: "InternalErrorException"}),
		"HTML 503":  outageAnswer(fakecognito.Fault{Kind: fakecognito.FaultHTTP, Code: "503"}),
		"a portal":  outageAnswer(fakecognito.Fault{Kind: fakecognito.FaultHTTP, Code: "200"}),
		"truncated": outageAnswer(fakecognito.Fault{Kind: fakecognito.FaultTruncated}),
	}
}

// during fails all calls in a span of time.
func (r *outageRun) during(from, to time.Duration, way outageWay) {
	r.fails = func(since time.Duration, _ string) http.RoundTripper {
		if from <= since && since < to {
			return way
		}
		return nil
	}
}

// poisoned fails all calls of these users for ever.
func (r *outageRun) poisoned(way outageWay, usernames ...string) {
	before := r.fails
	r.fails = func(since time.Duration, username string) http.RoundTripper {
		if slices.Contains(usernames, username) {
			return way
		}
		return before(since, username)
	}
}
