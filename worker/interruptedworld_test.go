package worker_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/worker"
)

// interruptedWorld is an input, a service and a network with all that goes wrong.
type interruptedWorld struct {
	*outageRun
	users                 *fakecognito.Server
	dir                   string
	input                 string
	interruptions, deaths int
}

// malformedRow has more cells than the header.
const malformedRow = "malformed,1,2"

func drawWorld(t *testing.T, seed uint64) *interruptedWorld {
	random := rand.New(rand.NewPCG(seed, 0))
	upTo := func(limit time.Duration) time.Duration { return time.Duration(1 + random.Int64N(int64(limit))) }
	w := &interruptedWorld{outageRun: newOutageRun(0), dir: t.TempDir()}
	w.interval = upTo(200 * time.Millisecond)
	w.options.Concurrency = []int{1, 2, 8, 256}[random.IntN(4)]
	// Enough for what a row meets by itself and in the beginning of outages.
	w.options.MaxAttempts, w.options.Timeout, w.options.StallTimeout = 60, 3*time.Second+upTo(20*time.Second), time.Minute+upTo(5*time.Minute)
	w.options.Jitter = nil
	options := fakecognito.Options{Latency: upTo(time.Second), LatencyJitter: upTo(time.Second), Seed: seed}
	if random.IntN(2) == 0 {
		options.Quota = fakecognito.Quota{Rate: float64(time.Second/w.interval) * (0.3 + random.Float64()), Burst: 2}
	}
	w.users = fakecognito.New(options)
	w.service = confirmSignUp(t, w.users, nil)
	var input strings.Builder
	input.WriteString("username,note\n")
	for i := range random.IntN(40) {
		w.drawRow(&input, random, i)
	}
	w.input = input.String()
	if random.IntN(2) == 0 {
		w.users.SetFaultShare(random.Float64()*0.2, fakecognito.Fault{Code: "InternalErrorException"})
	}
	ways := outageWays()
	names := slices.Sorted(maps.Keys(ways))
	for range random.IntN(3) {
		from, length, fails, before := upTo(30*time.Second), upTo(4*time.Minute), ways[names[random.IntN(len(names))]], w.fails
		w.fails = func(since time.Duration, username string) way {
			if from <= since && since < from+length {
				return fails
			}
			return before(since, username)
		}
	}
	w.start = time.Now()
	return w
}

func (w *interruptedWorld) files() []string {
	return []string{filepath.Join(w.dir, "report.csv"), filepath.Join(w.dir, "failed.csv")}
}

// drawRow draws a row, its user and what goes wrong with it.
func (w *interruptedWorld) drawRow(input *strings.Builder, random *rand.Rand, i int) {
	user := outageUser(i)
	switch random.IntN(14) {
	case 0:
		user = ""
	case 1:
		user += "\t\x1b"
	case 2:
		input.WriteString(malformedRow + "\n")
		return
	case 3: // not in the pool
	case 4:
		w.users.AddUser(user, fakecognito.ForceChangePassword)
	case 5:
		w.users.AddUser(user, fakecognito.Confirmed)
	case 6:
		w.users.AddUser(user, fakecognito.Unconfirmed)
		w.users.SetFault(user, fakecognito.Fault{Code: "UserLambdaValidationException"})
	case 7, 8:
		w.users.AddUser(user, fakecognito.Unconfirmed)
		kinds := []fakecognito.FaultKind{fakecognito.FaultReset, fakecognito.FaultHang, fakecognito.FaultTruncated, fakecognito.FaultSlow}
		w.users.SetFault(user, fakecognito.Fault{
			Kind: kinds[random.IntN(len(kinds))], Confirms: random.IntN(2) == 0, Times: 1 + random.IntN(3), Delay: time.Duration(random.IntN(20)) * time.Second,
		})
	default:
		w.users.AddUser(user, fakecognito.Unconfirmed)
	}
	fmt.Fprintf(input, "%s,%d\n", user, i)
}

// outcome returns what the report tells of each line, confirmed and already
// confirmed being one. What a crash tore off is not in it.
func (w *interruptedWorld) outcome(t *testing.T) map[string]string {
	outcome := make(map[string]string)
	content, err := os.ReadFile(w.files()[0])
	if errors.Is(err, os.ErrNotExist) {
		return outcome
	}
	whole := string(content[:bytes.LastIndexByte(content, '\n')+1])
	records, err := csv.NewReader(strings.NewReader(whole)).ReadAll()
	if err != nil {
		t.Fatalf("the report is not CSV: %v\n%q", err, content)
	}
	for _, record := range records[min(1, len(records)):] {
		if _, twice := outcome[record[0]]; twice {
			t.Errorf("line %s is in the report twice", record[0])
		}
		outcome[record[0]] = fmt.Sprintf("%s %s %s", record[1], record[2], record[3])
		if worker.Status(record[2]).Succeeded() {
			outcome[record[0]] = record[1] + " done "
		}
	}
	return outcome
}

// checkFailed compares the failed rows with the report: their notes tell which
// rows they are.
func (w *interruptedWorld) checkFailed(t *testing.T) {
	content, err := os.ReadFile(w.files()[1])
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	var got, want []string
	for row := range strings.Lines(strings.TrimPrefix(string(content), "username,note\n")) {
		got = append(got, strings.TrimSuffix(row, "\n"))
	}
	lines := strings.Split(w.input, "\n")
	for line, text := range w.outcome(t) {
		at, err := strconv.Atoi(line)
		if err != nil {
			t.Fatal(err)
		}
		if row := lines[at-1]; !strings.HasSuffix(text, " done ") && row != malformedRow {
			want = append(want, row)
		}
	}
	slices.Sort(got)
	if slices.Sort(want); !slices.Equal(got, want) {
		t.Errorf("failed rows %q, want %q", got, want)
	}
}

// checkService: who is reported as done is confirmed, and the other way round.
func (w *interruptedWorld) checkService(t *testing.T) {
	for line, text := range w.outcome(t) {
		username, result, _ := strings.Cut(text, " ")
		status, known := w.users.UserStatus(username)
		confirmed := known && status == fakecognito.Confirmed
		if reported := strings.HasPrefix(result, "done") || strings.HasPrefix(result, "trigger"); confirmed != reported {
			t.Errorf("line %s is %q, and the user is %v", line, text, status)
		}
	}
}
