package ratelimit

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"testing"
	"text/tabwriter"

	"cognito-confirm/internal/racedetector"
)

// With -simulate, TestSimulation runs every case instead of a selection, and
// prints the table. With -short as well it leaves out the table and the quotas of
// 20 and 5,000.
//
//	go test ./ratelimit -run '^TestSimulation$' -v -simulate
var simulateAll = flag.Bool("simulate", false, "simulate every case and print the table")

// A contender is a way to pace that the table compares. The first two know the
// quota, which nobody does in practice.
type contender struct {
	name string
	run  func(c simCase, seed uint64) outcome
}

func alone(p func(c simCase) pacer) func(simCase, uint64) outcome {
	return func(c simCase, seed uint64) outcome {
		return simulate(c.scenario(seed), p(c))
	}
}

var contenders = []contender{
	{"98 % fixed", alone(func(c simCase) pacer { return fixed(0.98 * c.quota) })},
	{"110 % fixed", alone(func(c simCase) pacer { return fixed(1.1 * c.quota) })},
	{"AIMD", alone(func(simCase) pacer { return &aimd{current: startRate} })},
	{"polite", func(c simCase, seed uint64) outcome { return c.run(Polite, seed) }},
	{"dedicated", func(c simCase, seed uint64) outcome { return c.run(Dedicated, seed) }},
}

// The last two are ours, in the order of their paces.
var ours = contenders[3:]

// A cell is the mean of a case's outcomes over the seeds, in per cent.
type cell struct {
	goodput, throttled, live float64
	start                    float64 // calls of ours throttled during the warm-up
}

func (c cell) String() string {
	return fmt.Sprintf("%.1f/%.2f/%.1f", c.goodput, c.throttled, c.live)
}

// add adds the outcome of one of n runs.
func (c *cell) add(o outcome, n int) {
	c.goodput += o.goodput() / float64(n)
	c.throttled += o.refused() / float64(n)
	c.live += o.liveShare() / float64(n)
	c.start += float64(o.startThrottled) / float64(n)
}

// cells runs all cases for all contenders, on all processors.
func cells(cases []simCase, contenders []contender) [][]cell {
	table := make([][]cell, len(cases))
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	var group sync.WaitGroup
	for i, c := range cases {
		table[i] = make([]cell, len(contenders))
		for j, contender := range contenders {
			free <- struct{}{}
			group.Go(func() {
				defer func() { <-free }()
				for seed := range c.seeds() {
					table[i][j].add(contender.run(c, uint64(seed+1)), c.seeds())
				}
			})
		}
	}
	group.Wait()
	return table
}

// allCases is every combination there is.
func allCases() (cases []simCase) {
	for _, traffic := range traffics {
		for _, service := range services {
			for _, trip := range trips {
				for _, quota := range quotas {
					cases = append(cases, simCase{traffic, service, trip, quota})
				}
			}
		}
	}
	return cases
}

// someCases is what every run of the tests can afford: each kind of traffic with
// half of the services, one of the quotas in the middle and one kind of trip. Each
// kind of traffic meets both quotas.
func someCases() (cases []simCase) {
	for i, traffic := range traffics {
		for j, service := range services {
			if (i+j)%2 == 0 {
				quota := []float64{50, 500}[j/2%2]
				cases = append(cases, simCase{traffic, service, trips[(i/2+j)%2], quota})
			}
		}
	}
	return cases
}

func TestSimulation(t *testing.T) {
	racedetector.Skip(t)
	cases, compared := someCases(), ours
	if *simulateAll {
		cases = allCases()
	}
	if *simulateAll && testing.Short() {
		cases = slices.DeleteFunc(cases, func(c simCase) bool { return c.quota == 20 || c.quota == 5000 })
	}
	prints := *simulateAll && !testing.Short()
	if prints {
		compared = contenders
	}
	table := cells(cases, compared)
	for i, c := range cases {
		for j, got := range table[i][len(compared)-len(ours):] {
			pace := paces[j]
			want, why := c.bounds(pace)
			if !want.isMetBy(got) {
				t.Errorf("%s, %s: goodput/throttled/live throttled %v %%, want at least/most %v %% %s",
					ours[j].name, c, got, want, why)
			}
			if got.start > want.start {
				t.Errorf("%s, %s: %v calls throttled at the start, want at most %v",
					ours[j].name, c, got.start, want.start)
			}
		}
	}
	if prints {
		printTable(cases, compared, table)
		printPromises(cases, table)
	}
}

// printTable prints goodput in per cent of what live traffic leaves, our
// throttled calls in per cent of ours, and live throttled calls in per cent
// of the live ones.
func printTable(cases []simCase, compared []contender, table [][]cell) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	defer w.Flush()
	fmt.Fprint(w, "traffic\tservice\tround trip\tquota")
	for _, contender := range compared {
		fmt.Fprintf(w, "\t%s", contender.name)
	}
	fmt.Fprintln(w)
	for i, c := range cases {
		fmt.Fprintf(w, "%s\t%s\t%s\t%g", c.traffic.name, c.service.name, c.trip.name, c.quota)
		for _, got := range table[i] {
			fmt.Fprintf(w, "\t%v", got)
		}
		fmt.Fprintln(w)
	}
}

// Few calls in flight limit the speed. The rate must not run away meanwhile, or
// it would be far above the quota when calls are answered faster.
func TestSimulationOfSmallPool(t *testing.T) {
	racedetector.Skip(t)
	const inFlight, quota = 8, 500
	for _, pace := range paces {
		s := simCase{quiet, bucket1, near, quota}.scenario(1)
		s.inFlight = inFlight
		client := newControlled(0, pace)
		got := simulate(s, client)
		used := float64(got.accepted) / measured.Seconds()
		if rate := client.feedback.machine.rate; rate > used/fullUse*findingGrowth || rate < used {
			t.Errorf("pace %v: rate %v when %v calls a second are sent", pace, rate, used)
		}
		if reason := client.feedback.machine.reason(); reason != Limited || got.throttled > 0 {
			t.Errorf("pace %v: %q, %d throttled", pace, reason, got.throttled)
		}
	}
}

// Unrelated throttles during the search for the quota give a ceiling that is far
// too low. They must not end every probe that would raise it.
func TestSimulationOfEarlyNoise(t *testing.T) {
	racedetector.Skip(t)
	for _, test := range []struct {
		pace Pace
		seed uint64 // of a search that meets such throttles
	}{{Dedicated, 201}, {Polite, 301}} {
		c := simCase{traffic{name: "noise", unrelated: 0.005}, bucket1, near, 500}
		if got := c.run(test.pace, test.seed); got.goodput() < 97 {
			t.Errorf("pace %v: goodput %.1f %%", test.pace, got.goodput())
		}
	}
}
