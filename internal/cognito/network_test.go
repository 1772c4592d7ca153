package cognito

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"cognito-confirm/worker"
)

// askOver makes one call to a real server, with what the test wants of the
// transport.
func askOver(t *testing.T, endpoint string, set func(*http.Transport)) worker.Answer {
	t.Helper()
	client, err := NewClient(aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(endpoint),
		Credentials:  credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		HTTPClient:   awshttp.NewBuildableClient().WithTransportOptions(set),
	}, 1)
	if err != nil {
		t.Fatal(err)
	}
	return ConfirmSignUp(client, examplePool, nil)(context.Background(), worker.Row{Line: 2, Username: "ann"})
}

// wantMisconfigured checks that nothing was sent, and that there is advice.
func wantMisconfigured(t *testing.T, got worker.Answer, code string) {
	t.Helper()
	if got.Verdict != worker.Misconfigured || got.Code != code || got.MaybeDone || Advice(code, Target{}) == "" {
		t.Errorf("got %+v, want that it is misconfigured with %s", got, code)
	}
	if strings.Contains(got.Message, "hunter2") {
		t.Errorf("the message has a password in it: %s", got.Message)
	}
}

func confirmAll(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", jsonType)
	w.Write([]byte("{}"))
}

func TestTLSThatIsSetUpWrongly(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(confirmAll))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	trust := x509.NewCertPool()
	trust.AddCert(server.Certificate())
	trusting := func(name string) func(*http.Transport) {
		return func(transport *http.Transport) {
			transport.TLSClientConfig = &tls.Config{RootCAs: trust, ServerName: name}
		}
	}
	if got := askOver(t, server.URL, trusting("")); got.Verdict != worker.Done {
		t.Errorf("with the right certificate: %+v", got)
	}
	wantMisconfigured(t, askOver(t, server.URL, func(*http.Transport) {}), "certificate_unknown_authority")
	wantMisconfigured(t, askOver(t, server.URL, trusting("other.test")), "certificate_wrong_host")
	wantMisconfigured(t, askOver(t, server.URL, func(transport *http.Transport) {
		transport.TLSClientConfig = &tls.Config{RootCAs: trust, Time: func() time.Time { return time.Now().AddDate(200, 0, 0) }}
	}), "certificate_expired")
	wantMisconfigured(t, askOver(t, server.URL, func(transport *http.Transport) {
		transport.TLSClientConfig = &tls.Config{RootCAs: trust, MinVersion: tls.VersionTLS13, MaxVersion: tls.VersionTLS12}
	}), "tls_refused")
	wantMisconfigured(t, askOver(t, server.URL, func(transport *http.Transport) {
		transport.TLSClientConfig = &tls.Config{RootCAs: trust, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	}), "tls_refused")
}

func TestWrongScheme(t *testing.T) {
	// The answer of a TLS server to a request without TLS, here from a plain one: a
	// real one may reset the connection before the answer is read.
	secure := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "Client sent an HTTP request to an HTTPS server.", http.StatusBadRequest)
	}))
	t.Cleanup(secure.Close)
	plain := httptest.NewServer(http.HandlerFunc(confirmAll))
	t.Cleanup(plain.Close)
	wantMisconfigured(t, askOver(t, secure.URL, func(*http.Transport) {}), "wrong_scheme")
	wantMisconfigured(t, askOver(t, strings.Replace(plain.URL, "http:", "https:", 1), func(*http.Transport) {}), "wrong_scheme")
}

// A proxy that wants to know who asks, before a tunnel and for a plain request.
func TestProxyWithAPassword(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	t.Cleanup(proxy.Close)
	address, err := url.Parse(strings.Replace(proxy.URL, "http://", "http://ann:hunter2@", 1))
	if err != nil {
		t.Fatal(err)
	}
	through := func(transport *http.Transport) { transport.Proxy = http.ProxyURL(address) }
	for _, endpoint := range []string{"https://cognito.test", "http://cognito.test"} {
		wantMisconfigured(t, askOver(t, endpoint, through), "proxy_authentication")
	}
}

// dialing has the transport fail to connect, as net would.
func dialing(cause error) func(*http.Transport) {
	return func(transport *http.Transport) {
		transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: cause}
		}
	}
}

// over combines settings of a transport.
func over(settings ...func(*http.Transport)) func(*http.Transport) {
	return func(transport *http.Transport) {
		for _, set := range settings {
			set(transport)
		}
	}
}

