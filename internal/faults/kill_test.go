//go:build faults && linux && amd64

package faults

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

// mostCalls is how many calls of each kind a run is killed at.
const mostCalls = 200

// killings is a row of the matrix: a kind of system call.
type killings struct {
	name  string
	calls []uint64
	file  string
	// rows and rate make a run long enough for that many calls.
	rows int
	rate float64
	// resumed is how many calls of a resumed run are struck. 0: mostCalls.
	resumed int
	// retries: the calls of a run that tries failed rows again are struck, too.
	retries bool
	// short is how far the short matrix goes, and step how far apart its calls are.
	short, step int
	// width is how many cases are played side by side. 0: 4.
	width int
	// tear makes the write a short one, and kills the run before the rest of it.
	tear bool
}

// TestFaultsKillAtCalls kills runs at each of the first 200 system calls of
// every kind that a report is made with, or at all of them where there are
// fewer. A part of the matrix does it to the first run, another to a run that
// resumes one which was killed before, and a third to a run that takes failed rows
// out of a whole report to try them again.
func TestFaultsKillAtCalls(t *testing.T) {
	t.Parallel()
	needTracing(t)
	for _, k := range []killings{
		{name: "write to anything", calls: []uint64{syscall.SYS_WRITE}, rows: 240, rate: 200, short: mostCalls, step: 32, retries: true},
		{name: "write to the report", calls: []uint64{syscall.SYS_WRITE}, file: "users.report.csv", rows: 1100, rate: 80, short: 60, step: 16, width: 8},
		{name: "write to the report, torn", calls: []uint64{syscall.SYS_WRITE}, file: "users.report.csv", rows: 1100, rate: 80, short: 60, step: 16, width: 8, tear: true},
		{name: "write to the failed rows", calls: []uint64{syscall.SYS_WRITE}, file: "users.failed.csv", rows: 900, rate: 80, short: 20, step: 10},
		{name: "fsync", calls: []uint64{syscall.SYS_FSYNC}, rows: 550, rate: 5, resumed: 40, short: 20, step: 6, width: 50},
		{name: "openat", calls: []uint64{syscall.SYS_OPENAT}, rows: 200, rate: 400, short: mostCalls, step: 6, retries: true},
		{name: "rename", calls: []uint64{syscall.SYS_RENAME, syscall.SYS_RENAMEAT}, rows: 200, rate: 400, short: mostCalls, step: 2, retries: true},
		{name: "ftruncate, unlinkat, fchmod, flock", calls: []uint64{syscall.SYS_FTRUNCATE, syscall.SYS_UNLINKAT, syscall.SYS_FCHMOD, syscall.SYS_FLOCK},
			rows: 200, rate: 400, short: mostCalls, step: 2, retries: true},
		{name: "read of the report", calls: []uint64{syscall.SYS_READ, syscall.SYS_PREAD64}, file: "users.report.csv", rows: 200, rate: 400, short: mostCalls, step: 2},
	} {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			first, resumed := mostCalls, cmp.Or(k.resumed, mostCalls)
			if testing.Short() {
				first, resumed = min(first, k.short), min(resumed, k.short)
			} else {
				k.step = 1
			}
			cases := append(k.cases("first run", first, func(s *scenario, nth int) (bool, error) {
				return s.killAt(k.strike(nth), k.rate)
			}), k.cases("resumed run", resumed, func(s *scenario, nth int) (bool, error) {
				if _, err := s.killAt(killedInTheMiddle(), 200); err != nil {
					return false, err
				}
				return s.killAt(k.strike(nth), k.rate, "--resume")
			})...)
			if k.retries {
				cases = append(cases, k.cases("retry", first, func(s *scenario, nth int) (bool, error) {
					return s.killRetry(k.strike(nth), k.rate)
				})...)
			}
			playAll(t, cmp.Or(k.width, 4), cases)
		})
	}
}

// killedInTheMiddle leaves a report with some tens of rows.
func killedInTheMiddle() strike {
	return strike{calls: []uint64{syscall.SYS_WRITE}, file: "users.report.csv", nth: 8, do: kill}
}

