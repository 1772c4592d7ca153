//go:build e2e && linux

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const samples = "../../samples"

// TestECSSample has the AWS CLI check what the sample of a scheduled task would
// send, as TestBatchSample does.
func TestECSSample(t *testing.T) {
	script, err := filepath.Abs(samples + "/ecs/register.sh")
	if err != nil {
		t.Fatal(err)
	}
	// It cannot make up an answer of IAM: there it checks the call and finds nobody.
	const dryRun = `aws() {
		case $1 in
		iam) command aws "$@" --endpoint-url http://127.0.0.1:1 2>&1 | tee iam.log | grep -q 'Could not connect' ;;
		*) command aws "$@" --generate-cli-skeleton output ;;
		esac
	}; . "$0"`
	dir := t.TempDir()
	command := newCommand(t, dir, append(credentials(), "AWS_PAGER="), "sh", "-c", dryRun, script)
	if got := finish(t, command); got.status != 0 {
		t.Errorf("exit status %d:\n%s%s", got.status, got.stdout, got.stderr)
	}
	// The CLI takes the policies as they are: they are texts to it.
	var role struct{ AssumeRolePolicyDocument string }
	if err := json.Unmarshal([]byte(read(t, samples, "ecs/role.json")), &role); err != nil {
		t.Fatal(err)
	}
	var policy struct{ Statement []struct{ Action any } }
	if err := json.Unmarshal([]byte(role.AssumeRolePolicyDocument), &policy); err != nil || len(policy.Statement) != 1 {
		t.Errorf("%v in %s", err, role.AssumeRolePolicyDocument)
	}
	for _, name := range []string{"iam-policy.json", "iam-policy-s3.json"} {
		var policy struct {
			Statement []struct {
				Sid, Effect      string
				Action, Resource any
			}
		}
		if err := json.Unmarshal([]byte(read(t, samples, name)), &policy); err != nil {
			t.Fatal(err)
		}
		for _, s := range policy.Statement {
			// The quota belongs to no resource.
			if strings.Contains(fmt.Sprint(s.Action), "*") || s.Resource == "*" && s.Action != "cognito-idp:GetProvisionedLimit" {
				t.Errorf("%s allows more than it needs: %+v", name, s)
			}
		}
	}
}

// TestUnits has systemd read the units, and judge what the service may do.
func TestUnits(t *testing.T) {
	systemd, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Fatal("needs systemd-analyze")
	}
	units, err := filepath.Glob(samples + "/systemd/cognito-confirm*.*")
	if err != nil || len(units) != 3 {
		t.Fatalf("%q, %v", units, err)
	}
	// It looks for the program, which is installed elsewhere here.
	dir := t.TempDir()
	var copies []string
	for _, unit := range units {
		name := filepath.Base(unit)
		put(t, dir, name, strings.Replace(read(t, filepath.Dir(unit), name), "/usr/bin/cognito-confirm", built(t, "bin/cognito-confirm"), 1))
		if !strings.Contains(name, "@") { // a template is verified by its instances
			copies = append(copies, filepath.Join(dir, name))
		}
	}
	verify := exec.Command(systemd, append([]string{"verify", "--man=no"}, copies...)...)
	verify.Env = append(os.Environ(), "SYSTEMD_UNIT_PATH="+dir+":")
	if out, err := verify.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
	// In tenths.
	out, err := exec.Command(systemd, "security", "--offline=true", "--threshold=20", samples+"/systemd/cognito-confirm.service").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestAlerts has promtool check the alert rules and play what sets them off.
func TestAlerts(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Fatal("needs promtool")
	}
	for _, arguments := range [][]string{
		{"check", "rules", samples + "/prometheus/alerts.yaml"},
		{"test", "rules", "testdata/alerts.yaml"},
	} {
		if out, err := exec.Command(promtool, arguments...).CombinedOutput(); err != nil {
			t.Errorf("promtool %q: %v\n%s", arguments, err, out)
		}
	}
}
