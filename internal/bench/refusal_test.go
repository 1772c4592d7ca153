//go:build bench

package bench

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

const (
	refusalTime = time.Minute
	// refusalRuns is how many runs each figure is the mean of. They run side by side.
	refusalRuns = 8
)

// TestRefusals runs the program for a minute beside live traffic, search included,
// where the service refuses its surplus in different ways.
func TestRefusals(t *testing.T) {
	var table strings.Builder
	fmt.Fprintf(&table, "\nQuota 50/s, live 15/s, latency %s, the first %s. In %%:\n\n| refused with | used | refused | live refused |\n|---|---|---|---|\n", pacingLatency, refusalTime)
	for _, way := range []string{"throttle", "503", "500", "reset"} {
		refusal, err := fakecognito.ParseRefusal(way)
		if err != nil {
			t.Fatal(err)
		}
		// By chance, a single minute may come to 4 %.
		var mean [3]float64
		t.Run(way, func(t *testing.T) {
			var group sync.WaitGroup
			var mu sync.Mutex
			for seed := range uint64(refusalRuns) {
				server, command := prepareMinute(t, refusal, seed+1)
				group.Go(func() {
					got, failed := firstMinute(t, server, command)
					mu.Lock()
					defer mu.Unlock()
					for i := range mean {
						mean[i] += got[i] / refusalRuns
					}
					if failed > 0 {
						t.Errorf("%d rows failed", failed)
					}
				})
			}
			group.Wait()
			if mean[2] > 0.03 {
				t.Errorf("%s %% of the live calls refused, want at most 3 %%", percent(mean[2]))
			}
		})
		fmt.Fprintf(&table, "| %s | %s | %s | %s |\n", way, percent(mean[0]), percent(mean[1]), percent(mean[2]))
	}
	fmt.Println(&table)
}

// prepareMinute returns a service and the program that is to run against it. It may end
// the test, which only the test's own goroutine can.
func prepareMinute(t *testing.T, refusal fakecognito.Refusal, seed uint64) (*fakecognito.Server, *exec.Cmd) {
	server, url := serve(t, fakecognito.Options{
		Quota: fakecognito.Quota{Rate: 50, Refusal: refusal}, HideQuota: true, Live: 15, Latency: pacingLatency, Seed: seed,
	})
	return server, program(t, "run", "--endpoint-url", url, "--user-pool-id", poolID, "--rate", "auto",
		"--concurrency", "256", "--summary", "summary.json", writeRows(t, 10000))
}

// firstMinute runs the program once, and returns what was used of the quota, and the shares of
// our calls and of the live ones that were refused.
func firstMinute(t *testing.T, server *fakecognito.Server, command *exec.Cmd) (shares [3]float64, failedRows int) {
	if err := command.Start(); err != nil {
		t.Error(err)
		return
	}
	time.Sleep(refusalTime)
	counts := server.Counts()
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	command.Wait() // it was terminated
	var summary struct {
		FailedRows int `json:"failed_rows"`
	}
	text, err := os.ReadFile(filepath.Join(command.Dir, "summary.json"))
	if err == nil {
		err = json.Unmarshal(text, &summary)
	}
	if err != nil {
		t.Error(err)
	}
	return [3]float64{
		part(float64(counts.Confirmed), 50*refusalTime.Seconds()-float64(counts.LiveCalls)),
		part(float64(counts.Refused), float64(counts.Calls)),
		part(float64(counts.LiveThrottled), float64(counts.LiveCalls)),
	}, summary.FailedRows
}
