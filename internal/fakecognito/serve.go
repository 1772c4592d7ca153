package fakecognito

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// shutdownTime is how long answers in flight, which no longer wait for their
// latency, have to leave when serving ends.
const shutdownTime = time.Second

// Listen opens a listener for [Server.Serve], as host:port; port 0 picks a free
// one. The server checks no credentials, so only loopback addresses are taken.
func Listen(address string) (net.Listener, error) {
	resolved, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	if !resolved.IP.IsLoopback() {
		return nil, fmt.Errorf("listen: %s is not a loopback address", address)
	}
	return net.ListenTCP("tcp", resolved)
}

// Serve serves HTTP on the listener until ctx is done, then answers what is in
// flight at once, without the rest of its latency, and returns nil. It closes
// the listener.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler:           s,
		ConnState:         s.ConnState,
		ReadHeaderTimeout: time.Minute,
		// Calls end with ctx too, or a call that hangs would delay the end.
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if server.Shutdown(grace) != nil {
		// All answers have left by now. What is left are connections that never
		// sent a request.
		return server.Close()
	}
	return nil
}

// ConnState counts the connections that clients open, for [Counts]. Serve uses it;
// another server needs it as its [net/http.Server.ConnState].
func (s *Server) ConnState(_ net.Conn, state http.ConnState) {
	if state == http.StateNew {
		s.connections.Add(1)
	}
}
