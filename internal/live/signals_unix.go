//go:build unix

package live

import (
	"os"
	"os/signal"
	"syscall"
)

// Listen returns the signals of this process until stop is called: SIGUSR1 asks
// for a line at once.
func Listen() (s Signals, stop func()) {
	now, continued := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(now, syscall.SIGUSR1)
	signal.Notify(continued, syscall.SIGCONT)
	return Signals{Now: now, Continued: continued}, func() {
		signal.Stop(now)
		signal.Stop(continued)
	}
}
