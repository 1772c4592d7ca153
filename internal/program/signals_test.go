package program

import (
	"context"
	"errors"
	"os"
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// TestHeed: what comes within a second of the first signal is the same one.
func TestHeed(t *testing.T) {
	type sent struct {
		after  time.Duration // since the one before
		signal os.Signal
	}
	for name, test := range map[string]struct {
		signals  []sent
		cause    os.Signal
		statuses []int
	}{
		"once":                         {[]sent{{0, os.Interrupt}}, os.Interrupt, nil},
		"to the process and its group": {[]sent{{0, syscall.SIGTERM}, {0, syscall.SIGTERM}}, syscall.SIGTERM, nil},
		"within a second":              {[]sent{{0, os.Interrupt}, {999 * time.Millisecond, os.Interrupt}}, os.Interrupt, nil},
		"after a second":               {[]sent{{0, os.Interrupt}, {time.Second, os.Interrupt}}, os.Interrupt, []int{130}},
		"within one and after":         {[]sent{{0, os.Interrupt}, {time.Millisecond, os.Interrupt}, {time.Second, syscall.SIGTERM}}, os.Interrupt, []int{143}},
		"hangups":                      {[]sent{{0, syscall.SIGHUP}, {time.Hour, syscall.SIGHUP}}, syscall.SIGHUP, nil},
		"a hangup after":               {[]sent{{0, syscall.SIGTERM}, {time.Minute, syscall.SIGHUP}}, syscall.SIGTERM, nil},
		"after a hangup":               {[]sent{{0, syscall.SIGHUP}, {time.Minute, syscall.SIGTERM}}, syscall.SIGHUP, []int{143}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				signals, done := make(chan os.Signal, 1), make(chan struct{})
				var statuses []int
				go heed(signals, done, cancel, func(status int) { statuses = append(statuses, status) })
				for _, s := range test.signals {
					time.Sleep(s.after)
					signals <- s.signal
					synctest.Wait()
				}
				close(done)
				synctest.Wait()
				if got, ok := errors.AsType[*Interruption](context.Cause(ctx)); !ok || got.Signal != test.cause {
					t.Errorf("the cause is %v", context.Cause(ctx))
				}
				if !slices.Equal(statuses, test.statuses) {
					t.Errorf("exit statuses %v, want %v", statuses, test.statuses)
				}
			})
		})
	}
}