// by leads the calls to a proxy.
func by(address string) func(*http.Transport) {
	return func(transport *http.Transport) {
		transport.Proxy = func(*http.Request) (*url.URL, error) { return url.Parse(address) }
	}
}

const (
	secureEndpoint = "https://cognito.test"
	plainEndpoint  = "http://cognito.test"
	proxyAddress   = "://ann:hunter2@proxy.test:3128"
)

func TestHostsThatDoNotExist(t *testing.T) {
	missing := dialing(&net.DNSError{Err: "no such host", Name: "cognito.test", IsNotFound: true})
	down := dialing(&net.DNSError{Err: "server misbehaving", Name: "cognito.test", IsTemporary: true})
	slow := dialing(&net.DNSError{Err: "i/o timeout", Name: "cognito.test", IsTimeout: true, IsTemporary: true})
	for _, endpoint := range []string{secureEndpoint, plainEndpoint} {
		wantMisconfigured(t, askOver(t, endpoint, missing), "unknown_host")
		for _, scheme := range []string{"http", "https", "socks5"} {
			wantMisconfigured(t, askOver(t, endpoint, over(missing, by(scheme+proxyAddress))), "unknown_proxy")
			wantUnsent(t, askOver(t, endpoint, over(down, by(scheme+proxyAddress))), "connection")
		}
		wantUnsent(t, askOver(t, endpoint, down), "connection")
		wantUnsent(t, askOver(t, endpoint, slow), "timeout")
	}
}

// wantUnsent checks that an attempt failed transiently and sent nothing.
func wantUnsent(t *testing.T, got worker.Answer, code string) {
	t.Helper()
	if got.Verdict != worker.Transient || got.Code != code || got.MaybeDone || got.Answered {
		t.Errorf("got %+v, want %s and nothing sent", got, code)
	}
	if strings.Contains(got.Message, "hunter2") {
		t.Errorf("the message has a password in it: %s", got.Message)
	}
}

// What this machine has too little of is never a row's failure, whatever the
// error is wrapped in.
func TestExhaustion(t *testing.T) {
	socket := func(number syscall.Errno) error { return os.NewSyscallError("socket", number) }
	resolver := func(number syscall.Errno) error {
		return &net.DNSError{Err: "dial udp 127.0.0.1:53: socket: " + number.Error(), Name: "cognito.test", IsTemporary: true}
	}
	for _, test := range []struct {
		cause error
		code  string
	}{
		{socket(syscall.EMFILE), "no_descriptors"},
		{socket(syscall.ENFILE), "no_descriptors"},
		{resolver(syscall.EMFILE), "no_descriptors"},
		{resolver(syscall.ENFILE), "no_descriptors"},
		{&fs.PathError{Op: "open", Path: "/etc/resolv.conf", Err: syscall.EMFILE}, "no_descriptors"},
		{os.NewSyscallError("connect", syscall.EADDRNOTAVAIL), "no_ports"},
		{os.NewSyscallError("connect", syscall.ENOBUFS), "no_ports"},
		{resolver(syscall.EADDRNOTAVAIL), "no_ports"},
	} {
		for _, endpoint := range []string{secureEndpoint, plainEndpoint} {
			for name, set := range map[string]func(*http.Transport){
				"directly": dialing(test.cause),
				"proxy":    over(dialing(test.cause), by("http"+proxyAddress)),
				"socks":    over(dialing(test.cause), by("socks5"+proxyAddress)),
			} {
				got := askOver(t, endpoint, set)
				if got.Verdict != worker.Exhausted || got.Code != test.code || got.MaybeDone || got.Answered || Advice(got.Code, Target{}) == "" {
					t.Errorf("%v, %s, %s: got %+v, want %s", test.cause, endpoint, name, got, test.code)
				}
			}
		}
	}
}

// On a connection that there is, a missing buffer or address is the network's
// failure, and somebody may have read the request.
func TestExhaustionAfterTheRequest(t *testing.T) {
	for _, number := range []syscall.Errno{syscall.EADDRNOTAVAIL, syscall.ENOBUFS} {
		got := confirmOver(t, breaks(&net.OpError{Op: "read", Net: "tcp", Err: os.NewSyscallError("read", number)}))
		if got.Verdict != worker.Transient || got.Code != "connection" || !got.MaybeDone {
			t.Errorf("%v: got %+v", number, got)
		}
	}
}

