package fakecognito_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cognito-confirm/internal/fakecognito"
)

// A call is answered when its Host header names this machine, and refused
// without any effect when it names another host.
func TestHost(t *testing.T) {
	tests := []struct {
		host string
		want int
	}{
		{"localhost", http.StatusOK},
		{"localhost:9229", http.StatusOK},
		{"LocalHost.:9229", http.StatusOK},
		{"cognito-idp.localhost:9229", http.StatusOK},
		{"127.0.0.1:9229", http.StatusOK},
		{"127.8.9.10", http.StatusOK},
		{"[::1]:9229", http.StatusOK},
		{"[::1]", http.StatusOK},
		{"[::ffff:127.0.0.1]:9229", http.StatusOK},
		{"192.0.2.7:9229", http.StatusOK}, // where the connection was made to
		{"192.0.2.8:9229", http.StatusMisdirectedRequest},
		{"evil.example:9229", http.StatusMisdirectedRequest},
		{"localhost.evil.example", http.StatusMisdirectedRequest},
		{"evil-localhost", http.StatusMisdirectedRequest},
		{"127.0.0.1.evil.example:9229", http.StatusMisdirectedRequest},
		{"127.0.0.1@evil.example", http.StatusMisdirectedRequest},
		{"[::2]:9229", http.StatusMisdirectedRequest},
		{"0.0.0.0:9229", http.StatusMisdirectedRequest},
		{"", http.StatusMisdirectedRequest},
	}
	for _, test := range tests {
		t.Run(test.host, func(t *testing.T) {
			s := fakecognito.New(fakecognito.Options{AcceptAnyone: true})
			r := signed(t, "AdminConfirmSignUp", `{"UserPoolId":"`+poolID+`","Username":"ada"}`)
			local := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 9229}
			r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, local))
			r.Host = test.host
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != test.want {
				t.Errorf("status %d, want %d", w.Code, test.want)
			}
			want := int64(0)
			if test.want == http.StatusOK {
				want = 1
			}
			if got := s.Counts(); got.Calls != want || got.Confirmed != want {
				t.Errorf("%d calls, %d confirmed, want %d", got.Calls, got.Confirmed, want)
			}
		})
	}
}

// Over a connection, as a rebound name would come.
func TestHostOfAnotherSite(t *testing.T) {
	url := start(t, fakecognito.New(fakecognito.Options{AcceptAnyone: true}))
	for _, host := range []string{"evil.example", strings.TrimPrefix(url, "http://")} {
		r, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		isRefused := response.StatusCode == http.StatusMisdirectedRequest
		if isRefused != (host == "evil.example") {
			t.Errorf("Host %s: status %d", host, response.StatusCode)
		}
	}
}
