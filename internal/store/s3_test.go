package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// client answers the SDK's requests with a handler, without a network.
type client struct{ http.Handler }

func (c client) Do(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if r.Body == nil {
		r.Body = http.NoBody
	}
	r.Header.Set("Content-Length", strconv.FormatInt(r.ContentLength, 10)) // as on the wire
	recorder := httptest.NewRecorder()
	c.ServeHTTP(recorder, r)
	answer := recorder.Result()
	answer.Request = r
	return answer, nil
}

func configuration(h http.Handler) aws.Config {
	return aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String("http://s3.test"), HTTPClient: client{h},
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	}
}

const bucket = "users"

// open returns a bucket of a stand-in, and the stand-in's handler.
func open(t *testing.T, versioned bool) (*S3, http.Handler) {
	t.Helper()
	backend := s3mem.New()
	if err := backend.CreateBucket(bucket); err != nil {
		t.Fatal(err)
	}
	if versioned {
		if err := backend.SetVersioningConfiguration(bucket, gofakes3.VersioningConfiguration{Status: gofakes3.VersioningEnabled}); err != nil {
			t.Fatal(err)
		}
	}
	handler := gofakes3.New(backend, gofakes3.WithLogger(gofakes3.DiscardLog())).Server()
	s, err := OpenS3(t.Context(), configuration(handler), bucket)
	if err != nil {
		t.Fatal(err)
	}
	return s, handler
}

func put(t *testing.T, s Store, name, text string) {
	t.Helper()
	if _, err := s.Write(t.Context(), name, strings.NewReader(text), Attributes{}); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, s Store, name string) string {
	t.Helper()
	o, err := OpenObject(t.Context(), s, name, 0)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(o.NewReader(0, o.Size()))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestS3(t *testing.T) {
	s, _ := open(t, false)
	ctx := t.Context()
	if _, err := s.Stat(ctx, "a/1"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before anything is written: %v", err)
	}
	tag, err := s.Write(ctx, "a/1", strings.NewReader("hello"), Attributes{Owner: "s3://users/x.report.csv"})
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "a/2", "")
	put(t, s, "b", "other")
	info, err := s.Stat(ctx, "a/1")
	info.Pin = "" // the stand-in gives one to every object
	if err != nil || info != (Info{Size: 5, Tag: tag, Owner: "s3://users/x.report.csv"}) {
		t.Errorf("stat: %+v, %v", info, err)
	}
	if text, err := s.Read(ctx, "a/1", info, 1, 4); err != nil || string(text) != "ell" {
		t.Errorf("range: %q, %v", text, err)
	}
	if names, err := s.List(ctx, "a/"); err != nil || !slices.Equal(names, []string{"a/1", "a/2"}) {
		t.Errorf("list: %q, %v", names, err)
	}
	if get(t, s, "a/2") != "" {
		t.Error("an empty object is not empty")
	}
	for range 2 {
		if err := s.Remove(ctx, "a/1"); err != nil {
			t.Error(err)
		}
	}
	if names, _ := s.List(ctx, "a/"); !slices.Equal(names, []string{"a/2"}) {
		t.Errorf("after a removal: %q", names)
	}
}

