package job

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/rows"
	"cognito-confirm/worker"
)

// TestOpening: what a long Open tells of itself on the way.
func TestOpening(t *testing.T) {
	b := newBench(t.TempDir())
	const users = 10_000
	var input strings.Builder
	input.WriteString("username\n")
	for i := range users {
		fmt.Fprintf(&input, "user%05d\n", i)
	}
	b.put(t, "users.csv", input.String())
	report := reportOfRows(users - 1)
	b.put(t, "users.report.csv", report)

	o := b.options()
	o.Resume, o.Opening = true, new(Opening)
	if got := o.Opening.State(); got != (OpeningState{Part: PartInput}) {
		t.Errorf("before Open: %+v", got)
	}
	load := o.Load
	o.Load = func(ctx context.Context) (aws.Config, error) {
		if got := o.Opening.State(); got != (OpeningState{Part: PartService}) {
			t.Errorf("for the credentials: %+v", got)
		}
		return load(ctx)
	}
	j, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	// The state of each part as it was left.
	o.Opening.service.Store(false)
	if got, want := o.Opening.State(), (OpeningState{Part: PartInput, Read: int64(input.Len()), Size: int64(input.Len())}); got != want {
		t.Errorf("of the input: %+v, want %+v", got, want)
	}
	o.Opening.input.Store(nil)
	if got := o.Opening.State(); got.Part != PartOutputs || got.Size != int64(len(report)) || got.Read < got.Size/2 || got.Read > got.Size {
		t.Errorf("of the report: %+v, which has %d bytes", got, len(report))
	}

	want := About{
		Input: b.path("users.csv"), Report: b.path("users.report.csv"), Size: int64(input.Len()),
		UserPoolID: testPool, Region: "eu-west-1", Signing: cognito.Signing{},
		QuotaUnread: "UnknownOperationException",
	}
	if got := j.About(); got != want {
		t.Errorf("about %+v, want %+v", got, want)
	}
	if rows, err := j.Count(t.Context(), func(int) {}); rows != users || err != nil {
		t.Errorf("counted %d rows, error %v", rows, err)
	}
	j.options.Shard = worker.Shard{Index: 1, Count: 4}
	if rows, err := j.Count(t.Context(), func(int) {}); rows < users/5 || rows > users*3/10 || err != nil {
		t.Errorf("counted %d rows of shard 1/4 of %d, error %v", rows, users, err)
	}
}

// TestCountOfAPipe: nobody knows how many rows will come.
func TestCountOfAPipe(t *testing.T) {
	b := newBench(t.TempDir())
	o := b.options()
	o.Input = rows.Options{Path: "-", Stdin: strings.NewReader("username\nalice\n")}
	o.Report = b.path("users.report.csv")
	j, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if _, err := j.Count(t.Context(), nil); !errors.Is(err, rows.ErrOnce) {
		t.Errorf("error %v", err)
	}
	if size := j.About().Size; size != 0 {
		t.Errorf("size %d", size)
	}
}

// reportOfRows is what a run leaves that has done the first n rows.
func reportOfRows(n int) string {
	var text strings.Builder
	text.WriteString("line,username,status,code,message,attempts,throttled,request_id,started_at,duration_ms,user_status,user_pool_id\n")
	for i := range n {
		fmt.Fprintf(&text, "%d,user%05d,confirmed,,,1,0,,2026-03-05T12:00:00.000Z,1,,%s\n", i+2, i, testPool)
	}
	return text.String()
}