// A proxy's own troubles pass, and its address stays out of all messages.
func TestProxiesThatFail(t *testing.T) {
	var status atomic.Int32
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(int(status.Load())) }))
	t.Cleanup(proxy.Close)
	address := strings.Replace(proxy.URL, "http://", "://ann:hunter2@", 1)
	for _, code := range []int32{400, 403, 502, 503, 504} {
		status.Store(code)
		wantUnsent(t, askOver(t, secureEndpoint, by("http"+address)), "connection")
	}
	wantUnsent(t, askOver(t, secureEndpoint, over(dialing(os.NewSyscallError("connect", syscall.ECONNREFUSED)), by("http"+address))), "connection")
	// A proxy that is asked with TLS, and speaks none.
	wantMisconfigured(t, askOver(t, secureEndpoint, by("https"+address)), "wrong_scheme")
	for _, none := range []string{"http://ann:hun/ter2@proxy.test:port", "ftp://ann:hunter2@proxy.test", "ann:hunter2@proxy.test", "http://ann:hunter2%@proxy.test"} {
		got := askOver(t, secureEndpoint, by(none))
		wantMisconfigured(t, got, "proxy_address")
		if strings.Contains(got.Message, "ter2") {
			t.Errorf("the message has a password in it: %s", got.Message)
		}
	}
}

// Errors that quote a URL leave out what is before its host.
func TestPasswordsOfURLs(t *testing.T) {
	for _, text := range []string{"proxy http://ann:hunter2@proxy.test failed", `parse "https://hunter2@a": no`, `parse "http://ann:hun ter2@a/b": no`, `parse "http://ann:hun/ter2@a": no`, "socks5://a:hunter2@b@c:1"} {
		got := confirmOver(t, breaks(errors.New(text)))
		if strings.Contains(got.Message, "ter2") || !strings.Contains(got.Message, "://…@") {
			t.Errorf("message %q", got.Message)
		}
	}
	for _, text := range []string{"no address ann@example.com", "http://a/b@c", "http://a:80/b@c"} {
		if got := withoutPasswords(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// A SOCKS proxy that wants to know who asks.
func TestSOCKSProxyWithAPassword(t *testing.T) {
	address := answeringWith(t, func(conn net.Conn) {
		io.ReadFull(conn, make([]byte, 3))
		conn.Write([]byte{5, 0xff})
		io.Copy(io.Discard, conn)
	})
	wantMisconfigured(t, askOver(t, secureEndpoint, by("socks5://"+address)), "proxy_authentication")
}

// answeringWith serves every connection with the function, and returns where.
func answeringWith(t *testing.T, serve func(net.Conn)) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	return listener.Addr().String()
}

// A server that wants a certificate of ours reads no request, though with TLS
// 1.3 it is on its way before we hear of it.
func TestTLSThatIsRefused(t *testing.T) {
	own := httptest.NewUnstartedServer(nil)
	own.StartTLS()
	t.Cleanup(own.Close)
	trust := x509.NewCertPool()
	trust.AddCert(own.Certificate())
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		address := answeringWith(t, func(conn net.Conn) {
			tls.Server(conn, &tls.Config{Certificates: own.TLS.Certificates, ClientAuth: tls.RequireAnyClientCert, MaxVersion: version}).Handshake()
			io.Copy(io.Discard, conn) // or the alert could be lost with a reset
		})
		ask := func() worker.Answer {
			return askOver(t, "https://"+address, func(transport *http.Transport) { transport.TLSClientConfig = &tls.Config{RootCAs: trust} })
		}
		got := ask()
		// The connection can be closed by us before anybody hears why.
		for range 50 {
			if got.Code == "connection" {
				wantUnsent(t, got, "connection")
				got = ask()
			}
		}
		wantMisconfigured(t, got, "tls_refused")
	}
}

// TestRequestsWithoutTLS: the answers of servers that expect TLS, and answers
// that are not about the scheme.
func TestRequestsWithoutTLS(t *testing.T) {
	alert := answeringWith(t, func(conn net.Conn) {
		if r, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
			io.Copy(io.Discard, r.Body) // or the client may hear of its writing first
		}
		conn.Write([]byte{0x15, 3, 1, 0, 2, 2, 70})
		conn.(*net.TCPConn).CloseWrite()
		io.Copy(io.Discard, conn)
	})
	wantMisconfigured(t, askOver(t, "http://"+alert, func(*http.Transport) {}), "wrong_scheme")

	moved := func(location string) exchange { return says(301, "text/html", "").with("Location", location) }
	for _, answer := range []exchange{
		says(400, "", "Client sent an HTTP request to an HTTPS server.\n"),                                    // Go
		says(400, "text/html", "<html><center>The plain HTTP request was sent to HTTPS port</center></html>"), // nginx
		says(400, "text/html", "<p>Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />"),  // Apache
		moved("https://cognito.test:443/"),
	} {
		wantMisconfigured(t, confirmOver(t, answer), "wrong_scheme")
	}
	for _, answer := range []exchange{
		moved("https://login.corp.test/"), moved("http://cognito.test/elsewhere"), says(400, "text/html", "Bad request"),
		refuses(400, "UserNotFoundException", "Client sent an HTTP request to an HTTPS server."),
		says(503, "text/html", "The plain HTTP request was sent to HTTPS port"),
	} {
		if got := confirmOver(t, answer); got.Verdict == worker.Misconfigured {
			t.Errorf("got %+v", got)
		}
	}
}

