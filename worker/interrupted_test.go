package worker_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cognito-confirm/internal/rows"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

var (
	interruptedSeed = flag.Uint64("interrupted.seed", 0, "replay this one iteration of the property test of resumed runs; 0 draws new ones")
	interruptedRuns = flag.Int("interrupted.runs", 30, "iterations of the property test of resumed runs")
)

// TestInterruptedRunsComeToTheSame: whatever goes wrong with calls, and however
// often the run is interrupted or dies and is resumed, the report and the failed
// rows are in the end those of a run that nobody interrupted.
func TestInterruptedRunsComeToTheSame(t *testing.T) {
	seeds := []uint64{*interruptedSeed}
	if *interruptedSeed == 0 {
		seeds = make([]uint64, *interruptedRuns)
		for i := range seeds {
			seeds[i] = 1 + rand.Uint64N(1<<53)
		}
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			defer func() {
				if t.Failed() {
					t.Logf("replay with: go test ./worker -run '^TestInterruptedRunsComeToTheSame$' -interrupted.seed=%d", seed)
				}
			}()
			synctest.Test(t, func(t *testing.T) {
				undisturbed := drawWorld(t, seed)
				undisturbed.toTheEnd(t, nil)
				disturbed := drawWorld(t, seed)
				disturbed.toTheEnd(t, rand.New(rand.NewPCG(seed, 1)))
				want, got := undisturbed.outcome(t), disturbed.outcome(t)
				for line, text := range want {
					// Who was confirmed by an answer that was lost cannot meet the trigger again.
					lost := disturbed.deaths > 0 && strings.Contains(text, "trigger_failed") && got[line] == strings.Replace(text, "trigger_failed UserLambdaValidationException", "done ", 1)
					if got[line] != text && !lost {
						t.Errorf("line %s is %q after %d interruptions and %d deaths, want %q", line, got[line], disturbed.interruptions, disturbed.deaths, text)
					}
				}
				if len(got) != len(want) {
					t.Errorf("%d lines, want %d", len(got), len(want))
				}
				for _, w := range []*interruptedWorld{undisturbed, disturbed} {
					w.checkFailed(t)
					w.checkService(t)
				}
			})
		})
	}
}

// toTheEnd resumes until the run finishes, and disturbs it now and then.
func (w *interruptedWorld) toTheEnd(t *testing.T, random *rand.Rand) {
	for range 60 {
		done := w.outcome(t)
		before := len(w.calls)
		err := w.once(t, random)
		for _, call := range w.calls[before:] {
			for _, text := range done {
				if strings.HasPrefix(text, call.username+" ") {
					t.Errorf("%s was asked for again", call.username)
				}
			}
		}
		if _, stalled := errors.AsType[*worker.StallError](err); err != nil && !stalled && !errors.Is(err, errInterrupted) {
			t.Fatalf("ended with %v", err)
		}
		if err == nil {
			return
		}
		if w.interruptions+w.deaths > 8 {
			random = nil
		}
	}
	t.Fatal("does not come to an end")
}

// once runs until the end, an interruption or the death of the process.
func (w *interruptedWorld) once(t *testing.T, random *rand.Rand) error {
	reader, err := rows.NewReader(strings.NewReader(w.input), rows.Options{})
	if err != nil {
		t.Fatal(err)
	}
	files := w.files()
	recorder, err := report.Open(t.Context(), report.Options{
		Report: files[0], Failed: files[1], Resume: true, Header: reader.Header(),
		Rows: func(in io.Reader) (worker.Source, error) { return rows.NewReader(in, rows.Options{}) },
	})
	if err != nil {
		t.Fatal(err)
	}
	remaining, err := recorder.Remaining(t.Context(), reader)
	if err != nil {
		t.Fatal(err)
	}
	if err := recorder.Start(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	var image [][]byte
	if random != nil {
		dies, after := random.IntN(2) == 0, time.Duration(random.ExpFloat64()*float64(20*time.Second))
		timer := time.AfterFunc(after, func() {
			if dies {
				image = crashImage(files, random)
			}
			cancel(errInterrupted)
		})
		defer timer.Stop()
	}
	if remaining != nil {
		err = w.pool().Run(ctx, remaining, recorder)
	}
	if closeErr := recorder.Close(); closeErr != nil {
		t.Fatal(closeErr)
	}
	if err != nil && image != nil {
		w.deaths++
		for i, content := range image {
			if os.Remove(files[i]); content != nil {
				if err := os.WriteFile(files[i], content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	} else if err != nil {
		w.interruptions++
	}
	return err
}

// crashImage is what a power cut leaves of the files: a start of each, and
// perhaps zeros after it.
func crashImage(files []string, random *rand.Rand) [][]byte {
	image := make([][]byte, len(files))
	for i, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		image[i] = content[:max(0, len(content)-random.IntN(200))]
		if random.IntN(3) == 0 && len(image[i]) > 100 {
			image[i] = append(image[i], make([]byte, random.IntN(5000))...)
		}
	}
	return image
}
