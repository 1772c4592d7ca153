package worker

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
)

// Every row comes out once, in order for each who takes, whoever is faster,
// and behind the last one everybody learns that there are no more.
func TestFeed(t *testing.T) {
	const rows = 2000
	for _, size := range []int{1, 2, 3, 64} {
		for _, takers := range []int{1, 2, 7, 100} {
			synctest.Test(t, func(t *testing.T) { // it notices when all are asleep
				f := newFeed(size)
				var group sync.WaitGroup
				taken := make([][]int, takers)
				for i := range takers {
					group.Go(func() {
						for {
							row, more, err := f.next(t.Context())
							if err != nil {
								t.Error(err)
							}
							if !more {
								return
							}
							taken[i] = append(taken[i], row.Line)
						}
					})
				}
				for line := range rows {
					if err := f.put(t.Context(), Row{Line: line}); err != nil {
						t.Error(err)
					}
					if line%500 == 0 {
						synctest.Wait() // everybody sleeps
					}
				}
				f.end()
				group.Wait()
				for i, lines := range taken {
					if !slices.IsSorted(lines) {
						t.Errorf("size %d: taker %d of %d got %v", size, i, takers, lines)
					}
				}
				all := slices.Sorted(slices.Values(slices.Concat(taken...)))
				for i, line := range all {
					if i != line {
						t.Fatalf("size %d, %d takers: row %d is missing or there twice", size, takers, i)
					}
				}
				if len(all) != rows {
					t.Errorf("size %d, %d takers: %d rows of %d", size, takers, len(all), rows)
				}
			})
		}
	}
}

// A row wakes one who waits, not all of them, and none while that one is
// waking up.
func TestFeedWakesOne(t *testing.T) {
	f := newFeed(8)
	f.waiting = 2
	for line := range 3 {
		if err := f.put(t.Context(), Row{Line: line}); err != nil {
			t.Fatal(err)
		}
	}
	<-f.wake
	select {
	case <-f.wake:
		t.Fatal("three rows woke two before the first had looked")
	default:
	}
	f.waiting, f.waking = 1, false // it looks
	if _, taken := f.tryNext(); !taken {
		t.Fatal("no row")
	}
	select {
	case <-f.wake:
	default:
		t.Fatal("two rows are left, and nobody was woken for them")
	}
}

// A reader that waits for room is woken when half of the rows are taken.
func TestFeedRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFeed(4)
		put := 0
		go func() {
			for f.put(t.Context(), Row{}) == nil {
				put++
			}
		}()
		for _, want := range []int{4, 4, 6, 6, 8} {
			if synctest.Wait(); put != want {
				t.Fatalf("%d rows were put, want %d", put, want)
			}
			f.tryNext()
		}
	})
}

func TestFeedContext(t *testing.T) {
	stop := errors.New("stop")
	fill := func(f *feed) {
		for range len(f.rows) {
			if err := f.put(t.Context(), Row{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	isStopped := func(f *feed, ctx context.Context) bool {
		_, more, err := f.next(ctx)
		return !more && errors.Is(err, stop)
	}

	t.Run("ends the waits", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			full, empty := newFeed(2), newFeed(2)
			fill(full)
			go func() {
				if err := full.put(ctx, Row{}); !errors.Is(err, stop) {
					t.Errorf("put: %v", err)
				}
			}()
			for range 3 {
				go func() {
					if !isStopped(empty, ctx) {
						t.Error("next was not stopped")
					}
				}()
			}
			synctest.Wait()
			cancel(stop)
		})
	})

	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stop)
	f := newFeed(2)
	fill(f)
	if !isStopped(f, ctx) {
		t.Error("a row was taken of a run that is over")
	}
	if f.tryNext(); f.put(ctx, Row{}) == nil {
		t.Error("a row was put for a run that is over")
	}
	f.tryNext()
	f.end()
	if _, more, err := f.next(ctx); more || err != nil {
		t.Errorf("all rows were taken, but next returned %v, %v", more, err)
	}
}
