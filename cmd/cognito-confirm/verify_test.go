package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cognito-confirm/internal/fakecognito"
	"cognito-confirm/internal/program"
)

// TestMarkVerified: what a run reports about marks, and about an alias that it would take.
func TestMarkVerified(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		aliases, flags []string
		status         int
		says           []string
		verified       string
	}{
		"no alias": {nil, nil, program.Unsuccessful, []string{
			"marking email as verified at --verify-rate 20; ",
			" 1 confirmed, 0 already confirmed, 0 trigger failed, 1 not verified, 0 failed, 0 invalid\n",
			" 1 InvalidParameterException (not_verified): these users are confirmed, but their attributes could not be marked as verified\n",
		}, "true"},
		"an alias": {[]string{"email"}, nil, program.Usage, []string{
			"people sign in to this pool with their verified email: to mark it takes it from any other user who has it, who then cannot sign in with it any more\n",
			"hint: look whether an address is used twice in the pool (cognito-confirm list --status any); --allow-alias-takeover goes on regardless\n",
		}, ""},
		"an alias that may be taken": {[]string{"email"}, []string{"--allow-alias-takeover", "--verify-rate", "auto"}, program.Unsuccessful, []string{
			"marking email as verified; ",
		}, "true"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startWith(t, fakecognito.Options{UserPoolID: testPool, AliasAttributes: test.aliases})
			s.PutUser(fakecognito.User{Username: "alice", Attributes: map[string]string{"email": "alice@example.com"}})
			s.AddUser("bob", fakecognito.Unconfirmed)
			input := filepath.Join(t.TempDir(), "users.csv")
			if err := os.WriteFile(input, []byte("username\nalice\nbob\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			got := invoke(t, s.args(input, append(test.flags, "--mark-verified", "email")...)...)
			got.wantStatus(t, test.status)
			got.wantError(t, test.says...)
			if verified := s.Attribute("alice", "email_verified"); verified != test.verified {
				t.Errorf("verified: %q", verified)
			}
			if strings.Contains(got.stderr, "alice") || test.verified == "" && s.Counts().Confirmed > 0 {
				t.Errorf("%d confirmed\n%s", s.Counts().Confirmed, got.stderr)
			}
		})
	}
}
