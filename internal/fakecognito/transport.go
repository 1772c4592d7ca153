package fakecognito

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"syscall"
)

// ServeHTTP answers one call. Where a fault leaves the caller without a whole
// answer, it closes or resets the connection. With a ResponseWriter that has no
// connection, it panics with [net/http.ErrAbortHandler], as handlers do to abort.
//
// It refuses calls that name another host than this machine. Otherwise a web site
// could let its own name resolve to a loopback address (DNS rebinding), and its
// pages could call the server from a browser on this machine.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !isForUs(r) {
		http.Error(w, "this stand-in serves loopback names and addresses only", http.StatusMisdirectedRequest)
		return
	}
	a := s.serve(r)
	if a.ending == reset || a.ending == hang {
		resetConnection(w)
		return
	}
	a.fill(w.Header())
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	if a.ending == truncated {
		w.Write(a.body[:len(a.body)/2])
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler) // closes the connection, so that the client sees the end
	}
	w.Write(a.body) // an error means that the client has gone
}

// resetConnection makes the client see a reset (RST) instead of an end of file,
// by closing with no linger time.
func resetConnection(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if lingerer, ok := connection.(interface{ SetLinger(int) error }); ok {
		lingerer.SetLinger(0)
	}
	connection.Close()
}

// RoundTrip answers one call without a network, so that a client can run under
// testing/synctest: &http.Client{Transport: server}. The client sees what it would
// see on a connection: a reset is a *net.OpError for ECONNRESET, a truncated
// answer ends with [io.ErrUnexpectedEOF], and a call whose context ends first
// returns the context's error although the call may have taken effect.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil {
		r = r.Clone(r.Context())
		r.Body = http.NoBody
	}
	defer r.Body.Close()
	a := s.serve(r)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if a.ending == reset || a.ending == hang {
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", syscall.ECONNRESET)}
	}
	response := &http.Response{
		Status:        strconv.Itoa(a.status) + " " + http.StatusText(a.status),
		StatusCode:    a.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        make(http.Header),
		ContentLength: int64(len(a.body)),
		Body:          io.NopCloser(bytes.NewReader(a.body)),
		Request:       r,
	}
	a.fill(response.Header)
	if a.ending == truncated {
		half := bytes.NewReader(a.body[:len(a.body)/2])
		response.Body = io.NopCloser(io.MultiReader(half, cutOff{}))
	}
	return response, nil
}

// cutOff is the end of a body that is shorter than announced.
type cutOff struct{}

func (cutOff) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
