package worker_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/worker"
)

// randomRun is a run that was drawn at random, and afterwards how it went.
type randomRun struct {
	rows    []worker.Row // their client metadata has the line in it
	before  map[string]fakecognito.Status
	service *fakecognito.Server
	wire    *wire
	limiter *pacedLimiter
	options worker.Options
	// metadata is sent with every row.
	metadata map[string]string
	source   *slowly
	sink     *slowSink

	err   error
	start time.Time
	took  time.Duration
	// attempts are those of each line, in order.
	attempts         map[int][]attempt
	tooManyQuestions bool
	// lost are the lines whose result a broken sink did not take.
	lost map[int]bool
}

// How often a username may come up in a run.
const (
	oncePerUser = false
	manyPerUser = true
)

// drawRun draws a run that nothing but a cancellation ends early.
func drawRun(random *rand.Rand, duplicates bool) *randomRun {
	upTo := func(limit time.Duration) time.Duration { return 1 + time.Duration(random.Int64N(int64(limit))) }
	r := &randomRun{before: make(map[string]fakecognito.Status), lost: make(map[int]bool)}
	r.options = worker.Options{
		Concurrency: 1 + random.IntN(8), MaxAttempts: 2 + random.IntN(7), Timeout: time.Second + upTo(20*time.Second),
	}
	if random.IntN(2) == 0 {
		r.metadata = map[string]string{"source": "test", "line": "of no row"}
	}
	r.limiter = &pacedLimiter{interval: upTo(200 * time.Millisecond), turn: make(chan struct{}, 1)}
	service := fakecognito.Options{LogCalls: true, Latency: upTo(time.Second), LatencyJitter: upTo(time.Second), Seed: random.Uint64()}
	if random.IntN(2) == 0 {
		pace := float64(time.Second / r.limiter.interval)
		service.Quota = fakecognito.Quota{Rate: pace * (0.3 + random.Float64()), Burst: 1 + float64(random.IntN(5))}
	}
	r.service = fakecognito.New(service)
	r.wire = &wire{service: r.service, random: rand.New(rand.NewPCG(random.Uint64(), 0)), refused: make(map[int][]time.Time), unsent: make(map[string][]time.Time)}
	if random.IntN(2) == 0 {
		r.wire.share = random.Float64() * 0.3
	}
	r.drawRows(random, duplicates)
	for range random.IntN(4) {
		r.service.SetFaultShare(random.Float64()*0.1, r.transientFault(random))
	}
	r.source = &slowly{rowList: &rowList{rows: r.rows}}
	r.sink = &slowSink{}
	if random.IntN(3) == 0 {
		r.source.wait, r.sink.wait = upTo(time.Second), upTo(time.Second)
	}
	return r
}

// drawRows draws rows, their users, and what goes wrong with each of them.
func (r *randomRun) drawRows(random *rand.Rand, duplicates bool) {
	line, triggers := 1, 0
	for i := range random.IntN(25) {
		line += 1 + random.IntN(3)
		if duplicates {
			i = random.IntN(6)
		}
		row := worker.Row{Line: line, Username: fmt.Sprintf("user%d", i), ClientMetadata: map[string]string{"line": strconv.Itoa(line)}}
		if random.IntN(10) == 0 {
			row.Invalid = &worker.Invalid{Code: "username_not_allowed", Message: "character 1 is U+0020"}
		}
		r.rows = append(r.rows, row)
		if _, known := r.before[row.Username]; known || row.Invalid != nil {
			continue
		}
		if status := fakecognito.Status(random.IntN(16)); status <= fakecognito.ExternalProvider {
			r.add(row.Username, status)
		} else if status > fakecognito.ExternalProvider+1 { // else nobody has heard of the user
			r.add(row.Username, fakecognito.Unconfirmed)
		}
		var faults []fakecognito.Fault
		for range random.IntN(3) {
			faults = append(faults, r.transientFault(random))
		}
		switch random.IntN(8) {
		case 0: // a user whom nothing helps
			lasting := r.transientFault(random)
			if lasting.Code != "TooManyRequestsException" && lasting.Code != "429" {
				lasting.Times = 0
			}
			faults = append(faults, lasting)
		case 1:
			faults = append(faults, fakecognito.Fault{Code: "InvalidSignatureException", Times: 1})
		case 2:
			refusals := []string{"UserNotFoundException", "LimitExceededException", "TooManyFailedAttemptsException", "InvalidParameterException"}
			faults = append(faults, fakecognito.Fault{Code: refusals[random.IntN(len(refusals))]})
		case 3:
			if triggers++; triggers < 10 { // ten in a row would end the run
				faults = append(faults, fakecognito.Fault{Code: "UserLambdaValidationException"})
			}
		}
		r.service.SetFault(row.Username, faults...)
	}
}

func (r *randomRun) add(username string, status fakecognito.Status) {
	r.before[username] = status
	r.service.AddUser(username, status)
}

// transientFault draws a fault that deserves another attempt.
func (r *randomRun) transientFault(random *rand.Rand) fakecognito.Fault {
	fault := fakecognito.Fault{Times: 1 + random.IntN(3), Confirms: random.IntN(2) == 0}
	if random.IntN(4) == 0 {
		fault.Delay = time.Duration(random.Int64N(int64(2 * r.options.Timeout)))
	}
	switch random.IntN(8) {
	case 0:
		fault.Kind, fault.Delay = fakecognito.FaultSlow, time.Duration(random.Int64N(int64(2*r.options.Timeout)))
	case 1:
		fault.Kind = fakecognito.FaultReset
	case 2:
		fault.Kind = fakecognito.FaultHang
	case 3:
		fault.Kind = fakecognito.FaultTruncated
	case 4:
		fault.Kind, fault.Code = fakecognito.FaultHTTP, []string{"500", "502", "503", "200"}[random.IntN(4)]
	case 5:
		fault.Code = "InternalErrorException"
	case 6:
		fault.Code, fault.Confirms = "TooManyRequestsException", false
	case 7:
		fault.Kind, fault.Code, fault.Confirms = fakecognito.FaultHTTP, "429", false
	}
	return fault
}

var errBroken = errors.New("broken")

// stopSomehow makes it likely that the run stops by itself.
func (r *randomRun) stopSomehow(random *rand.Rand) {
	switch random.IntN(4) {
	case 0:
		fatal := []string{"AccessDeniedException", "UnrecognizedClientException", "ResourceNotFoundException", "InvalidSignatureException"}
		r.service.SetFaultShare(0.2, fakecognito.Fault{Code: fatal[random.IntN(len(fatal))]})
	case 1:
		r.options.MaxConsecutiveFailures = 1 + random.IntN(3)
	case 2:
		most := random.IntN(len(r.rows) + 1)
		r.sink.fail = func(result worker.Result) error {
			if len(r.sink.results) < most {
				return nil
			}
			r.lost[result.Row.Line] = true
			return errBroken
		}
	case 3:
		r.source.rows, r.source.end = r.source.rows[:random.IntN(len(r.rows)+1)], errBroken
	}
}

// run runs the pool, and notes how that went.
func (r *randomRun) run(t *testing.T, ctx context.Context) {
	r.start = time.Now()
	pool := worker.NewPool(r.options, worker.Operation{Name: cognito.OperationName, Limiter: r.limiter, Call: confirmSignUp(t, r.wire, r.metadata)})
	pool.OthersSucceed()
	r.err = pool.Run(ctx, r.source, r.sink)
	r.took = time.Since(r.start)
	// The source may be in the middle of a row still.
	time.Sleep(time.Minute)
	r.collect()
}
