package ratelimit

import (
	"fmt"
	"time"
)

// steady is live traffic of a fifth of the quota.
func steady(time.Duration) float64 { return 0.2 }

// bursts is live traffic of 60 % of the quota in the last of every three minutes:
// also a fifth of it on average.
func bursts(now time.Duration) float64 {
	if now%(3*time.Minute) >= 2*time.Minute {
		return 0.6
	}
	return 0
}

const (
	// quotaChange is when halved and quadrupled change the quota, at the earliest.
	quotaChange = 200 * time.Second
	// A change costs more or less with the moment of a hold at which it comes. So it is
	// changeStep later in the second of changeSteps runs, and so on: a hold and a probe in all.
	changeStep  = 4 * time.Second
	changeSteps = 4
)

func halved(now time.Duration) float64 {
	if now < quotaChange {
		return 1
	}
	return 0.5
}

func quadrupled(now time.Duration) float64 {
	if now < quotaChange {
		return 1
	}
	return 4
}

// A service is a kind of server.
type service struct {
	name   string
	depth  time.Duration // of the bucket; 0 is windows of a second
	strict bool          // saves up unused quota for a fraction of a second at most
}

// A trip is a kind of connection.
type trip struct {
	name string
	latency
}

// A traffic is what happens besides our calls, and how many processes of ours run.
type traffic struct {
	name         string
	live, factor func(time.Duration) float64
	unrelated    float64
	processes    int // with equal shares of the quota as caps; 0 is one without a cap
}

var (
	bucket01 = service{"0.1 s", 100 * time.Millisecond, true}
	bucket1  = service{"1 s", time.Second, false}
	bucket5  = service{"5 s", 5 * time.Second, false}
	windows  = service{"windows", 0, true}
	services = []service{bucket01, bucket1, bucket5, windows}

	near  = trip{"30-80", latency{30 * time.Millisecond, 80 * time.Millisecond}}
	far   = trip{"120-320", latency{120 * time.Millisecond, 320 * time.Millisecond}}
	trips = []trip{near, far}

	quiet    = traffic{name: "quiet"}
	traffics = []traffic{
		quiet,
		{name: "live 20 %", live: steady},
		{name: "bursts 60 %", live: bursts},
		{name: "quota / 2", factor: halved},
		{name: "quota x 4", factor: quadrupled},
		{name: "noise 0.1 %", unrelated: 0.001},
		{name: "noise 0.5 %", unrelated: 0.005},
		{name: "2 processes", processes: 2},
		{name: "4 processes", processes: 4},
	}

	quotas = []float64{20, 50, 500, 5000}
	paces  = []Pace{Polite, Dedicated}
)

// A simCase is one cell of the table.
type simCase struct {
	traffic traffic
	service service
	trip    trip
	quota   float64
}

func (c simCase) String() string {
	return fmt.Sprintf("%s, %s, %s ms, %g/s", c.traffic.name, c.service.name, c.trip.name, c.quota)
}

// seeds is how many runs the case is the mean of. At low quotas chance matters more, and a
// run is cheap. At 5,000, chance moves noise and changes of the quota across their bounds.
func (c simCase) seeds() int {
	if c.quota == 500 {
		return 1
	}
	return changeSteps
}

// factor is what becomes of the quota in the run with a seed.
func (c simCase) factor(seed uint64) func(time.Duration) float64 {
	if c.traffic.factor == nil {
		return nil
	}
	later := time.Duration(seed%changeSteps) * changeStep
	return func(now time.Duration) float64 { return c.traffic.factor(now - later) }
}

// scenario is the run of the case with a seed.
func (c simCase) scenario(seed uint64) scenario {
	return scenario{
		quota:     c.quota,
		depth:     c.service.depth,
		latency:   c.trip.latency,
		live:      c.traffic.live,
		factor:    c.factor(seed),
		unrelated: c.traffic.unrelated,
		seed:      seed,
	}
}

// run is what the case comes to at a pace.
func (c simCase) run(pace Pace, seed uint64) outcome {
	return c.runEach(seed, func(limit float64) pacer { return newControlled(limit, pace) })
}

// foresee is what the case comes to with foresight.
func (c simCase) foresee(portion float64, seed uint64) outcome {
	each := portion / float64(max(1, c.traffic.processes))
	return c.runEach(seed, func(float64) pacer { return foresight{c.scenario(seed), each} })
}

// runEach runs the case with a pacer for each process, made for its cap.
func (c simCase) runEach(seed uint64, make func(limit float64) pacer) outcome {
	if c.traffic.processes == 0 {
		return simulate(c.scenario(seed), make(0))
	}
	var clients []pacer
	for range c.traffic.processes {
		clients = append(clients, make(c.quota/float64(c.traffic.processes)))
	}
	return simulate(c.scenario(seed), clients...)
}
