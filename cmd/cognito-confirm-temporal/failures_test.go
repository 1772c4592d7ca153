package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// TestFailureOf: what passes by itself is tried again every minute, what only a person
// can put right is not tried again.
func TestFailureOf(t *testing.T) {
	for name, test := range map[string]struct {
		err   error
		kind  string
		again time.Duration // zero: never
	}{
		"the service is away": {fmt.Errorf("run: %w", &worker.StallError{Timeout: time.Minute, Code: "503"}), typeStall, stallWait},
		"the store is away":   {fmt.Errorf("read plan.json: %w", context.DeadlineExceeded), typeStall, stallWait},
		"the disk is full":    {&os.PathError{Op: "write", Path: "report.csv", Err: syscall.ENOSPC}, typeStall, stallWait},
		"a row is missing":    {&report.MissingError{}, typeUnusable, 0},
		"another input":       {&damagedError{inputName}, typeUnusable, 0},
		"no permission":       {&worker.FatalError{Code: "AccessDeniedException"}, typeFatal, 0},
		"row after row":       {&worker.StreakError{Rows: 20, Code: "UserNotFoundException"}, typeStreak, 0},
		"the worker stops":    {errStopping, typeStopping, stopWait},
		"it is taken over":    {errTakenOver, typeStopping, stopWait},
	} {
		failed, ok := errors.AsType[*temporal.ApplicationError](failure(t.Context(), test.err))
		if !ok || failed.Type() != test.kind || failed.NonRetryable() != (test.again == 0) || failed.NextRetryDelay() != test.again {
			t.Errorf("%s: %+v", name, failed)
		}
	}
}

// TestIncompleteChunk: a chunk that has fewer rows than were planned is not done.
func TestIncompleteChunk(t *testing.T) {
	p := newPlace(t, numbered(100))
	p.bring()
	must[Planned](t)(perform[Planned](p.worker(), activityPlan, p.order))
	path := filepath.Join(p.url, p.order.Run, planName)
	text := must[[]byte](t)(os.ReadFile(path))
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), `"rows": 40`, `"rows": 41`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := perform[Done](p.worker(), activityConfirm, Chunk{Order: p.order, Rate: 5000})
	failed, ok := errors.AsType[*temporal.ApplicationError](err)
	if !ok || failed.NonRetryable() || !strings.Contains(failed.Message(), "40 of 41 rows of the chunk are in its report") {
		t.Errorf("it ends with %v", err)
	}
	if names := p.names(); strings.Contains(names, chunkDone(0)) {
		t.Errorf("in the store: %s", names)
	}
}
