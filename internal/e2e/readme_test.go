//go:build e2e

package e2e

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestReadme runs what the README shows, in a copy of the tree, as it stands and
// in its order. What calls AWS there calls a stand-in.
func TestReadme(t *testing.T) {
	t.Parallel()
	var demo, rest []string
	for _, command := range readmeCommands(t) {
		if strings.HasPrefix(command, "make demo") {
			demo = append(demo, command)
		} else {
			rest = append(rest, command)
		}
	}
	if len(demo) != 1 || len(rest) < 10 {
		t.Fatalf("the README has the commands %q and %q", demo, rest)
	}
	t.Run("demo", func(t *testing.T) {
		t.Parallel()
		runReadme(t, demo)
	})
	t.Run("rest", func(t *testing.T) {
		t.Parallel()
		runReadme(t, slices.Concat([]string{readmeSetup}, rest))
	})
}

// readmeSetup makes what the README takes for granted: users, credentials, a
// pool, and the reports of shards.
const readmeSetup = `
export HOME=$PWD AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x AWS_CONFIG_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true
export AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER=http://127.0.0.1:9339
wait_for() { for _ in $(seq 100); do (: >/dev/tcp/127.0.0.1/$1) 2>/dev/null && return; sleep 0.1; done; return 1; }
make build >/dev/null
cp samples/users.csv users.csv
{ cut -d, -f1 users.csv; seq -f 'new%g@example.com' 25; } >pool.csv
bin/cognito-confirm emulator --addr 127.0.0.1:9339 --user-pool-id eu-west-1_Ab12Cd34E --users pool.csv &
wait_for 9339
for i in 0 1 2 3; do
	bin/cognito-confirm run users.csv --shard $i/4 --user-pool-id eu-west-1_Ab12Cd34E --quiet
done
set -x
`

// runReadme runs commands one after another in one shell.
func runReadme(t *testing.T, commands []string) {
	t.Helper()
	script := "set -euo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || :' EXIT\n"
	for _, command := range commands {
		switch {
		case strings.HasPrefix(command, "cognito-confirm emulator"):
			// It serves until the next one is to.
			command = "[ -z ${served-} ] || { kill $served; wait $served; }; " + strings.TrimSuffix(command, "&") + "& served=$!; wait_for 9229"
		case strings.HasPrefix(command, "cognito-confirm check samples/mistakes.csv"):
			command += " || [ $? = 3 ]"
		case strings.HasPrefix(command, "cognito-confirm merge"):
			command = "rm -f users.report.csv; " + command
		case strings.Contains(command, "--limit"):
			command, _, _ = strings.Cut(command, "#")
			command += " || [ $? = 1 ]" // it ends before the last row, as asked
		}
		script += command + "\n"
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	bash := exec.CommandContext(ctx, "bash", "-c", script)
	bash.WaitDelay = time.Minute
	bash.Dir = t.TempDir()
	bash.Env = os.Environ()
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOENV"} { // HOME is another one
		value, err := exec.Command("go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		bash.Env = append(bash.Env, name+"="+strings.TrimSpace(string(value)))
	}
	copyTree(t, bash.Dir)
	if out, err := bash.CombinedOutput(); err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
}

// copyTree copies the files that a clone would have, as they are now.
func copyTree(t *testing.T, dir string) {
	t.Helper()
	out, err := exec.Command("bash", "-c", `cd ../.. && git ls-files -coz --exclude-standard | xargs -0 cp --parents -t "$0"`, dir).CombinedOutput()
	if err != nil {
		t.Fatalf("copy the tree: %v: %s", err, out)
	}
}

var (
	fencedBlock = regexp.MustCompile("(?ms)^```(sh|console)\n(.*?)^```$")
	readmeCode  = regexp.MustCompile("(?ms)^```(?:sh|console)\n.*?^```$|`cognito-confirm [^`]+`")
)

// readmeCommands returns the commands in the blocks and in the text.
func readmeCommands(t *testing.T) (commands []string) {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range readmeCode.FindAllString(string(text), -1) {
		block := fencedBlock.FindStringSubmatch(code)
		if block == nil {
			commands = append(commands, strings.Trim(code, "`"))
			continue
		}
		for line := range strings.Lines(block[2]) {
			command, isCommand := strings.CutPrefix(line, "$ ")
			if block[1] == "sh" || isCommand {
				commands = append(commands, strings.TrimSpace(command))
			}
		}
	}
	return commands
}
