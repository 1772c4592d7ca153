//go:build bench

package bench

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"cognito-confirm/internal/fakecognito"
)

// TestRefusals runs the program for a minute beside live traffic, search included,
// where the service refuses its surplus in different ways.
func TestRefusals(t *testing.T) {
	const long = time.Minute
	var table strings.Builder
	fmt.Fprintf(&table, "\nQuota 50/s, live 15/s, latency %s, the first %s. In %%:\n\n| refused with | used | refused | live refused |\n|---|---|---|---|\n", pacingLatency, long)
	ways := []string{"throttle", "503", "500", "reset"}
	mean := 0.0 // share of the live calls refused
	for _, way := range ways {
		refusal, err := fakecognito.ParseRefusal(way)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(way, func(t *testing.T) {
			server, url := serve(t, fakecognito.Options{
				Quota: fakecognito.Quota{Rate: 50, Refusal: refusal}, HideQuota: true, Live: 15, Latency: pacingLatency, Seed: 1,
			})
			command := program(t, "run", "--endpoint-url", url, "--user-pool-id", poolID, "--rate", "auto",
				"--concurrency", "256", "--summary", "summary.json", writeRows(t, 10000))
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(long)
			counts := server.Counts()
			if err := command.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			command.Wait() // it was terminated
			text, err := os.ReadFile(filepath.Join(command.Dir, "summary.json"))
			if err != nil {
				t.Fatal(err)
			}
			var summary struct {
				FailedRows int `json:"failed_rows"`
			}
			if err := json.Unmarshal(text, &summary); err != nil {
				t.Fatal(err)
			}
			live := part(float64(counts.LiveThrottled), float64(counts.LiveCalls))
			fmt.Fprintf(&table, "| %s | %s | %s | %s |\n", way,
				percent(part(float64(counts.Confirmed), 50*long.Seconds()-float64(counts.LiveCalls))),
				percent(part(float64(counts.Refused), float64(counts.Calls))), percent(live))
			mean += live / float64(len(ways))
			if summary.FailedRows > 0 {
				t.Errorf("%d rows failed", summary.FailedRows)
			}
		})
	}
	fmt.Println(&table)
	// By chance, a single minute may come to 4 %.
	if mean > 0.03 {
		t.Errorf("%s %% of the live calls refused on average, want at most 3 %%", percent(mean))
	}
}
