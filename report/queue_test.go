package report

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"cognito-confirm/worker"
)

// TestFullQueue: who finds it full waits until a batch was taken, or is told
// the failure.
func TestFullQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		for line := range batch {
			if err := q.add(worker.Result{Row: worker.Row{Line: line}}); err != nil {
				t.Fatal(err)
			}
		}
		added := make(chan error, 1)
		add := func() { added <- q.add(worker.Result{}) }
		go add()
		synctest.Wait()
		if len(added) > 0 {
			t.Fatal("more than a batch was accepted")
		}
		if results, taken := q.take(true, nil); !taken || len(results) != batch {
			t.Fatalf("%d results taken", len(results))
		}
		synctest.Wait()
		if len(added) == 0 || <-added != nil {
			t.Fatal("nobody was told of the room")
		}
		for range batch - 1 {
			if err := q.add(worker.Result{}); err != nil {
				t.Fatal(err)
			}
		}
		go add()
		synctest.Wait()
		failure := errors.New("no space")
		if left := q.fail(failure); left != batch {
			t.Errorf("%d left behind, want %d", left, batch)
		}
		synctest.Wait()
		if len(added) == 0 || !errors.Is(<-added, failure) {
			t.Error("nobody was told of the failure")
		}
	})
}

// TestQueueOfLargeResults: what waits to be written is bounded in bytes too.
func TestQueueOfLargeResults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue()
		large := worker.Result{Row: worker.Row{Raw: strings.Repeat("x", batchBytes)}}
		added := make(chan error, 9)
		for range 3 {
			go func() { added <- q.add(large) }()
		}
		for taken := range 3 {
			synctest.Wait()
			if len(added) != taken+1 || len(q.ready) != 1 {
				t.Fatalf("%d of them were accepted when %d were taken", len(added), taken)
			}
			<-q.ready
			if results, ok := q.take(true, nil); !ok || len(results) != 1 {
				t.Fatalf("%d results taken", len(results))
			}
		}
	})
}
