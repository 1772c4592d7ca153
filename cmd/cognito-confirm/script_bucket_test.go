package main

import (
	"io"
	"net/http/httptest"
	"os"
	"slices"
	"strings"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/rogpeppe/go-internal/testscript"
)

// scriptBucket is the bucket of every script.
const scriptBucket = "users"

// setUpBucket gives a script a stand-in for S3 with one bucket, s3://users.
func setUpBucket(env *testscript.Env) error {
	backend := s3mem.New()
	if err := backend.CreateBucket(scriptBucket); err != nil {
		return err
	}
	server := httptest.NewServer(gofakes3.New(backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server())
	env.Defer(func() {
		server.CloseClientConnections()
		server.Close()
	})
	env.Values["bucket"] = backend
	env.Vars = append(env.Vars, "AWS_ENDPOINT_URL_S3="+server.URL)
	return nil
}

func bucketOf(ts *testscript.TestScript) *s3mem.Backend {
	return ts.Value("bucket").(*s3mem.Backend)
}

func upload(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: upload FILE KEY")
	}
	text := ts.ReadFile(args[0])
	_, err := bucketOf(ts).PutObject(scriptBucket, args[1], nil, strings.NewReader(text), int64(len(text)), nil)
	ts.Check(err)
}

func download(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: download KEY FILE")
	}
	object, err := bucketOf(ts).GetObject(scriptBucket, args[0], nil)
	ts.Check(err)
	defer object.Contents.Close()
	text, err := io.ReadAll(object.Contents)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), text, 0o600))
}

func remove(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: remove KEY")
	}
	_, err := bucketOf(ts).DeleteObject(scriptBucket, args[0])
	ts.Check(err)
}

func objects(ts *testscript.TestScript, neg bool, want []string) {
	if neg {
		ts.Fatalf("usage: objects KEY...")
	}
	list, err := bucketOf(ts).ListBucket(scriptBucket, &gofakes3.Prefix{}, gofakes3.ListBucketPage{})
	ts.Check(err)
	var got []string
	for _, object := range list.Contents {
		got = append(got, object.Key)
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		ts.Fatalf("the bucket has %q, want %q", got, want)
	}
}