func TestS3Conditions(t *testing.T) {
	s, _ := open(t, false)
	write := func(text string, c Condition) (string, error) {
		return s.Write(t.Context(), "lock", strings.NewReader(text), Attributes{Condition: c})
	}
	if _, err := write("x", Condition{Tag: `"0123"`}); !errors.Is(err, ErrConflict) && !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a tag of an object that is not there: %v", err)
	}
	first, err := write("first", Condition{Absent: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := write("second", Condition{Absent: true}); !errors.Is(err, ErrConflict) {
		t.Errorf("created twice: %v", err)
	}
	if _, err := write("third", Condition{Tag: first}); err != nil {
		t.Error(err)
	}
	if _, err := write("fourth", Condition{Tag: first}); !errors.Is(err, ErrConflict) {
		t.Errorf("written with an old tag: %v", err)
	}
	if got := get(t, s, "lock"); got != "third" {
		t.Errorf("the lock is %q", got)
	}
}

// TestSame: a write under the condition of the version that was found, or of none,
// replaces no other version.
func TestSame(t *testing.T) {
	s, _ := open(t, false)
	write := func(found Info) error {
		_, err := s.Write(t.Context(), "a", strings.NewReader(found.Tag+"x"), Attributes{Condition: found.Same()})
		return err
	}
	if err := write(Info{}); err != nil {
		t.Fatal(err)
	}
	found, err := s.Stat(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if err := write(Info{}); !errors.Is(err, ErrConflict) {
		t.Errorf("in the place of one that came meanwhile: %v", err)
	}
	if err := write(found); err != nil {
		t.Errorf("in the place of the one that was found: %v", err)
	}
	if err := write(found); !errors.Is(err, ErrConflict) {
		t.Errorf("in the place of another: %v", err)
	}
}

func TestS3ListsManyPages(t *testing.T) {
	s, _ := open(t, false)
	want := make([]string, 1005)
	for i := range want {
		want[i] = fmt.Sprintf("parts/%05d", i)
		put(t, s, want[i], "x")
	}
	if names, err := s.List(t.Context(), "parts/"); err != nil || !slices.Equal(names, want) {
		t.Errorf("%d names, %v", len(names), err)
	}
}

// TestS3Large writes in several requests and reads in several ranges.
func TestS3Large(t *testing.T) {
	s, _ := open(t, false)
	text := bytes.Repeat([]byte("0123456789abcdef"), (oneRequest+rangeSize/2)/16)
	if _, err := s.Write(t.Context(), "large", bytes.NewReader(text), Attributes{Owner: "x"}); err != nil {
		t.Fatal(err)
	}
	if got := get(t, s, "large"); got != string(text) {
		t.Errorf("%d bytes came back of %d", len(got), len(text))
	}
	if info, err := s.Stat(t.Context(), "large"); err != nil || info.Owner != "x" {
		t.Errorf("%+v, %v", info, err)
	}
}

// TestObjectIsPinned: a reader that is at work when the object is replaced goes on
// with the old one where there is one, and never mixes both.
func TestObjectIsPinned(t *testing.T) {
	for _, versioned := range []bool{false, true} {
		t.Run(fmt.Sprintf("versions %v", versioned), func(t *testing.T) {
			s, _ := open(t, versioned)
			old := strings.Repeat("a", rangeSize+100)
			put(t, s, "input", old)
			o, err := OpenObject(t.Context(), s, "input", 0)
			if err != nil {
				t.Fatal(err)
			}
			reader := o.NewReader(0, o.Size())
			start := make([]byte, 10)
			if _, err := io.ReadFull(reader, start); err != nil {
				t.Fatal(err)
			}
			put(t, s, "input", strings.Repeat("b", rangeSize+100))
			rest, err := io.ReadAll(reader)
			switch {
			case versioned && (err != nil || string(start)+string(rest) != old):
				t.Errorf("the version was not kept to: %d bytes, %v", len(rest), err)
			case !versioned && !errors.Is(err, ErrChanged):
				t.Errorf("got %v after %d bytes", err, len(rest))
			case bytes.Contains(rest, []byte("b")):
				t.Error("two versions are mixed")
			}
		})
	}
}

// flaky fails some requests before they reach the stand-in, or their answers after.
type flaky struct {
	http.Handler
	mu    sync.Mutex
	count int
}

func (f *flaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.count++
	count := f.count
	f.mu.Unlock()
	if count%3 == 0 {
		http.Error(w, "<html>", http.StatusBadGateway)
		return
	}
	f.Handler.ServeHTTP(w, r)
}

func TestFailuresThatPass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, handler := open(t, false)
		put(t, s, "input", strings.Repeat("x", rangeSize+10))
		loaded := configuration(&flaky{Handler: handler})
		loaded.RetryMaxAttempts = 1
		shaky, err := OpenS3(t.Context(), loaded, bucket)
		if err != nil {
			t.Fatal(err)
		}
		o, err := OpenObject(t.Context(), shaky, "input", time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(o.NewReader(0, o.Size())); err != nil || len(text) != rangeSize+10 {
			t.Errorf("%d bytes, %v", len(text), err)
		}
	})
}

func TestRefusals(t *testing.T) {
	answer := func(status int, code string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/xml")
			w.WriteHeader(status)
			fmt.Fprintf(w, "<Error><Code>%s</Code><Message>arn:aws:iam::123456789012:user/alice may not</Message></Error>", code)
		})
	}
	tests := map[string]struct {
		handler http.Handler
		want    string
		isFinal bool
	}{
		"not allowed": {answer(http.StatusForbidden, "AccessDenied"), "read s3://users/key: AccessDenied", true},
		"no bucket":   {answer(http.StatusNotFound, "NoSuchBucket"), "read s3://users/key: NoSuchBucket", true},
		"busy":        {answer(http.StatusServiceUnavailable, "SlowDown"), "read s3://users/key: SlowDown", false},
		"a name":      {answer(http.StatusForbidden, "alice"), "read s3://users/key: unknown_code", false},
		"no XML": {http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusBadGateway) }),
			"read s3://users/key: BadGateway", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			loaded := configuration(test.handler)
			loaded.RetryMaxAttempts = 1
			s, err := OpenS3(t.Context(), loaded, bucket)
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.Read(t.Context(), "key", Info{Tag: `"x"`}, 0, 1)
			if err == nil || err.Error() != test.want || isFinal(err) != test.isFinal {
				t.Errorf("got %q, final: %v", err, isFinal(err))
			}
		})
	}
}

