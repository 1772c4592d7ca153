//go:build e2e

package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// source gives out credentials that last for a while, and fails for a while
// after it has given out the first.
type source struct {
	*httptest.Server
	lasts  time.Duration
	fails  time.Duration // from the first failure on
	answer func(w http.ResponseWriter, number int, ends time.Time)
	failed func(w http.ResponseWriter)

	mu              sync.Mutex
	given, refused  int
	firstAt, lastAt time.Time // of the refused
}

func startSource(t *testing.T, s *source) *source {
	t.Helper()
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

// ServeHTTP implements [http.Handler].
func (s *source) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.given > 0 && (s.firstAt.IsZero() || now.Before(s.firstAt.Add(s.fails))) {
		if s.firstAt.IsZero() {
			s.firstAt = now
		}
		s.refused, s.lastAt = s.refused+1, now
		s.failed(w)
		return
	}
	s.given++
	s.answer(w, s.given, now.Add(s.lasts).UTC())
}

// containerAgent is what gives out the role of a task or pod.
func containerAgent(lasts, fails time.Duration) *source {
	return &source{lasts: lasts, fails: fails,
		answer: func(w http.ResponseWriter, number int, ends time.Time) {
			fmt.Fprintf(w, `{"AccessKeyId":"ASIA%d","SecretAccessKey":"secret","Token":"token","Expiration":%q}`, number, ends.Format(time.RFC3339))
		},
		failed: func(w http.ResponseWriter) { w.WriteHeader(http.StatusInternalServerError) },
	}
}

// tokenService is the service that gives out an assumed role.
func tokenService(lasts, fails time.Duration) *source {
	return &source{lasts: lasts, fails: fails,
		answer: func(w http.ResponseWriter, number int, ends time.Time) {
			w.Header().Set("Content-Type", "text/xml")
			fmt.Fprintf(w, `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><AssumedRoleUser>`+
				`<AssumedRoleId>AROA:s</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn></AssumedRoleUser><Credentials>`+
				`<AccessKeyId>ASIA%d</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken><Expiration>%s</Expiration>`+
				`</Credentials></AssumeRoleResult></AssumeRoleResponse>`, number, ends.Format(time.RFC3339))
		},
		failed: func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "text/xml")
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error></ErrorResponse>`)
		},
	}
}

// TestSourcesOfCredentialsThatFail: as long as the current credentials are
// valid, nobody notices. When they end before there are others, the run waits,
// and no row fails.
func TestSourcesOfCredentialsThatFail(t *testing.T) {
	for _, test := range []struct {
		name     string
		source   *source
		mustWait bool
	}{
		{"container agent, while the current ones are valid", containerAgent(12*time.Second, 2*time.Second), false},
		{"STS, while the current ones are valid", tokenService(12*time.Second, 2*time.Second), false},
		{"container agent, for longer", containerAgent(4*time.Second, 5*time.Second), true},
		{"STS, for longer", tokenService(4*time.Second, 5*time.Second), true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := startEmulator(t, "")
			s := startSource(t, test.source)
			dir := t.TempDir()
			const rows = 300
			put(t, dir, "users.csv", usersNumbered(rows))
			put(t, dir, "config", "[profile role]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\n"+
				"[profile base]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n")
			env := []string{"AWS_CONFIG_FILE=" + filepath.Join(dir, "config"), "AWS_REGION=us-east-1"}
			flags := []string{"run", "users.csv", "--user-pool-id", poolID, "--endpoint-url", e.url, "--rate", "20"}
			if strings.HasPrefix(test.name, "STS") {
				env = append(env, "AWS_ENDPOINT_URL_STS="+s.URL)
				flags = append(flags, "--profile", "role")
			} else {
				env = append(env, "AWS_CONTAINER_CREDENTIALS_FULL_URI="+s.URL+"/creds")
			}
			got := finish(t, newCommand(t, dir, env, "cognito-confirm", flags...))
			if got.status != 0 {
				t.Errorf("status %d\n%s", got.status, got.stderr)
			}
			if counts := e.end(t); counts.confirmed != rows || counts.calls != rows {
				t.Errorf("the emulator counted %+v", counts)
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.refused < 2 || s.given < 2 {
				t.Errorf("the source gave %d times and failed %d times: the test shows nothing", s.given, s.refused)
			}
			if test.mustWait {
				eachReported(t, filepath.Join(dir, "users.report.csv"), func(line int, got reported) {
					if got.status != "confirmed" {
						t.Errorf("line %d: %+v", line, got)
					}
				})
			} else {
				checkReport(t, filepath.Join(dir, "users.report.csv"), confirmedRows(rows))
			}
		})
	}
}
