package ratelimit

import (
	"math"
	"math/rand/v2"
	"time"
)

// A pacer is what the simulation compares: ours, and the usual ways to pace.
type pacer interface {
	// rate is the attempts a second that the pacer gives at now.
	rate(now time.Duration) float64
	// answered tells the pacer of one answered attempt.
	answered(now, sent time.Duration, ended ending)
}

// A latency draws round trips: uniform between low and high, and one in
// a hundred with an exponential tail of mean high on top.
type latency struct{ low, high time.Duration }

func (l latency) draw(random *rand.Rand) time.Duration {
	d := l.low
	if l.high > l.low {
		d += time.Duration(random.Int64N(int64(l.high - l.low)))
		if random.Float64() < 0.01 {
			d += time.Duration(random.ExpFloat64() * float64(l.high))
		}
	}
	return min(d, longestTrip)
}

const (
	simStep     = time.Millisecond // the simulation's clock
	ringSteps   = 2048             // more steps than half a round trip can take
	longestTrip = 2 * (ringSteps - 2) * simStep
	startUp     = 30 * time.Second
	warmUp      = 60 * time.Second
	measured    = 600 * time.Second
)

// A scenario is one run: a service, what else happens, and the clients.
type scenario struct {
	quota       float64
	depth       time.Duration // of the bucket; 0 is a service that counts in windows
	latency     latency
	live        func(now time.Duration) float64 // live calls as a part of the quota; nil is none
	factor      func(now time.Duration) float64 // what the quota is multiplied by; nil is 1
	unrelated   float64                         // share of calls refused for other reasons
	unrelatedAs ending                          // how those are refused; the zero value is a throttle
	refusal     ending                          // how the service refuses its surplus; the zero value is a throttle
	brownOuts   []brownOut
	watch       func(now time.Duration, ended ending) // sees every call of ours as it arrives
	short       time.Duration                         // ends the run early
	fromStart   bool                                  // counts the warm-up too
	inFlight    int                                   // calls in flight at most, a client; 0 is no limit
	seed        uint64
}

// A brownOut is a time when a share of all calls ends badly, whatever the rate.
type brownOut struct {
	from, long time.Duration
	share      float64
	as         ending
}

// An outcome is what a run came to. All but startThrottled is counted after
// the warm-up.
type outcome struct {
	left                float64 // calls that the live traffic left of the quota
	accepted, throttled int
	live, liveThrottled int
	startThrottled      int // throttled calls of ours during the start-up
}

func share(part, whole int) float64 { return 100 * float64(part) / math.Max(1, float64(whole)) }

// In per cent: of what live traffic left, of our calls, of the live calls.
func (o outcome) goodput() float64   { return 100 * float64(o.accepted) / o.left }
func (o outcome) refused() float64   { return share(o.throttled, o.accepted+o.throttled) }
func (o outcome) liveShare() float64 { return share(o.liveThrottled, o.live) }

// A flight is one call on its way.
type flight struct {
	sent   int32 // step
	half   int32 // steps in half a round trip
	client uint8
	ended  ending
}

// A simulation is a run in progress. A call is admitted or throttled half
// a round trip after it was sent. Calls of ours that arrive in the same step
// are spread over it, so that live ones fall between them.
type simulation struct {
	scenario
	random           *rand.Rand
	server           server
	clients          []pacer
	tokens           []float64
	flying           []int
	arriving, coming [ringSteps][]flight
	liveRate         float64
	nextLive         float64
	out              outcome
	now              time.Duration
	counted          bool
}

// simulate runs a scenario. It depends on nothing but its arguments.
func simulate(s scenario, clients ...pacer) outcome {
	sim := &simulation{
		scenario: s,
		random:   rand.New(rand.NewPCG(s.seed, 0x5eed)),
		server:   newServer(s.quota, s.depth),
		clients:  clients,
		tokens:   make([]float64, len(clients)),
		flying:   make([]int, len(clients)),
	}
	for i := range int(s.length() / simStep) {
		sim.now = time.Duration(i) * simStep
		sim.counted = sim.now >= warmUp || s.fromStart
		sim.world()
		sim.arrive(i)
		sim.answer(i)
		sim.send(i)
	}
	return sim.out
}

