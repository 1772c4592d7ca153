package job

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/internal/rows"
	"cognito-confirm/worker"
)

const testPool = "eu-west-1_Test00000"

// bench is a directory with the files of a job, and the service without a
// network between, so that a test can run in virtual time.
type bench struct {
	dir    string
	server *fakecognito.Server
	loads  int // how often the configuration was asked for
}

// latency is how long the service takes.
const latency = 50 * time.Millisecond

func newBench(dir string) *bench {
	return &bench{dir: dir, server: fakecognito.New(fakecognito.Options{
		UserPoolID: testPool, AcceptAnyone: true, LogCalls: true, Latency: latency,
	})}
}

func (b *bench) Do(r *http.Request) (*http.Response, error) { return b.server.RoundTrip(r) }

func (b *bench) path(name string) string { return filepath.Join(b.dir, name) }

// options are those of a job that makes one call at a time.
func (b *bench) options() Options {
	return Options{
		Input:  rows.Options{Path: b.path("users.csv")},
		Target: cognito.Target{UserPoolID: testPool},
		Load: func(context.Context) (aws.Config, error) {
			b.loads++
			return aws.Config{
				Region:       "eu-west-1",
				BaseEndpoint: aws.String("http://cognito.test"),
				Credentials:  credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
				HTTPClient:   b,
			}, nil
		},
		Rate: 1000,
		Pool: worker.Options{Concurrency: 1},
	}
}

func (b *bench) put(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(b.path(name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(b.path(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// tree is what is in every file of the directory.
func (b *bench) tree(t *testing.T) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(b.dir)
	if err != nil {
		t.Fatal(err)
	}
	tree := make(map[string]string)
	for _, entry := range entries {
		if entry.Type().IsRegular() {
			tree[entry.Name()] = b.read(t, entry.Name())
		}
	}
	return tree
}

// called lists whom calls were made for.
func (b *bench) called() string {
	var names []string
	for _, call := range b.server.Calls() {
		names = append(names, call.Username)
	}
	return strings.Join(names, " ")
}

// open opens a job that has to open.
func open(t *testing.T, o Options) *Job {
	t.Helper()
	j, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}
