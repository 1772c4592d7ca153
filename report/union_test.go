package report_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"cognito-confirm/report"
)

const currentHeader = "line,username,status,code,message,attempts,throttled,request_id,started_at,duration_ms,user_status,user_pool_id\n"

func line(number, username, status string) string {
	return number + "," + username + "," + status + ",,,1,0,,,5,,eu-west-1_Test\n"
}

func TestUnion(t *testing.T) {
	const oldHeader = "line,username,status,code,message,attempts,throttled,request_id,started_at,duration_ms\n"
	tests := map[string]struct {
		reports []string
		want    string // after the header
	}{
		"nothing":             {nil, ""},
		"a header":            {[]string{currentHeader}, ""},
		"an empty file":       {[]string{"", currentHeader + line("2", "a", "failed")}, line("2", "a", "failed")},
		"one":                 {[]string{currentHeader + line("3", "b", "confirmed") + line("2", "a", "failed")}, line("3", "b", "confirmed") + line("2", "a", "failed")},
		"two":                 {[]string{currentHeader + line("2", "a", "confirmed"), currentHeader + line("3", "b", "invalid")}, line("2", "a", "confirmed") + line("3", "b", "invalid")},
		"the same line twice": {[]string{currentHeader + line("2", "a", "confirmed"), currentHeader + line("2", "a", "confirmed")}, line("2", "a", "confirmed")},
		"confirmed, then found to be": {
			[]string{currentHeader + line("2", "a", "already_confirmed"), currentHeader + line("2", "a", "confirmed")}, line("2", "a", "confirmed")},
		"a trigger failed, then found to be confirmed": {
			[]string{currentHeader + line("2", "a", "trigger_failed"), currentHeader + line("2", "a", "already_confirmed")}, line("2", "a", "trigger_failed")},
		"failed, then confirmed": {
			[]string{currentHeader + line("2", "a", "failed"), currentHeader + line("2", "a", "already_confirmed")}, line("2", "a", "already_confirmed")},
		"not verified, then found to be confirmed, and marked": {
			[]string{currentHeader + line("2", "a", "already_confirmed"), currentHeader + line("2", "a", "not_verified")}, line("2", "a", "already_confirmed")},
		"failed, then confirmed and not verified": {
			[]string{currentHeader + line("2", "a", "failed"), currentHeader + line("2", "a", "not_verified")}, line("2", "a", "not_verified")},
		"invalid twice": {
			[]string{currentHeader + line("2", "", "invalid"), currentHeader + line("2", "", "invalid")}, line("2", "", "invalid")},
		"a torn line": {
			[]string{currentHeader + line("2", "a", "confirmed") + "3,b,conf"}, line("2", "a", "confirmed")},
		"an older layout": {
			[]string{oldHeader + "2,a,confirmed,,,1,0,,,5\n", currentHeader + line("3", "b", "failed")},
			"2,a,confirmed,,,1,0,,,5,,\n" + line("3", "b", "failed")},
		"lines far apart": {
			[]string{currentHeader + line("2", "a", "confirmed") + line("900000000000", "b", "failed")},
			line("2", "a", "confirmed") + line("900000000000", "b", "failed")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			var paths []string
			for i, text := range test.reports {
				path := filepath.Join(dir, string(rune('a'+i)))
				put(t, path, text)
				paths = append(paths, path)
			}
			var out strings.Builder
			if err := report.Union(t.Context(), &out, paths...); err != nil {
				t.Fatal(err)
			}
			if got := out.String(); got != currentHeader+test.want {
				t.Errorf("got\n%swant\n%s", got, currentHeader+test.want)
			}
		})
	}
}

func TestUnionRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "report")
	for name, text := range map[string]string{
		"another file":   "username\nalice\n",
		"a damaged line": currentHeader + line("2", "a", "confirmed") + "3,b,perhaps,,,1,0,,,5,,\n",
	} {
		put(t, path, text)
		err := report.Union(t.Context(), new(strings.Builder), path)
		if unusable, ok := errors.AsType[*report.UnusableError](err); !ok || unusable.Path != path {
			t.Errorf("%s: %v", name, err)
		}
	}
	put(t, path, currentHeader+line("2", "a", "confirmed"))
	ctx, end := context.WithCancelCause(t.Context())
	stopped := errors.New("stopped")
	end(stopped)
	if err := report.Union(ctx, new(strings.Builder), path); !errors.Is(err, stopped) {
		t.Errorf("with a context that has ended: %v", err)
	}
}