// cases makes a case of every call up to most, as long as the runs get that far.
func (k killings) cases(name string, most int, play func(s *scenario, nth int) (killed bool, err error)) []faultCase {
	var cases []faultCase
	var beyond atomic.Bool // a run has come to its end before the call
	for nth := 1; nth <= most; nth += k.step {
		cases = append(cases, faultCase{
			name: fmt.Sprintf("%s killed at %s %d", name, k.name, nth),
			rows: k.rows,
			skip: beyond.Load,
			play: func(s *scenario) error {
				killed, err := play(s, nth)
				if !killed {
					beyond.Store(true)
				}
				return err
			},
		})
	}
	return cases
}

func (k killings) strike(nth int) strike {
	if k.tear {
		return strike{calls: k.calls, file: k.file, nth: nth, keep: uint64(1 + nth*7%90), then: kill}
	}
	return strike{calls: k.calls, file: k.file, nth: nth, do: kill}
}

// killRetry finishes a run, puts the users into the pool that were missing, and
// kills a run that tries the failed rows again. Another one confirms them.
func (s *scenario) killRetry(what strike, rate float64) (killed bool, err error) {
	if err := s.toTheEnd(s.begin(2000)); err != nil {
		return false, err
	}
	s.unheard += 2 * s.failing() // they are asked for again on purpose
	s.addMissingUsers()
	if killed, err = s.killAt(what, rate, "--retry-failed"); err != nil {
		return killed, err
	}
	return killed, s.toTheEnd(s.begin(2000, "--retry-failed"))
}

// killAt runs the program until a strike kills it, or to its end when it makes
// fewer calls than that.
func (s *scenario) killAt(what strike, rate float64, flags ...string) (killed bool, err error) {
	status, seen, _, err := s.under(what, rate, flags...)
	switch {
	case err != nil:
		return false, err
	case status.Signaled() && status.Signal() == syscall.SIGKILL && seen >= what.nth:
		return true, nil
	case status.Exited() && status.ExitStatus() == s.finalStatus() && seen <= what.nth:
		return false, nil
	default:
		return false, fmt.Errorf("killed at call %d: %s after %d of them", what.nth, describe(status), seen)
	}
}

// TestFaultsKillAtRandomMoments kills longer runs at 100 random moments, ten
// times each, the resumed ones too.
func TestFaultsKillAtRandomMoments(t *testing.T) {
	t.Parallel()
	const runs, deaths = 10, 10
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	var cases []faultCase
	for i := range uint64(runs) {
		random := rand.New(rand.NewPCG(seed, i))
		cases = append(cases, faultCase{
			name: fmt.Sprintf("run %d of seed %d", i, seed),
			rows: 8000,
			pool: fakecognito.Options{Latency: 5 * time.Millisecond, LatencyJitter: 40 * time.Millisecond, Seed: i},
			play: func(s *scenario) error {
				s.concurrency = 64
				for range deaths {
					if err := s.killAfter(time.Duration(random.Int64N(int64(900 * time.Millisecond)))); err != nil {
						return err
					}
				}
				return nil
			},
		})
	}
	playAll(t, 3, cases)
}

// killAfter resumes the scenario and kills the run at a moment after its start.
func (s *scenario) killAfter(moment time.Duration) error {
	r, err := s.begin(1000, "--resume")
	if err != nil {
		return err
	}
	timer := time.NewTimer(moment)
	defer timer.Stop()
	select {
	case <-r.ended:
	case <-timer.C:
		_ = r.Process.Kill()
	}
	_, err = r.wait()
	return err
}

// addMissingUsers has the rows whose users are not in the pool succeed from now on.
func (s *scenario) addMissingUsers() {
	missing := make(map[string]bool)
	for i, row := range s.rows {
		if _, isThere := s.server.UserStatus(row.username); row.status == "failed" && (!isThere || missing[row.username]) {
			missing[row.username] = true
			s.server.AddUser(row.username, fakecognito.Unconfirmed)
			s.rows[i].status = "confirmed"
		}
	}
}

// failing counts the rows that a call is made for and that fail.
func (s *scenario) failing() int {
	failing := 0
	for _, row := range s.rows {
		if row.status == "failed" {
			failing++
		}
	}
	return failing
}
