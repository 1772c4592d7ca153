package job

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/store"
)

const bucketName = "users"

// cloud is a bucket and a user pool that outlive any machine.
type cloud struct {
	t      *testing.T
	bench  *bench
	bucket http.Handler
}

func newCloud(t *testing.T) *cloud {
	backend := s3mem.New()
	if err := backend.CreateBucket(bucketName); err != nil {
		t.Fatal(err)
	}
	c := &cloud{t: t, bench: newBench(t.TempDir())}
	c.bucket = gofakes3.New(backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server()
	return c
}

func address(key string) string { return "s3://" + bucketName + "/" + key }

// machine is one host: a disk, and a network that can be cut.
type machine struct {
	cloud *cloud
	disk  string

	// cutAt is the request to the bucket at which the machine is cut off, before it is
	// done or, with cutDone, before its answer comes. 0: at none.
	cutAt   int64
	cutDone bool

	mu    sync.Mutex
	asked int64         // requests to the bucket
	back  chan struct{} // nil while the network works
	calls []time.Time   // when calls for users were sent to the user pool
}

func (c *cloud) machine() *machine { return &machine{cloud: c, disk: c.t.TempDir()} }

// cut holds every request from now on, until repair.
func (m *machine) cut() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.back = make(chan struct{})
}

func (m *machine) isCut() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.back != nil
}

// ask counts a request to the bucket, and tells what to do before and after it.
func (m *machine) ask() (before, after func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	nothing := func() {}
	if m.asked++; m.asked != m.cutAt {
		return nothing, nothing
	}
	if m.cutDone {
		return nothing, m.cut
	}
	return m.cut, nothing
}

func (m *machine) repair() {
	m.mu.Lock()
	defer m.mu.Unlock()
	close(m.back)
	m.back = nil
}

// pass waits for the network.
func (m *machine) pass(ctx context.Context) error {
	m.mu.Lock()
	back := m.back
	m.mu.Unlock()
	if back == nil {
		return ctx.Err()
	}
	select {
	case <-back:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// toBucket and toPool are the ways that requests take from the machine.
type toBucket struct{ *machine }

func (w toBucket) Do(r *http.Request) (*http.Response, error) {
	before, after := w.ask()
	before()
	if err := w.pass(r.Context()); err != nil {
		return nil, err
	}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	r.Header.Set("Content-Length", strconv.FormatInt(r.ContentLength, 10)) // as on the wire
	recorder := httptest.NewRecorder()
	w.cloud.bucket.ServeHTTP(recorder, r)
	after()
	if err := w.pass(r.Context()); err != nil { // the answer is lost
		return nil, err
	}
	answer := recorder.Result()
	answer.Request = r
	return answer, nil
}

type toPool struct{ *machine }

func (w toPool) Do(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.Header.Get("X-Amz-Target"), cognito.OperationName) {
		w.mu.Lock()
		w.calls = append(w.calls, time.Now())
		w.mu.Unlock()
	}
	if err := w.pass(r.Context()); err != nil {
		return nil, err
	}
	answer, err := w.cloud.bench.server.RoundTrip(r)
	if err := w.pass(r.Context()); err != nil {
		return nil, err
	}
	return answer, err
}

func (m *machine) sent() []time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.calls)
}

func (m *machine) open(ctx context.Context, name string) (store.Store, error) {
	return store.OpenS3(ctx, aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String("http://s3.test"), HTTPClient: toBucket{m},
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	}, name)
}

// options are those of a job on the machine whose files are all in the bucket.
func (m *machine) options() Options {
	o := m.cloud.bench.options()
	load := o.Load
	o.Load = func(ctx context.Context) (aws.Config, error) {
		loaded, err := load(ctx)
		loaded.HTTPClient = toPool{m}
		return loaded, err
	}
	o.Input.Path = address("in/users.csv")
	o.Bucket, o.Scratch = m.open, m.disk
	return o
}

func (c *cloud) store() store.Store {
	s, err := c.machine().open(c.t.Context(), bucketName)
	if err != nil {
		c.t.Fatal(err)
	}
	return s
}

func (c *cloud) put(key, text string) {
	c.t.Helper()
	if _, err := c.store().Write(c.t.Context(), key, strings.NewReader(text), store.Attributes{}); err != nil {
		c.t.Fatal(err)
	}
}

func (c *cloud) get(key string) string {
	c.t.Helper()
	object, err := store.OpenObject(c.t.Context(), c.store(), key, 0)
	if err != nil {
		c.t.Fatal(err)
	}
	text, err := io.ReadAll(object.NewReader(0, object.Size()))
	if err != nil {
		c.t.Fatal(err)
	}
	return string(text)
}

func (c *cloud) keys() string {
	c.t.Helper()
	names, err := c.store().List(c.t.Context(), "")
	if err != nil {
		c.t.Fatal(err)
	}
	return strings.Join(names, " ")
}

// objects returns everything that the bucket has.
func (c *cloud) objects() string {
	var all strings.Builder
	for _, key := range strings.Fields(c.keys()) {
		fmt.Fprintf(&all, "%s: %s\n", key, c.get(key))
	}
	return all.String()
}

// usersCSV is an input of n users.
func usersCSV(n int) string {
	var text strings.Builder
	text.WriteString("username\n")
	for i := range n {
		fmt.Fprintf(&text, "user%05d\n", i)
	}
	return text.String()
}

// checkReport fails unless the report has every row of usersCSV(n) once.
func (c *cloud) checkReport(key string, n int) {
	c.t.Helper()
	seen := make(map[string]int)
	for line := range strings.Lines(c.get(key)) {
		fields := strings.Split(line, ",")
		seen[fields[0]+","+fields[1]]++
	}
	delete(seen, "line,username")
	for i := range n {
		row := fmt.Sprintf("%d,user%05d", i+2, i)
		if seen[row] != 1 {
			c.t.Errorf("%s is %d times in the report", row, seen[row])
		}
		delete(seen, row)
	}
	if len(seen) > 0 {
		c.t.Errorf("the report has rows of nobody: %v", seen)
	}
}
