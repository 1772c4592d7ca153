package cognito

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/worker"
)

// pipes is a network in memory: net/http runs on it in virtual time.
type pipes chan net.Conn

func (p pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p <- server:
		return client, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p pipes) Accept() (net.Conn, error) {
	if conn, open := <-p; open {
		return conn, nil
	}
	return nil, net.ErrClosed
}

func (p pipes) Close() error   { close(p); return nil }
func (p pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// overPipes serves the handler and returns a transport that leads to it.
func overPipes(t *testing.T, handler http.HandlerFunc) *http.Transport {
	network := make(pipes)
	transport := &http.Transport{DialContext: network.dial}
	server := &http.Server{ErrorLog: log.New(io.Discard, "", 0)}
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body) // only then does the server notice that a client has gone
		handler(w, r)
	})
	go server.Serve(network)
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
	})
	return transport
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var asked, elsewhere atomic.Int32
				transport := overPipes(t, func(w http.ResponseWriter, r *http.Request) {
					if r.Host == "elsewhere.test" {
						elsewhere.Add(1)
						w.Header().Set("Content-Type", "application/json")
						io.WriteString(w, "{}")
						return
					}
					asked.Add(1)
					w.Header().Set("Location", "http://elsewhere.test/")
					w.WriteHeader(status)
				})
				wantAnswer(t, confirmOver(t, transport), transient(fmt.Sprintf("http_%d", status), http.StatusText(status)))
				if asked.Load() != 1 || elsewhere.Load() != 0 {
					t.Errorf("%d calls, and %d where the redirect leads to; want 1 and 0", asked.Load(), elsewhere.Load())
				}
			})
		})
	}
}

func TestAnswerSize(t *testing.T) {
	answerOf := func(size int64) string {
		return "{" + strings.Repeat(" ", int(size)-2) + "}"
	}
	tooLong := func(status int) worker.Answer {
		return unexpected(fmt.Sprintf("HTTP %d with more than 1048576 bytes", status))
	}
	tests := []struct {
		name   string
		status int
		body   io.Reader
		want   worker.Answer
	}{
		{"the longest", 200, strings.NewReader(answerOf(maxAnswer)), done},
		{"a byte too long", 200, strings.NewReader(answerOf(maxAnswer + 1)), tooLong(200)},
		{"endless", 200, endless{}, tooLong(200)},
		{"endless refusal", 400, endless{}, tooLong(400)},
		{"endless page", 503, endless{}, tooLong(503)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var sent atomic.Int64
				transport := overPipes(t, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Type", "application/x-amz-json-1.1")
					w.WriteHeader(test.status)
					n, _ := io.Copy(w, test.body) // until the client has enough
					sent.Store(n)
				})
				wantAnswer(t, confirmOver(t, transport), test.want)
				synctest.Wait()
				if sent.Load() < maxAnswer || sent.Load() > maxAnswer+64<<10 {
					t.Errorf("%d bytes of the answer were taken, want %d and a buffer at most", sent.Load(), maxAnswer)
				}
			})
		})
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// The timeout covers the whole attempt, to the last byte of the answer.
func TestSlowAnswers(t *testing.T) {
	trickle := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		for tick := time.NewTicker(300 * time.Millisecond); r.Context().Err() == nil; {
			io.WriteString(w, " ")
			http.NewResponseController(w).Flush()
			select {
			case <-tick.C:
			case <-r.Context().Done():
			}
		}
	}
	half := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		w.WriteHeader(http.StatusBadRequest)
		http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	nothing := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	for name, handler := range map[string]http.HandlerFunc{"trickle": trickle, "headers only": half, "nothing": nothing} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				wantAnswer(t, confirmOver(t, overPipes(t, handler)), lost("timeout", "no answer in time"))
				if took := time.Since(start); took != time.Second {
					t.Errorf("gave up after %v, want exactly 1s", took)
				}
			})
		})
	}
}

// A server that changes the protocol keeps the connection open and sends nothing
// more.
func TestSwitchedProtocol(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			go func() {
				defer server.Close()
				in := bufio.NewReader(server)
				if r, err := http.ReadRequest(in); err == nil {
					io.Copy(io.Discard, r.Body)
				}
				io.WriteString(server, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\n")
				io.Copy(io.Discard, in)
			}()
			return client, nil
		}}
		wantAnswer(t, confirmOver(t, transport), unexpected("HTTP 101 with a status that is not 200"))
	})
}
