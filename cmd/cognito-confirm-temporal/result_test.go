//go:build e2e || kill

package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
)

// result is what a run came to, as the calls and the report have it.
type result struct {
	users, missing, unreported, twice int
	already                           int // reported as confirmed before
	extra                             int // calls beyond what each user's fate takes
	throttled, accepted               int
	longestGap                        time.Duration
	named                             int // usernames in the engine's database
}

// report returns the report of the only run.
func (s *stage) report() io.Reader {
	s.t.Helper()
	if s.bucket != nil {
		return s.reportInBucket()
	}
	names, _ := filepath.Glob(s.path("store/*/" + reportName))
	if len(names) != 1 {
		s.t.Fatalf("the reports are %q", names)
	}
	text, err := os.ReadFile(names[0])
	if err != nil {
		s.t.Fatal(err)
	}
	return bytes.NewReader(text)
}

func (s *stage) reportInBucket() io.Reader {
	s.t.Helper()
	list, err := s.bucket.ListBucket("bucket", &gofakes3.Prefix{}, gofakes3.ListBucketPage{})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, entry := range list.Contents {
		if strings.HasSuffix(entry.Key, "/"+reportName) {
			object, err := s.bucket.GetObject("bucket", entry.Key, nil)
			if err != nil {
				s.t.Fatal(err)
			}
			return object.Contents
		}
	}
	s.t.Fatal("there is no report in the bucket")
	return nil
}

// look compares the report of the run with the calls and the users.
func (s *stage) look(users int, fate func(user int) (calls int)) result {
	s.t.Helper()
	r := result{users: users}
	lines, err := csv.NewReader(s.report()).ReadAll()
	if err != nil {
		s.t.Fatal(err)
	}
	reported := make(map[string]int)
	for _, line := range lines[1:] {
		reported[line[1]]++
		if line[2] == "already_confirmed" {
			r.already++
		}
	}
	accepted := make(map[string]int)
	var before time.Time
	for _, call := range s.calls() {
		if !before.IsZero() {
			r.longestGap = max(r.longestGap, call.Received.Sub(before))
		}
		before = call.Received
		if call.Code == "TooManyRequestsException" {
			r.throttled++
			continue
		}
		r.accepted++
		accepted[call.Username]++
	}
	for i := range users {
		name := userName(i)
		if accepted[name] == 0 {
			r.missing++
		}
		switch reported[name] {
		case 0:
			r.unreported++
		case 1:
		default:
			r.twice++
		}
		r.extra += max(0, accepted[name]-fate(i))
	}
	databases, _ := filepath.Glob(s.path("engine.db*"))
	for _, path := range databases {
		text, err := os.ReadFile(path)
		if err != nil && !os.IsNotExist(err) { // the engine removes its journal now and then
			s.t.Fatal(err)
		}
		r.named += bytes.Count(text, []byte(engineUser))
	}
	return r
}

func (r result) String() string {
	return fmt.Sprintf("%d users: %d missing, %d unreported, %d twice; %d already confirmed, %d extra calls, %d of %d throttled, longest gap %.1f s, %d usernames in the engine",
		r.users, r.missing, r.unreported, r.twice, r.already, r.extra, r.throttled, r.throttled+r.accepted, r.longestGap.Seconds(), r.named)
}

// wantWhole fails unless every row was done and reported once, and nobody is named.
func (r result) wantWhole(t *testing.T) {
	t.Helper()
	t.Log(r)
	if r.missing+r.unreported+r.twice+r.named > 0 {
		t.Errorf("not as promised: %s", r)
	}
}

func once(int) int { return 1 }
