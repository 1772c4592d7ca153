//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"testing"
)

// TestBatchSample has the AWS CLI check what the sample of an array job would
// send. It needs no account: the CLI answers itself.
func TestBatchSample(t *testing.T) {
	t.Parallel()
	samples, err := filepath.Abs("../../samples/batch-array")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	// The functions of a shell go before the programs of the same name.
	const dryRun = `aws() { command aws "$@" --generate-cli-skeleton output; }; . "$0"`
	script := filepath.Join(samples, "batch-array.sh")
	command := newCommand(t, dir, append(credentials(), "AWS_PAGER="), "sh", "-c", dryRun, script, "queue")
	if got := finish(t, command); got.status != 0 {
		t.Errorf("exit status %d:\n%s%s", got.status, got.stdout, got.stderr)
	}

	// The CLI does look at it.
	sample, err := os.ReadFile(filepath.Join(samples, "batch-array.json"))
	if err != nil {
		t.Fatal(err)
	}
	wrong := filepath.Join(dir, "wrong.json")
	if err := os.WriteFile(wrong, append([]byte(`{"evaluateOnExits": [],`), sample[1:]...), 0o600); err != nil {
		t.Fatal(err)
	}
	command = newCommand(t, dir, credentials(), "aws", "batch", "register-job-definition", "--cli-input-json", "file://"+wrong, "--generate-cli-skeleton", "output")
	if got := finish(t, command); got.status == 0 {
		t.Errorf("a wrong definition is accepted:\n%s", got.stdout)
	}
}
