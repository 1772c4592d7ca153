package worker_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/worker"
)

// overTCP serves the stand-in over HTTP on loopback and returns a client with
// as many connections as there are calls in flight.
func overTCP(t testing.TB, service *fakecognito.Server, concurrency int) worker.Client {
	t.Helper()
	server := httptest.NewUnstartedServer(service)
	server.Config.ConnState = service.ConnState
	server.Start()
	t.Cleanup(server.Close)
	return clientOf(t, server.URL, concurrency)
}

func clientOf(t testing.TB, url string, concurrency int) worker.Client {
	t.Helper()
	transport := &http.Transport{MaxIdleConns: concurrency, MaxIdleConnsPerHost: concurrency, MaxConnsPerHost: concurrency}
	t.Cleanup(transport.CloseIdleConnections)
	return sdkClient(transport, func(o *cognitoidentityprovider.Options) { o.BaseEndpoint = aws.String(url) })
}

// Connections are used again, whatever was answered on them.
func TestConnectionsAreReused(t *testing.T) {
	const concurrency, rows = 16, 1500
	service := fakecognito.New(fakecognito.Options{AcceptAnyone: true, Seed: 1})
	for _, fault := range []fakecognito.Fault{
		{Code: "UserNotFoundException"},
		{Code: "TooManyRequestsException"},
		{Code: "InternalErrorException"},
		{Kind: fakecognito.FaultHTTP, Code: "503"},
		{Kind: fakecognito.FaultHTTP, Code: "429"},
		{Kind: fakecognito.FaultHTTP, Code: "200"},
		{Kind: fakecognito.FaultHTTP, Code: "302"},
	} {
		service.SetFaultShare(0.05, fault)
	}
	sink := &recordings{}
	err := lonePool(overTCP(t, service, concurrency), &openLimiter{}, worker.Options{
		UserPoolID: examplePool, Concurrency: concurrency, MaxAttempts: 100, Jitter: func(time.Duration) time.Duration { return 0 },
	}).Run(t.Context(), users(numbered(rows)...), sink)
	if err != nil || len(sink.results) != rows {
		t.Errorf("%d results of %d, error %v", len(sink.results), rows, err)
	}
	counts := service.Counts()
	// One in a hundred may be lost besides: net/http closes a connection whose
	// writing goroutine got no processor for 50 ms, and the machine may be busy.
	if counts.Connections < 1 || counts.Connections > concurrency+counts.Calls/100 {
		t.Errorf("%d connections for %d calls, want about %d", counts.Connections, counts.Calls, concurrency)
	}
	if counts.Faults < rows*0.3 {
		t.Errorf("only %d of %d calls went wrong", counts.Faults, counts.Calls)
	}
}

// What goes wrong on a real connection is what goes wrong in the other tests.
func TestFaultsOverTCP(t *testing.T) {
	tests := []struct {
		name          string
		fault         fakecognito.Fault
		code, message string // of the end of the message, which has addresses in it
	}{
		{"reset before", fakecognito.Fault{Kind: fakecognito.FaultReset}, "connection", "connection reset by peer"},
		{"reset after", fakecognito.Fault{Kind: fakecognito.FaultReset, Confirms: true}, "connection", "connection reset by peer"},
		{"truncated", fakecognito.Fault{Kind: fakecognito.FaultTruncated}, "connection", "read answer: unexpected EOF"},
		{"page", fakecognito.Fault{Kind: fakecognito.FaultHTTP, Code: "503"}, "http_503", "Service Unavailable"},
		{"login page", fakecognito.Fault{Kind: fakecognito.FaultHTTP, Code: "200"}, "unexpected_answer", "not an answer of Cognito"},
	}
	options := func(attempts int) worker.Options {
		return worker.Options{MaxAttempts: attempts, Jitter: func(time.Duration) time.Duration { return 0 }}
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			service := standIn(fakecognito.Unconfirmed, test.fault)
			result, err := confirmAnnWith(t, overTCP(t, service, 1), &openLimiter{}, options(1))
			if err != nil || result.Status != worker.StatusFailed || result.Code != test.code || !strings.HasSuffix(result.Message, test.message) {
				t.Errorf("result %+v, error %v", result, err)
			}
			// On the same connection or a new one: the next attempt gets through.
			test.fault.Times = 1
			service = standIn(fakecognito.Unconfirmed, test.fault)
			result, err = confirmAnnWith(t, overTCP(t, service, 1), &openLimiter{}, options(8))
			if err != nil || result.Status != worker.StatusConfirmed || result.Attempts != 2 || len(service.Calls()) != 2 {
				t.Errorf("result %+v after %d calls, error %v", result, len(service.Calls()), err)
			}
		})
	}
}

func TestNoAnswerOverTCP(t *testing.T) {
	service := standIn(fakecognito.Unconfirmed, fakecognito.Fault{Kind: fakecognito.FaultHang})
	result, err := confirmAnnWith(t, overTCP(t, service, 1), &openLimiter{}, worker.Options{MaxAttempts: 2, Timeout: 100 * time.Millisecond,
		Jitter: func(time.Duration) time.Duration { return 0 }})
	if err != nil || result.Status != worker.StatusFailed || result.Code != "timeout" || result.Attempts != 2 || result.Duration < 200*time.Millisecond {
		t.Errorf("result %+v, error %v", result, err)
	}
}

func TestNobodyListens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + listener.Addr().String()
	listener.Close()
	result, err := confirmAnnWith(t, clientOf(t, url, 1), &openLimiter{}, worker.Options{MaxAttempts: 1})
	if err != nil || result.Code != "connection" || !strings.HasPrefix(result.Message, "dial tcp") || !strings.HasSuffix(result.Message, "connection refused") {
		t.Errorf("result %+v, error %v", result, err)
	}
}

// A server that closes the connection without a word has given no answer.
func TestServerHangsUp(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		panic(http.ErrAbortHandler)
	}))
	defer server.Close()
	limiter := &openLimiter{}
	result, err := confirmAnnWith(t, clientOf(t, server.URL, 1), limiter, worker.Options{MaxAttempts: 1})
	if err != nil || result.Code != "connection" || result.Message != "EOF" || len(limiter.observed) != 0 {
		t.Errorf("result %+v, observed %v, error %v", result, limiter.observed, err)
	}
}