// TestBucketInAnotherRegion: the bucket's own Region is asked, whatever the
// configuration has.
func TestBucketInAnotherRegion(t *testing.T) {
	for _, status := range []int{http.StatusOK, http.StatusMovedPermanently, http.StatusForbidden} {
		loaded := configuration(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Amz-Bucket-Region", "ap-southeast-2")
			w.WriteHeader(status)
		}))
		loaded.BaseEndpoint = nil
		s, err := OpenS3(t.Context(), loaded, bucket)
		if err != nil {
			t.Fatal(err)
		}
		if region := s.client.Options().Region; region != "ap-southeast-2" {
			t.Errorf("HTTP %d: %s", status, region)
		}
	}
}

func TestEndpointOfTheEnvironment(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9000")
	loaded, err := config.LoadDefaultConfig(t.Context(), config.WithRegion("eu-west-1"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := OpenS3(t.Context(), loaded, bucket)
	if err != nil {
		t.Fatal(err)
	}
	if o := s.client.Options(); aws.ToString(o.BaseEndpoint) != "http://127.0.0.1:9000" || !o.UsePathStyle {
		t.Errorf("endpoint %q, path style %v", aws.ToString(o.BaseEndpoint), o.UsePathStyle)
	}
}

func TestRequestsEndWithTheirContext(t *testing.T) {
	s, _ := open(t, false)
	ctx, end := context.WithCancelCause(t.Context())
	end(errDown)
	err := Persist(ctx, time.Hour, func(ctx context.Context) error { _, err := s.Stat(ctx, "x"); return err })
	if !errors.Is(err, errDown) {
		t.Errorf("got %v", err)
	}
}

// TestNoSumIsAskedFor: a service may send the checksum of the whole object with a part
// of it, and the part would be taken for a damaged one.
func TestNoSumIsAskedFor(t *testing.T) {
	_, inner := open(t, false)
	outer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if mode := r.Header.Get("X-Amz-Checksum-Mode"); r.Method == http.MethodGet && mode != "" {
			t.Errorf("asked for a checksum: %s", mode)
		}
		inner.ServeHTTP(w, r)
	})
	loaded := configuration(outer)
	loaded.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenSupported // the default
	s, err := OpenS3(t.Context(), loaded, bucket)
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "a", "hello")
	info, err := s.Stat(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	if text, err := s.Read(t.Context(), "a", info, 1, 4); err != nil || string(text) != "ell" {
		t.Errorf("got %q, %v", text, err)
	}
}

// TestNoSumIsSent: some services refuse a checksum, for which the SDK has a setting. It
// counts for an object of any size.
func TestNoSumIsSent(t *testing.T) {
	_, inner := open(t, false)
	outer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name := range r.Header {
			if strings.Contains(name, "Checksum") || name == "X-Amz-Trailer" {
				t.Errorf("%s %s has %s", r.Method, r.URL.Path, name)
			}
		}
		inner.ServeHTTP(w, r)
	})
	loaded := configuration(outer)
	loaded.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
	s, err := OpenS3(t.Context(), loaded, bucket)
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, "small", "hello")
	put(t, s, "large", strings.Repeat("0123456789abcdef", oneRequest/16+1))
}

// TestWritesThatAreNotAnswered are given up in time to be tried again: a small one,
// such as a part, in a few seconds.
func TestWritesThatAreNotAnswered(t *testing.T) {
	for size, want := range map[int]time.Duration{0: 10 * time.Second, 7000: 10 * time.Second, oneRequest / 2: 35 * time.Second, oneRequest: time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			silent := configuration(nil)
			silent.HTTPClient = noAnswer{}
			s, err := OpenS3(t.Context(), silent, bucket)
			if err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			_, err = s.Write(t.Context(), "part", strings.NewReader(strings.Repeat("x", size)), Attributes{})
			if took := time.Since(begun).Round(time.Second); err == nil || took != want {
				t.Errorf("%d bytes: %v after %v, want an error after %v", size, err, took, want)
			}
		})
	}
}

// noAnswer is a service that takes requests and answers none.
type noAnswer struct{}

func (noAnswer) Do(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}
