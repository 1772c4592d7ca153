package main

import (
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"
)

// TestCredentialsThatExpire and cannot be renewed end a run like an answer
// that every row would get.
func TestCredentialsThatExpire(t *testing.T) {
	t.Parallel()
	s, dir := start(t), t.TempDir()
	script := put(t, dir, "credentials.sh", fmt.Sprintf(`[ ! -e %[1]s/once ] || exit 1
touch %[1]s/once
cat <<END
{"Version": 1, "AccessKeyId": "SHORTLIVED", "SecretAccessKey": "secret", "Expiration": "%[2]s"}
END
`, dir, time.Now().UTC().Add(4*time.Second).Format(time.RFC3339)))
	put(t, dir, "config", "[profile short]\ncredential_process = sh "+script+" 2>/dev/null\n")
	p := launch(t, "export AWS_CONFIG_FILE="+filepath.Join(dir, "config"),
		"run", "--user-pool-id", testPool, "--endpoint-url", s.url, "--profile", "short", "--rate", "10", put(t, dir, "users.csv", numbered(1000)))
	got := p.end(t)
	got.wantStatus(t, 1)
	got.wantError(t, "stopped: credentials: get credentials: ", "hint: sign in or set --profile")
	lines := len(readReport(t, filepath.Join(dir, "users.report.csv")))
	if int64(lines) != s.Counts().Confirmed || lines == 0 {
		t.Errorf("%d lines in the report, %d confirmed", lines, s.Counts().Confirmed)
	}
}

// TestInstanceWithoutARole: the SDK has a log of its own, which is not for the
// eyes of whoever reads standard error.
func TestInstanceWithoutARole(t *testing.T) {
	t.Parallel()
	metadata := serveHandler(t, http.NotFoundHandler())
	p := launch(t, "export AWS_EC2_METADATA_DISABLED=false AWS_EC2_METADATA_SERVICE_ENDPOINT="+metadata+" AWS_ACCESS_KEY_ID= AWS_SECRET_ACCESS_KEY=",
		"run", "--user-pool-id", testPool, put(t, t.TempDir(), "users.csv", "username\nalice\n"))
	got := p.end(t)
	got.wantStatus(t, 1)
	got.wantError(t, "get credentials: ", "hint: sign in")
}

// TestNoCredentials: found out before the first call and before any file is made.
func TestNoCredentials(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	dir, s := t.TempDir(), start(t)
	got := invoke(t, s.args(put(t, dir, "users.csv", "username\nalice\n"), "--summary", filepath.Join(dir, "summary.json"))...)
	got.wantStatus(t, 1)
	got.wantError(t, "get credentials: ", "hint: sign in or set --profile")
	if calls := s.Counts().Calls; calls != 0 {
		t.Errorf("%d calls", calls)
	}
	if left := names(t, dir); left != "users.csv" {
		t.Errorf("left behind: %s", left)
	}
}
