package fakecognito_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"testing"

	"cognito-confirm/internal/fakecognito"
)

// BenchmarkHandler measures a call without HTTP around it.
func BenchmarkHandler(b *testing.B) {
	s := fakecognito.New(fakecognito.Options{AcceptAnyone: true, Quota: fakecognito.Quota{Rate: 1e9}})
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		r := confirmation(b, "ann")
		body, err := io.ReadAll(r.Body)
		if err != nil {
			b.Error(err)
		}
		for pb.Next() {
			r.Body = io.NopCloser(bytes.NewReader(body))
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
	address, err := url.Parse(start(b, s))
	if err != nil {
		b.Fatal(err)
	}
	transport := &http.Transport{MaxIdleConns: 64, MaxIdleConnsPerHost: 64}
	defer transport.CloseIdleConnections()
	b.SetParallelism(64 / runtime.GOMAXPROCS(0))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r := confirmation(b, "ann")
			r.URL = address
			response, err := transport.RoundTrip(r)
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

// BenchmarkUsers measures the memory of a user.
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