// at returns the quota and the live calls a second at now.
func (s scenario) at(now time.Duration) (quota, live float64) {
	quota = s.quota
	if s.factor != nil {
		quota *= s.factor(now)
	}
	if s.live != nil {
		live = s.quota * s.live(now)
	}
	return quota, live
}

// world changes the quota and the live traffic.
func (s *simulation) world() {
	seconds := s.now.Seconds()
	quota, live := s.at(s.now)
	s.server.setQuota(seconds, quota)
	if live != s.liveRate {
		s.liveRate = live
		s.nextLive = seconds + s.random.ExpFloat64()/live
	}
	if s.counted {
		s.out.left += (quota - live) * simStep.Seconds()
	}
}

// liveUntil makes the live calls that are due by then, in seconds.
func (s *simulation) liveUntil(then float64) {
	for s.liveRate > 0 && s.nextLive <= then {
		admitted := s.server.admit(s.nextLive)
		s.nextLive += s.random.ExpFloat64() / s.liveRate
		if s.counted {
			s.out.live++
			if !admitted {
				s.out.liveThrottled++
			}
		}
	}
}

// arrive decides the answers of the calls that reach the service in step i.
func (s *simulation) arrive(i int) {
	slot := i % ringSteps
	for k, f := range s.arriving[slot] {
		part := (float64(k) + s.random.Float64()) / float64(len(s.arriving[slot]))
		at := (float64(i) + part) * simStep.Seconds()
		s.liveUntil(at)
		f.ended = s.decide(at)
		if s.watch != nil {
			s.watch(s.now, f.ended)
		}
		back := (i + int(f.half)) % ringSteps
		s.coming[back] = append(s.coming[back], f)
		switch {
		case !s.counted:
			if f.ended != taken && s.now < startUp {
				s.out.startThrottled++
			}
		case f.ended != taken:
			s.out.throttled++
		default:
			s.out.accepted++
		}
	}
	s.arriving[slot] = s.arriving[slot][:0]
	s.liveUntil(float64(i+1) * simStep.Seconds())
}

// decide is how a call that reaches the service at a time, in seconds, ends.
func (s *simulation) decide(at float64) ending {
	for _, b := range s.brownOuts {
		if s.now >= b.from && s.now < b.from+b.long && s.random.Float64() < b.share {
			return b.as
		}
	}
	if !s.server.admit(at) {
		return max(throttled, s.refusal)
	}
	if s.unrelated > 0 && s.random.Float64() < s.unrelated {
		return max(throttled, s.unrelatedAs)
	}
	return taken
}

// answer gives the clients the answers that return in step i.
func (s *simulation) answer(i int) {
	slot := i % ringSteps
	for _, f := range s.coming[slot] {
		s.flying[f.client]--
		s.clients[f.client].answered(s.now, time.Duration(f.sent)*simStep, f.ended)
	}
	s.coming[slot] = s.coming[slot][:0]
}

// send lets the clients send what their buckets hold.
func (s *simulation) send(i int) {
	for c, client := range s.clients {
		rate := client.rate(s.now)
		_, burst := bucketSize(rate)
		s.tokens[c] = min(s.tokens[c], float64(burst)) + rate*simStep.Seconds()
		for s.tokens[c] >= 1 && (s.inFlight == 0 || s.flying[c] < s.inFlight) {
			s.tokens[c]--
			s.flying[c]++
			half := max(1, int32(s.latency.draw(s.random)/2/simStep))
			there := (i + int(half)) % ringSteps
			s.arriving[there] = append(s.arriving[there], flight{sent: int32(i), half: half, client: uint8(c)})
		}
	}
}

// length is how long the run takes.
func (s scenario) length() time.Duration {
	if s.short > 0 {
		return s.short
	}
	return warmUp + measured
}
