package fakecognito_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"

	"cognito-confirm/internal/fakecognito"
)

const confirmBody = `{"UserPoolId":"us-east-1_Example12","Username":"ann@example.com"}`

func confirmRequest(b *testing.B, url string, body io.Reader) *http.Request {
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, url, body)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService.AdminConfirmSignUp")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 ...")
	return r
}

// BenchmarkHandler measures a call without HTTP around it.
func BenchmarkHandler(b *testing.B) {
	s := fakecognito.New(fakecognito.Options{AcceptAnyone: true, Quota: fakecognito.Quota{Rate: 1e9}})
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		body := strings.NewReader(confirmBody)
		r := confirmRequest(b, "http://localhost/", body)
		for pb.Next() {
			body.Reset(confirmBody)
			r.Body = io.NopCloser(body)
			w := httptest.NewRecorder()
			if s.ServeHTTP(w, r); w.Code != http.StatusOK {
				b.Fatal(w.Body)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}

// BenchmarkHTTP measures calls over loopback connections; its client takes about
// half of the time.
func BenchmarkHTTP(b *testing.B) {
	s := fakecognito.New(fakecognito.Options{AcceptAnyone: true, Quota: fakecognito.Quota{Rate: 1e9}})
	url := start(b, s)
	transport := &http.Transport{MaxIdleConns: 64, MaxIdleConnsPerHost: 64}
	defer transport.CloseIdleConnections()
	b.SetParallelism(64 / runtime.GOMAXPROCS(0))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			response, err := transport.RoundTrip(confirmRequest(b, url, strings.NewReader(confirmBody)))
			if err != nil {
				b.Error(err)
				return
			}
			io.Copy(io.Discard, response.Body)
			response.Body.Close()
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}

// BenchmarkUsers measures what a user costs in memory.
func BenchmarkUsers(b *testing.B) {
	const users = 1_000_000
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		s := fakecognito.New(fakecognito.Options{})
		for i := range users {
			s.AddUser(fmt.Sprintf("user-%07d@example.com", i), fakecognito.Unconfirmed)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/users, "B/user")
		runtime.KeepAlive(s)
	}
}
