package fakecognito_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

func TestRoundTrip(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{AcceptAnyone: true})
	s.SetFault("cut", fakecognito.Fault{Kind: fakecognito.FaultTruncated})
	for _, test := range []struct {
		username, body string
		err            error
	}{{"ann", "{}", nil}, {"cut", "{", io.ErrUnexpectedEOF}} {
		response, err := s.RoundTrip(confirmation(t, test.username))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		if string(body) != test.body || !errors.Is(err, test.err) {
			t.Errorf("%s: body %q, %v; want %q, %v", test.username, body, err, test.body, test.err)
		}
		if response.Status != "200 OK" || response.ContentLength != 2 {
			t.Errorf("%s: status %s, length %d", test.username, response.Status, response.ContentLength)
		}
	}
}

func TestRoundTripWithoutBody(t *testing.T) {
	r := confirmation(t, "ann")
	r.Body = nil
	response, err := fakecognito.New(fakecognito.Options{}).RoundTrip(r)
	if err != nil || response.Header.Get("x-amzn-ErrorType") != "SerializationException:" {
		t.Errorf("answer %+v, %v", response, err)
	}
}

// A ResponseWriter without a connection is aborted in the way that net/http knows.
func TestServeHTTPBreaksOff(t *testing.T) {
	for _, kind := range []fakecognito.FaultKind{fakecognito.FaultReset, fakecognito.FaultTruncated} {
		s := fakecognito.New(fakecognito.Options{AcceptAnyone: true, LogCalls: true})
		s.SetFault("ann", fakecognito.Fault{Kind: kind})
		func() {
			defer func() {
				if got := recover(); got != http.ErrAbortHandler {
					t.Errorf("kind %v: panic %v", kind, got)
				}
			}()
			s.ServeHTTP(httptest.NewRecorder(), confirmation(t, "ann"))
		}()
		if calls := s.Calls(); len(calls) != 1 || calls[0].Answered.IsZero() {
			t.Errorf("kind %v: log %+v", kind, calls)
		}
	}
}

// A request that does not arrive whole is not a call.
func TestBrokenRequestIsNoCall(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{AcceptAnyone: true, LogCalls: true})
	r := confirmation(t, "ann")
	r.Body = io.NopCloser(io.MultiReader(r.Body, brokenReader{}))
	if _, err := s.RoundTrip(r); err == nil {
		t.Error("the broken request was answered")
	}
	if calls, counts := s.Calls(), s.Counts(); len(calls) != 0 || counts != (fakecognito.Counts{}) {
		t.Errorf("log %+v, counts %+v", calls, counts)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestServeEndsGracefully(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{AcceptAnyone: true, LogCalls: true, Latency: time.Hour})
	s.SetFault("hang", fakecognito.Fault{Kind: fakecognito.FaultHang})
	listener, err := fakecognito.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, listener) }()

	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := newClient("http://"+address, &http.Client{Transport: transport})
	var group sync.WaitGroup
	var slow, hanging error
	group.Go(func() { _, slow = client.AdminConfirmSignUp(t.Context(), confirmInput("slow")) })
	group.Go(func() { _, hanging = client.AdminConfirmSignUp(t.Context(), confirmInput("hang")) })
	for s.Counts().Calls < 2 {
		time.Sleep(time.Millisecond)
	}
	idle, err := net.Dial("tcp", address) // a connection without any request
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()

	cancel()
	group.Wait()
	if err := <-ended; err != nil {
		t.Errorf("serve: %v", err)
	}
	idle.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := idle.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the silent connection was left open: %v", err)
	}
	if slow != nil {
		t.Errorf("the slow call got no answer: %v", slow)
	}
	if !errors.Is(hanging, syscall.ECONNRESET) {
		t.Errorf("the hanging call: %v", hanging)
	}
	if _, err := net.Dial("tcp", address); err == nil {
		t.Error("the address still takes connections")
	}
	if counts := s.Counts(); counts.Connections < 2 || counts.MaxInFlight != 2 {
		t.Errorf("counts %+v", counts)
	}
}

func TestServeReportsABrokenListener(t *testing.T) {
	listener, err := fakecognito.Listen("localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	if err := fakecognito.New(fakecognito.Options{}).Serve(t.Context(), listener); !errors.Is(err, net.ErrClosed) {
		t.Errorf("error %v", err)
	}
}

func TestListenRefuses(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "192.0.2.1:80", "127.0.0.1", "127.0.0.1:http-nothing"} {
		if listener, err := fakecognito.Listen(address); err == nil {
			listener.Close()
			t.Errorf("Listen(%q) took it", address)
		}
	}
}
