//go:build bench

package bench

import (
	"flag"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

var (
	warmup = flag.Duration("warmup", time.Minute, "how long a contender has to find the quota in TestPacing")
	window = flag.Duration("window", 2*time.Minute, "how long a contender is measured in TestPacing")
)

// pacingLatency is the time from the arrival of a call to its answer.
const pacingLatency = 40 * time.Millisecond

// situation is the account that a contender works in.
type situation struct {
	quota    fakecognito.Quota
	live     float64 // sign-ups a second
	pace     string  // --pace
	inFlight int     // the same for everybody, so that it makes no difference
}

func situations() []situation {
	return []situation{
		{fakecognito.Quota{Rate: 50, Burst: 10}, 15, "polite", 64},
		{fakecognito.Quota{Rate: 50}, 0, "polite", 64},
		{fakecognito.Quota{Rate: 500}, 100, "polite", 64},
		{fakecognito.Quota{Rate: 2000}, 0, "dedicated", 256},
	}
}

func (s situation) String() string {
	burst := s.quota.Burst
	if burst == 0 {
		burst = s.quota.Rate
	}
	text := fmt.Sprintf("quota %g/s, bucket of %g", s.quota.Rate, burst)
	if s.live > 0 {
		text += fmt.Sprintf(", live %g/s", s.live)
	}
	return text + ", " + s.pace
}

// TestPacing measures every contender in every situation. The situations of one
// contender run side by side, each against a stand-in of its own; the contenders
// take turns.
func TestPacing(t *testing.T) {
	all := situations()
	var table strings.Builder
	fmt.Fprintf(&table, "\nLatency %s, %s to find the quota, then measured for %s. In %%: confirmed calls of what\n", pacingLatency, *warmup, *window)
	fmt.Fprint(&table, "live traffic leaves of the quota / throttled calls of the contender / throttled calls of live traffic.\n\n| |")
	for _, s := range all {
		fmt.Fprintf(&table, " %s |", s)
	}
	fmt.Fprint(&table, " rows given up |\n|---"+strings.Repeat("|---", len(all)+1)+"|\n")
	for _, c := range contenders(t) {
		shares := make([]share, len(all))
		t.Run(c.name, func(t *testing.T) {
			for i, s := range all {
				t.Run(s.String(), func(t *testing.T) {
					t.Parallel()
					shares[i] = measure(t, c, s)
				})
			}
		})
		fmt.Fprintf(&table, "| %s |", c.name)
		mostFailed := 0.0
		for _, share := range shares {
			fmt.Fprintf(&table, " %s / %s / %s |", percent(share.goodput), percent(share.throttled), percent(share.liveThrottled))
			mostFailed = max(mostFailed, share.failed)
		}
		fmt.Fprintf(&table, " up to %s |\n", percent(mostFailed))
	}
	fmt.Println(&table)
}

func percent(part float64) string {
	if part < 0 {
		return "-"
	}
	return strconv.FormatFloat(100*part, 'f', 1, 64)
}
