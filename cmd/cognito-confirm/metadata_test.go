package main

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"cognito-confirm/internal/fakecognito"
)

// TestClientMetadata holds what the service got against what was given.
func TestClientMetadata(t *testing.T) {
	t.Parallel()
	dir, s := t.TempDir(), start(t)
	input := put(t, dir, "users.csv", "username,client_metadata.source,note, Client_Metadata.Lang ,client_metadata.\n"+
		"alice,column,x,de,ignored\n"+
		"bob,,x,,\n"+
		"carol,\"a,b=\"\"c\"\"\",x,日本語,\n")
	got := invoke(t, s.args(input,
		"--client-metadata", "source=flag",
		"--client-metadata", "run=a=b,c",
		"--client-metadata", `{"json":"1","empty":""}`,
		"--client-metadata", "run=later wins",
	)...)
	got.wantStatus(t, 0)
	always := map[string]string{"source": "flag", "run": "later wins", "json": "1", "empty": ""}
	own := map[string]map[string]string{
		"alice": {"source": "column", "Lang": "de"},
		"bob":   {},
		"carol": {"source": `a,b="c"`, "Lang": "日本語"},
	}
	for _, call := range s.Calls() {
		want := maps.Clone(always)
		maps.Copy(want, own[call.Username])
		if !maps.Equal(call.ClientMetadata, want) {
			t.Errorf("%s: client metadata %v, want %v", call.Username, call.ClientMetadata, want)
		}
		delete(own, call.Username)
	}
	if len(own) != 0 {
		t.Errorf("no calls for %v", own)
	}
}

// TestNoClientMetadata: what was not given is not sent.
func TestNoClientMetadata(t *testing.T) {
	t.Parallel()
	s := start(t)
	invoke(t, s.args(put(t, t.TempDir(), "users.csv", "username,client_metadata.k\nalice,\n"))...).wantStatus(t, 0)
	if got := s.Calls()[0].ClientMetadata; len(got) != 0 {
		t.Errorf("client metadata %v", got)
	}
}

func TestClientMetadataThatIsRefused(t *testing.T) {
	t.Parallel()
	for value, says := range map[string]string{
		"k":                                 "not of the form k=v",
		"=v":                                "not of the form k=v",
		"":                                  "not of the form k=v",
		`{"k":1}`:                           "not a JSON object of strings",
		`{"k":`:                             "not a JSON object of strings",
		"k=\xff":                            "is not UTF-8",
		"k=" + strings.Repeat("x", 131_073): "more than 131072 characters",
	} {
		got := invoke(t, "run", "--user-pool-id", testPool, "--client-metadata", value, "users.csv")
		got.wantStatus(t, 2)
		got.wantError(t, "--client-metadata: ", says)
	}
}

// TestFailedRowsFeedBack runs what did not succeed again, until all is done.
func TestFailedRowsFeedBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := startWith(t, fakecognito.Options{UserPoolID: testPool, LogCalls: true})
	s.AddUser("alice", fakecognito.Unconfirmed)
	s.AddUser("dave", fakecognito.Confirmed)
	const header = "id;UserName;client_metadata.k;note\n"
	input := put(t, dir, "users.csv", "\ufeff"+header+
		"1;alice;a;plain\n"+
		"2; bob ;b;\"two\nlines; and \"\"quotes\"\"\"\n"+
		"3;not one;c;\n"+
		"4;dave;d;\n"+
		"ragged;row\n"+
		"5;carol;;x\n")
	failed := filepath.Join(dir, "users.failed.csv")

	got := invoke(t, s.args(input, "--delimiter", ";", "--concurrency", "1")...)
	got.wantStatus(t, 3)
	wantReport(t, filepath.Join(dir, "users.report.csv"), map[string]string{
		"alice": "confirmed", "bob": "failed UserNotFoundException", "not one": "invalid username_not_allowed",
		"dave": "already_confirmed NotAuthorizedException", "": "invalid malformed_record", "carol": "failed UserNotFoundException",
	})
	if got, want := read(t, failed), header+"2;\" bob \";b;\"two\nlines; and \"\"quotes\"\"\"\n3;not one;c;\n5;carol;;x\n"; got != want {
		t.Fatalf("failed rows:\n%s\nwant\n%s", got, want)
	}

	s.AddUser("bob", fakecognito.Unconfirmed)
	got = invoke(t, s.args(failed, "--delimiter", ";", "--concurrency", "1")...)
	got.wantStatus(t, 3)
	wantReport(t, filepath.Join(dir, "users.failed.report.csv"), map[string]string{
		"bob": "confirmed", "not one": "invalid username_not_allowed", "carol": "failed UserNotFoundException",
	})
	calls := s.Calls()
	if last := calls[len(calls)-2]; last.Username != "bob" || last.ClientMetadata["k"] != "b" {
		t.Errorf("the second call for bob: %+v", last)
	}
	if got, want := read(t, filepath.Join(dir, "users.failed.failed.csv")), header+"3;not one;c;\n5;carol;;x\n"; got != want {
		t.Errorf("failed rows of the failed rows:\n%s\nwant\n%s", got, want)
	}
}
