//go:build unix

package faults

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// TestCredentials takes the credentials away from runs.
func TestCredentials(t *testing.T) {
	t.Parallel()
	playAll(t, 2, []faultCase{
		{name: "they expire and cannot be renewed", rows: 1000, play: (*scenario).outliveCredentials},
		{name: "an instance without a role", rows: 10, play: (*scenario).haveNoRole},
	})
}

// shortLived is a script that gives credentials once, for five seconds. date has
// one flag for that in GNU and another one in BSD.
const shortLived = `mkdir once || exit 1
end=$(date -u -d '+5 seconds' +%FT%TZ || date -u -v +5S +%FT%TZ) 2>/dev/null
echo '{"Version": 1, "AccessKeyId": "SHORTLIVED", "SecretAccessKey": "secret", "Expiration": "'$end'"}'
`

func (s *scenario) outliveCredentials() error {
	config := fmt.Sprintf("[profile short]\ncredential_process = cd %s && sh script 2>/dev/null\n", s.path("credentials"))
	err := errors.Join(os.Mkdir(s.path("credentials"), 0o700),
		os.WriteFile(s.path("credentials/script"), []byte(shortLived), 0o600),
		os.WriteFile(s.path("credentials/config"), []byte(config), 0o600))
	if err != nil {
		return err
	}
	r, err := s.beginAfter("export AWS_CONFIG_FILE="+s.path("credentials/config"), 10, "--profile", "short", "--stall-timeout", "2s")
	if err != nil {
		return err
	}
	if err := s.withoutCredentials(r, "stopped: no call got through for 2s; the last one: get credentials: "); err != nil {
		return err
	}
	if calls, sent := int(s.server.Counts().Calls), s.sent(); sent != calls {
		return fmt.Errorf("%d calls, %d of them in the report", calls, sent)
	}
	return os.RemoveAll(s.path("credentials"))
}

// haveNoRole asks an instance's metadata service that knows no credentials. The
// SDK logs that in a form of its own, which must not reach standard error.
func (s *scenario) haveNoRole() error {
	metadata := httptest.NewServer(http.NotFoundHandler())
	defer metadata.Close()
	r, err := s.beginAfter("unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY; export AWS_EC2_METADATA_DISABLED=false AWS_EC2_METADATA_SERVICE_ENDPOINT="+metadata.URL, 10)
	if err != nil {
		return err
	}
	if err := s.withoutCredentials(r, "get credentials: "); err != nil {
		return err
	}
	if entries, err := os.ReadDir(s.dir); err != nil || len(entries) != 1 {
		return fmt.Errorf("files: %v %v", entries, err)
	}
	return nil
}

// withoutCredentials checks the end of a run that has no credentials any more.
func (s *scenario) withoutCredentials(r *running, reason string) error {
	status, err := r.wait()
	if err != nil {
		return err
	}
	output := r.output.String()
	if status.ExitStatus() != exitStopped || !strings.Contains(output, reason) || !strings.Contains(output, "hint: sign in or set --profile") {
		return fmt.Errorf("%s, want %d and %q", describe(status), exitStopped, reason)
	}
	for line := range strings.Lines(output) {
		if !strings.HasPrefix(line, "cognito-confirm: ") || !strings.HasSuffix(line, "\n") {
			return fmt.Errorf("standard error has the line %q", line)
		}
	}
	return nil
}
