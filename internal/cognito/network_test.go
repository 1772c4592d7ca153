package cognito

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

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
		transport.TLSClientConfig = &tls.Config{RootCAs: trust, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	}), "tls_refused")
}

func TestWrongScheme(t *testing.T) {
	// As a TLS server answers to a request without TLS. It may reset the
	// connection then, before anybody has read that: so not by a real one.
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
	address = &url.URL{Scheme: "http", Host: "no-such-host.invalid:3128", User: url.UserPassword("ann", "hunter2")}
	got := askOver(t, "https://cognito.test", through)
	if got.MaybeDone || strings.Contains(got.Message, "hunter2") || got.Verdict != worker.Misconfigured && got.Verdict != worker.Transient {
		t.Errorf("a proxy that does not exist: %+v", got)
	}
}

func TestPoolIDIsRefusedOnlyWhereTheServiceSays(t *testing.T) {
	const refusal = "1 validation error detected: Value 'us-east-1_x' at 'userPoolId' failed to satisfy constraint: Member must ..."
	const cell = "1 validation error detected: Value ' at 'userPoolId' failed to satisfy constraint' at 'username' failed to satisfy constraint: ..."
	for message, want := range map[string]worker.Verdict{
		refusal: worker.Fatal,
		cell:    worker.Refused,
		"1 validation error detected: Value at 'username' failed to satisfy constraint: x at 'userPoolId' y": worker.Refused,
	} {
		got := confirmOver(t, refuses(http.StatusBadRequest, "InvalidParameterException", message))
		if got.Verdict != want {
			t.Errorf("%s: verdict %d, want %d", message, got.Verdict, want)
		}
	}
}
