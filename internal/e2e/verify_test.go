//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// TestNotVerifiedCognitoLocal: an emulator that shares no code with this program has
// no quota to tell, and marks an address only together with the address itself, which
// a run does not send. So its users are confirmed, and not verified.
func TestNotVerifiedCognitoLocal(t *testing.T) {
	c := startCognitoLocal(t)
	c.add("ann", types.UserStatusTypeUnconfirmed)
	c.add("bob", types.UserStatusTypeConfirmed)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "users.csv"), []byte("username\nann\nbob\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := finish(t, newCommand(t, dir, credentials(), "cognito-confirm", "run", "users.csv",
		"--endpoint-url", c.url, "--user-pool-id", *c.poolID, "--mark-verified", "email"))
	if got.status != 3 || !strings.Contains(got.stderr, "the quota was not read: ") ||
		!strings.Contains(got.stderr, " 0 confirmed, 0 already confirmed, 0 trigger failed, 2 not verified, 0 failed, 0 invalid\n") {
		t.Errorf("%+v", got)
	}
	if status := c.statuses()["ann"]; status != types.UserStatusTypeConfirmed {
		t.Errorf("ann is %s", status)
	}
}
