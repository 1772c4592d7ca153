package atomicfile

import (
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// punctual is a file that can be written to until its deadline.
type punctual struct{ deadline time.Time }

func (p *punctual) SetWriteDeadline(deadline time.Time) error {
	p.deadline = deadline
	return nil
}

func (p *punctual) Write(b []byte) (int, error) {
	if time.Now().After(p.deadline) {
		return 0, os.ErrDeadlineExceeded
	}
	return len(b), nil
}

// TestDeadlineOfAStream: the timeout is that of a write. What is written may take
// hours to come.
func TestDeadlineOfAStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := &punctual{}
		to := stream{file, pipeTimeout}
		for range 3 {
			time.Sleep(time.Hour)
			if err := hello(to); err != nil {
				t.Error(err)
			}
			if got := time.Until(file.deadline); got != pipeTimeout {
				t.Errorf("the deadline is in %v, want %v", got, pipeTimeout)
			}
		}
	})
}
