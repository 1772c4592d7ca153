package cognito

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/worker"
)

// overTCP serves the handler on loopback and returns the program's client for
// it. The stand-in counts the connections.
func overTCP(t *testing.T, service *fakecognito.Server, handler http.Handler, concurrency int) Client {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ConnState = service.ConnState
	server.Start()
	t.Cleanup(server.Close)
	return clientOf(t, server.URL, concurrency)
}

func clientOf(t *testing.T, url string, concurrency int) Client {
	t.Helper()
	client, err := NewClient(aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(url),
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	}, concurrency)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// barrier lets goroutines through in groups of size, each group when all of it has come.
type barrier struct {
	size int

	mu      sync.Mutex
	arrived int
	open    chan struct{}
}

func (b *barrier) wait() {
	b.mu.Lock()
	if b.arrived == 0 {
		b.open = make(chan struct{})
	}
	open := b.open
	if b.arrived++; b.arrived == b.size {
		b.arrived = 0
		close(open)
	}
	b.mu.Unlock()
	<-open
}

// Every call in flight has a connection, and all of them are used again,
// whatever was answered on them.
func TestConnectionsAreReused(t *testing.T) {
	const concurrency, rounds = 16, 20
	const calls = concurrency * rounds
	service := fakecognito.New(fakecognito.Options{UserPoolID: examplePool, AcceptAnyone: true, Seed: 1})
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
	together := &barrier{size: concurrency}
	client := overTCP(t, service, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		together.wait()
		service.ServeHTTP(w, r)
	}), concurrency)
	call := ConfirmSignUp(client, examplePool, nil)
	for range rounds {
		var wait sync.WaitGroup
		for range concurrency {
			wait.Go(func() {
				if got := call(t.Context(), worker.Row{Username: "ann"}); got.Code == "connection" {
					t.Errorf("answer %+v", got)
				}
			})
		}
		wait.Wait() // now all connections are idle
	}
	counts := service.Counts()
	// Some may be lost besides: net/http closes a connection whose writing
	// goroutine got no processor for 50 ms, and the machine may be busy. With
	// the SDK's ten idle connections it would be six in each round.
	if counts.Calls != calls || counts.Connections < concurrency || counts.Connections > concurrency+3*rounds {
		t.Errorf("%d connections for %d calls, want %d for %d", counts.Connections, counts.Calls, concurrency, calls)
	}
	if counts.Faults < calls*0.2 {
		t.Errorf("only %d of %d calls went wrong", counts.Faults, counts.Calls)
	}
}

// Every limit of the transport allows the calls in flight. Answers are not
// compressed, and have a bound.
func TestTransport(t *testing.T) {
	const concurrency = 3000
	var encoding []string
	header := "x"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		encoding = r.Header["Accept-Encoding"]
		w.Header().Set("Content-Type", jsonType)
		w.Header().Set("X-Header", header)
		io.WriteString(w, "{}")
	}))
	defer server.Close()
	if transport := newTransport(awshttp.NewBuildableClient(), concurrency); transport.MaxIdleConns != concurrency || transport.MaxConnsPerHost != concurrency {
		t.Errorf("%d connections idle, %d in all; want %d", transport.MaxIdleConns, transport.MaxConnsPerHost, concurrency)
	}
	call := ConfirmSignUp(clientOf(t, server.URL, concurrency), examplePool, nil)
	wantAnswer(t, call(t.Context(), worker.Row{Username: "ann"}), done)
	if encoding != nil {
		t.Errorf("answers are asked for in %q", encoding)
	}
	header = strings.Repeat("x", 100<<10)
	if got := call(t.Context(), worker.Row{Username: "ann"}); got.Code != "connection" || !strings.Contains(got.Message, "headers exceeded") {
		t.Errorf("answer %+v to a header of 100 KiB", got)
	}
}

// A client of another kind in the configuration sends the calls, and its answers
// are looked at like all others.
func TestConfiguredHTTPClient(t *testing.T) {
	for name, test := range map[string]struct {
		answer exchange
		want   worker.Answer
	}{
		"confirmed": {says(http.StatusOK, jsonType, "{}"), done},
		"a page":    {page(http.StatusOK), unexpected(`HTTP 200 with content type "text/html"`)},
	} {
		client, err := NewClient(aws.Config{
			Region: "us-east-1", HTTPClient: smithyhttp.ClientDoFunc(test.answer.RoundTrip),
			Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		}, 1)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { wantAnswer(t, confirm(t, client), test.want) })
	}
}

// What goes wrong on a real connection is what goes wrong in the other tests,
// and the next call gets through, on the same connection or a new one.
func TestFaultsOverTCP(t *testing.T) {
	tests := []struct {
		name  string
		fault fakecognito.Fault
		want  worker.Answer // the message may have addresses before this text
	}{
		{"reset before", fakecognito.Fault{Kind: fakecognito.FaultReset}, lost("connection", "connection reset by peer")},
		{"reset after", fakecognito.Fault{Kind: fakecognito.FaultReset, Confirms: true}, lost("connection", "connection reset by peer")},
		{"truncated", fakecognito.Fault{Kind: fakecognito.FaultTruncated}, lost("connection", "read answer: unexpected EOF")},
		{"page", fakecognito.Fault{Kind: fakecognito.FaultHTTP, Code: "503"}, transient("http_503", "Service Unavailable")},
		{"login page", fakecognito.Fault{Kind: fakecognito.FaultHTTP, Code: "200"}, unexpected(`HTTP 200 with content type "text/html"`)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.fault.Times = 1
			service := standIn(fakecognito.Unconfirmed, test.fault)
			call := ConfirmSignUp(overTCP(t, service, service, 1), examplePool, nil)
			got := call(t.Context(), worker.Row{Username: "ann"})
			if !strings.HasSuffix(got.Message, test.want.Message) {
				t.Errorf("message %q, want %q", got.Message, test.want.Message)
			}
			got.Message = test.want.Message
			wantAnswer(t, got, test.want)
			got = call(t.Context(), worker.Row{Username: "ann"})
			if !got.Answered || got.Verdict != worker.Done && got.Verdict != worker.AlreadyDone || len(service.Calls()) != 2 {
				t.Errorf("answer %+v after %d calls", got, len(service.Calls()))
			}
		})
	}
}

func TestNoAnswerOverTCP(t *testing.T) {
	service := standIn(fakecognito.Unconfirmed, fakecognito.Fault{Kind: fakecognito.FaultHang})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	got := ConfirmSignUp(overTCP(t, service, service, 1), examplePool, nil)(ctx, worker.Row{Username: "ann"})
	if got.Code != "timeout" || got.Answered {
		t.Errorf("answer %+v", got)
	}
}

func TestNobodyListens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + listener.Addr().String()
	listener.Close()
	got := ConfirmSignUp(clientOf(t, url, 1), examplePool, nil)(t.Context(), worker.Row{Username: "ann"})
	if !strings.HasPrefix(got.Message, "dial tcp") || !strings.HasSuffix(got.Message, "connection refused") {
		t.Errorf("message %q", got.Message)
	}
	wantAnswer(t, got, unsent("connection", got.Message))
}

// A server that closes the connection at once has given no answer.
func TestServerHangsUp(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		panic(http.ErrAbortHandler)
	}))
	defer server.Close()
	got := ConfirmSignUp(clientOf(t, server.URL, 1), examplePool, nil)(t.Context(), worker.Row{Username: "ann"})
	wantAnswer(t, got, lost("connection", "EOF"))
}
