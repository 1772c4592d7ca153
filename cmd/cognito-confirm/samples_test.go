package main

import (
	"strings"
	"testing"
)

// TestSamples runs what the README shows of the samples.
func TestSamples(t *testing.T) {
	t.Parallel()
	tests := []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"users.csv"}, 0, "5 rows: 5 to confirm, 0 would be refused, 0 duplicates"},
		{[]string{"spreadsheet.csv"}, 0, "4 rows: 4 to confirm"},
		{[]string{"metadata.csv"}, 0, "client metadata columns: campaign, locale"},
		{[]string{"mistakes.csv"}, 3, "10 rows: 4 to confirm, 6 would be refused, 1 duplicate"},
	}
	for _, test := range tests {
		t.Run(test.args[0], func(t *testing.T) {
			t.Parallel()
			args := append([]string{"check", "../../samples/" + test.args[0]}, test.args[1:]...)
			got := invoke(t, args...)
			if got.status != test.status || !strings.Contains(got.stderr, test.says) {
				t.Errorf("exit status %d, want %d and %q:\n%s", got.status, test.status, test.says, got.stderr)
			}
		})
	}
}
