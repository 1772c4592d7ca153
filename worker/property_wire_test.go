package worker_test

import (
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"

	"cognito-confirm/worker"
)

// wire is the way to the service: some calls do not get through.
type wire struct {
	service http.RoundTripper
	share   float64

	mu      sync.Mutex
	random  *rand.Rand
	refused map[int][]time.Time    // by line
	unsent  map[string][]time.Time // the same by user
}

func (w *wire) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	request = request.Clone(request.Context())
	request.Body = io.NopCloser(strings.NewReader(string(body)))
	var input struct {
		Username       string
		ClientMetadata map[string]string
	}
	if err := json.Unmarshal(body, &input); err != nil {
		return nil, err
	}
	w.mu.Lock()
	refused := w.random.Float64() < w.share
	if refused {
		line := lineOf(input.ClientMetadata)
		w.refused[line] = append(w.refused[line], time.Now())
		w.unsent[input.Username] = append(w.unsent[input.Username], time.Now())
	}
	w.mu.Unlock()
	if refused {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	}
	return w.service.RoundTrip(request)
}

// pacedLimiter lets an attempt pass at every interval.
type pacedLimiter struct {
	openLimiter
	interval time.Duration
	turn     chan struct{}
}

func (l *pacedLimiter) Wait(ctx context.Context) error {
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-l.turn }()
	select {
	case <-time.After(l.interval):
		return l.openLimiter.Wait(ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// slowSink takes its time for each result.
type slowSink struct {
	recordings
	wait time.Duration
}

func (s *slowSink) Record(result worker.Result) error {
	time.Sleep(s.wait)
	return s.recordings.Record(result)
}
