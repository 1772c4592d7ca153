//go:build bench

package bench

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

// TestFixedRates checks that the program keeps to a rate that timers are too coarse
// for, to one below a call a second, and to a usual one when calls are slow.
func TestFixedRates(t *testing.T) {
	const within = 0.01 // of the rate, or one call
	tests := []struct {
		rate    float64
		latency time.Duration
		start   time.Duration // until the measurement
		window  time.Duration
	}{
		{rate: 5000, start: 15 * time.Second, window: 20 * time.Second},
		{rate: 0.5, start: 20 * time.Second, window: 40 * time.Second},
		{rate: 40, latency: 2 * time.Second, start: 20 * time.Second, window: 40 * time.Second},
	}
	var table strings.Builder
	fmt.Fprint(&table, "\n| --rate | a call takes | calls a second |\n|--:|--:|--:|\n")
	for _, test := range tests {
		t.Run(fmt.Sprint(test.rate), func(t *testing.T) {
			server, url := serve(t, fakecognito.Options{Latency: test.latency})
			input := writeRows(t, int(1.2*test.rate*(test.start+test.window).Seconds())+100)
			command := program(t, "run", "--endpoint-url", url, "--user-pool-id", poolID, "--rate", fmt.Sprint(test.rate), input)
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(test.start)
			before := server.Counts().Calls
			time.Sleep(test.window)
			calls, want := float64(server.Counts().Calls-before), test.rate*test.window.Seconds()
			if err := command.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			command.Wait() // it was killed
			fmt.Fprintf(&table, "| %g | %s | %.2f |\n", test.rate, test.latency, calls/test.window.Seconds())
			if math.Abs(calls-want) > max(within*want, 1) {
				t.Errorf("%.0f calls in %s, want %.0f", calls, test.window, want)
			}
		})
	}
	fmt.Println(&table)
}