// TestConnectionsThatWeClose before the request is on them, and afterwards.
func TestConnectionsThatWeClose(t *testing.T) {
	wantUnsent(t, confirmOver(t, breaks(fmt.Errorf("write: %w", net.ErrClosed))), "connection")
	wantUnsent(t, confirmOver(t, breaks(&net.OpError{Op: "write", Net: "tcp", Err: net.ErrClosed})), "connection")
	read := &net.OpError{Op: "read", Net: "tcp", Err: net.ErrClosed}
	wantAnswer(t, confirmOver(t, breaks(read)), lost("connection", read.Error()))
}

// TestAlerts that come when the request is on its way: some belong to the
// handshake, and the request was not read; others end what was under way.
func TestAlerts(t *testing.T) {
	for alert, code := range map[tls.AlertError]string{
		116: "tls_refused", 42: "tls_refused", 48: "tls_refused",
		20: "connection", 80: "connection", 10: "connection",
	} {
		err := &net.OpError{Op: "remote error", Err: alert}
		want := lost(code, err.Error())
		if code == "tls_refused" {
			want.Verdict, want.MaybeDone = worker.Misconfigured, false
		}
		wantAnswer(t, confirmOver(t, breaks(err)), want)
	}
}

// TestNames asks a resolver that answers every question alike.
func TestNames(t *testing.T) {
	const servfail, nxdomain = 2, 3
	for name, test := range map[string]struct {
		rcode    byte
		endpoint string
		want     worker.Answer
	}{
		"no such host":          {nxdomain, "https://cognito-idp.eu-wst-1.test", worker.Answer{Verdict: worker.Misconfigured, Code: "unknown_host"}},
		"no such host, no TLS":  {nxdomain, "http://cognito.test", worker.Answer{Verdict: worker.Misconfigured, Code: "unknown_host"}},
		"a resolver that fails": {servfail, "https://cognito.test", unsent("connection", "")},
	} {
		t.Run(name, func(t *testing.T) {
			got := askOver(t, test.endpoint, func(transport *http.Transport) {
				transport.DialContext = (&net.Dialer{Resolver: resolver(t, test.rcode)}).DialContext
			})
			got.Message = ""
			wantAnswer(t, got, test.want)
		})
	}
	got := askOver(t, "https://cognito.test", func(transport *http.Transport) {
		transport.DialContext = (&net.Dialer{Resolver: resolver(t, nxdomain)}).DialContext
		transport.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: "proxy.test:3128", User: url.UserPassword("ann", "hunter2")})
	})
	wantMisconfigured(t, got, "unknown_proxy")
	for _, err := range []*net.DNSError{{Err: "cannot unmarshal DNS message"}, {Err: "no such host", IsNotFound: true, IsTemporary: true}, {Err: "i/o timeout", IsNotFound: true, IsTimeout: true}} {
		if got := confirmOver(t, breaks(&net.OpError{Op: "dial", Net: "tcp", Err: err})); got.Verdict != worker.Transient || got.MaybeDone {
			t.Errorf("%v: %+v", err, got)
		}
	}
}

// resolver is one whose questions are answered with an error.
func resolver(t *testing.T, rcode byte) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	go func() {
		question := make([]byte, 512)
		for {
			n, from, err := server.ReadFrom(question)
			if err != nil {
				return
			}
			question[2], question[3] = 0x81, 0x80|rcode // an answer to a recursive question
			question[10], question[11] = 0, 0           // nothing additional
			end := 12
			for end < n && question[end] != 0 { // the name, and then its type and class
				end += int(question[end]) + 1
			}
			server.WriteTo(question[:min(n, end+5)], from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}
