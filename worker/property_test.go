package worker_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/worker"
)

var (
	propertySeed = flag.Uint64("property.seed", 0, "replay this one run of each property test; 0 draws new ones")
	propertyRuns = flag.Int("property.runs", 30, "runs of each property test")
)

// errInterrupted is the cause of a cancelled run.
var errInterrupted = errors.New("interrupted")

// repeatedly checks a property on many runs, each in a bubble of its own.
// Whatever a run does at random follows from its seed, goroutines apart.
func repeatedly(t *testing.T, property func(*testing.T, *rand.Rand)) {
	t.Parallel()
	seeds := []uint64{*propertySeed}
	if *propertySeed == 0 {
		seeds = make([]uint64, *propertyRuns)
		for i := range seeds {
			seeds[i] = 1 + rand.Uint64N(1<<53)
		}
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			defer func() {
				if t.Failed() {
					t.Logf("replay with: go test ./worker -run '^%s$' -property.seed=%d", t.Name()[:len(t.Name())-len(fmt.Sprint(seed))-1], seed)
				}
			}()
			synctest.Test(t, func(t *testing.T) { property(t, rand.New(rand.NewPCG(seed, 0))) })
		})
	}
}

// Whatever the input and whatever goes wrong: every row has one result, and the
// results agree with what the service knows.
func TestEveryRunAddsUp(t *testing.T) {
	repeatedly(t, func(t *testing.T, random *rand.Rand) { checkWholeRun(t, drawRun(random, oncePerUser)) })
}

// The same when a username comes up several times, and its rows get in each
// other's way.
func TestEveryRunWithDuplicatesAddsUp(t *testing.T) {
	repeatedly(t, func(t *testing.T, random *rand.Rand) { checkWholeRun(t, drawRun(random, manyPerUser)) })
}

func checkWholeRun(t *testing.T, r *randomRun) {
	r.run(t, t.Context())
	if r.err != nil {
		t.Errorf("the run ended with %v", r.err)
	}
	r.checkLines(t)
	r.checkEveryRowIsDone(t)
	r.checkEachResult(t)
	r.checkTotals(t)
	r.checkStandIn(t)
}

// A run that is cancelled at any moment loses nothing that it has heard of.
func TestEveryCancelledRunAddsUp(t *testing.T) {
	repeatedly(t, func(t *testing.T, random *rand.Rand) {
		r := drawRun(random, random.IntN(2) == 0)
		after := time.Duration(random.ExpFloat64() * float64(10*time.Second))
		if random.IntN(20) == 0 {
			after = 0
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		time.AfterFunc(after, func() { cancel(errInterrupted) })
		r.run(t, ctx)
		switch {
		case r.took < after && r.err != nil:
			t.Errorf("ended with %v before it was cancelled", r.err)
		case r.err == nil:
			r.checkEveryRowIsDone(t)
		case !errors.Is(r.err, errInterrupted):
			t.Errorf("ended with %v, want the cause of the cancellation", r.err)
		}
		if limit := after + r.options.Timeout + r.sink.wait; r.took > limit {
			t.Errorf("ended after %v, want %v: what is in flight at the cancellation is waited for", r.took, limit)
		}
		r.checkNoCallAfter(t, after)
		r.checkLines(t)
		r.checkEachResult(t)
		r.checkStandIn(t)
	})
}

// The same when the run stops by itself: the service refuses everybody, too
// many rows fail in a row, the sink or the source breaks.
func TestEveryStoppedRunAddsUp(t *testing.T) {
	repeatedly(t, func(t *testing.T, random *rand.Rand) {
		r := drawRun(random, random.IntN(2) == 0)
		r.stopSomehow(random)
		r.run(t, t.Context())
		_, fatal := errors.AsType[*worker.FatalError](r.err)
		_, streak := errors.AsType[*worker.StreakError](r.err)
		switch {
		case r.err == nil:
			r.checkEveryRowIsDone(t)
		case !fatal && !streak && !errors.Is(r.err, errBroken):
			t.Errorf("ended with %v", r.err)
		}
		r.checkLines(t)
		r.checkEachResult(t)
		r.checkStandIn(t)
	})
}
