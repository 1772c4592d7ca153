package main

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"cognito-confirm/internal/fakecognito"
)

// standIn is a fake Cognito on an address.
type standIn struct {
	*fakecognito.Server
	url string

	mu             sync.Mutex
	authorizations []string
}

// ServeHTTP remembers how a call is signed, which the fake does not look at.
func (s *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.authorizations = append(s.authorizations, r.Header.Get("Authorization"))
	s.mu.Unlock()
	s.Server.ServeHTTP(w, r)
}

// signed returns the signatures of the calls, with access key, date and region.
func (s *standIn) signed() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.authorizations)
}

// start serves a pool that confirms everybody, with a log of the calls.
func start(t testing.TB) *standIn {
	t.Helper()
	return startWith(t, fakecognito.Options{UserPoolID: testPool, AcceptAnyone: true, LogCalls: true})
}

func startWith(t testing.TB, o fakecognito.Options) *standIn {
	t.Helper()
	s := &standIn{Server: fakecognito.New(o)}
	s.url = serveHandler(t, s)
	return s
}

func serveHandler(t testing.TB, handler http.Handler) (url string) {
	t.Helper()
	server := httptest.NewServer(handler)
	// A call that was left hanging would hold up the end of the test.
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL
}

// args are those of a run against the stand-in, as fast as it goes.
func (s *standIn) args(input string, more ...string) []string {
	return append([]string{"run", "--user-pool-id", testPool, "--endpoint-url", s.url, "--rate", "5000", input}, more...)
}
