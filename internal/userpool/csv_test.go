package userpool

import (
	"errors"
	"iter"
	"strings"
	"testing"
	"time"

	"cognito-confirm/internal/cognito"
)

var (
	march = time.Date(2026, 3, 4, 5, 6, 7, 890e6, time.FixedZone("", 3600))
	april = march.AddDate(0, 1, 0)
)

func users(err error, users ...cognito.User) iter.Seq2[cognito.User, error] {
	return func(yield func(cognito.User, error) bool) {
		for _, u := range users {
			if !yield(u, nil) {
				return
			}
		}
		if err != nil {
			yield(cognito.User{}, err)
		}
	}
}

func some() []cognito.User {
	return []cognito.User{
		{Username: "ann", Status: "UNCONFIRMED", Enabled: true, CreatedAt: march,
			Attributes: map[string]string{"sub": "1", "email": "ann@example.com", "custom:team": "red, \"or\"\nblue"}},
		{Username: "bob", Status: "CONFIRMED", CreatedAt: april, Attributes: map[string]string{"phone_number": "+49123"}},
		{Username: "cem", Status: "UNCONFIRMED", Enabled: true},
	}
}

func TestWrite(t *testing.T) {
	var out strings.Builder
	n, err := Write(&out, Columns([]string{"custom:team", "email", "locale", "custom:team"}), users(nil, some()...), Selection{}, 0)
	want := "username,status,enabled,created_at,sub,email,phone_number,custom:team,locale\n" +
		"ann,UNCONFIRMED,true,2026-03-04T04:06:07Z,1,ann@example.com,,\"red, \"\"or\"\"\nblue\",\n" +
		"bob,CONFIRMED,false,2026-04-04T04:06:07Z,,,+49123,,\n" +
		"cem,UNCONFIRMED,true,,,,,,\n"
	if n != 3 || err != nil || out.String() != want {
		t.Errorf("%d users, %v:\n%s\nwant\n%s", n, err, &out, want)
	}
}

func TestWriteEnds(t *testing.T) {
	lost := errors.New("lost")
	for _, test := range []struct {
		selection Selection
		limit     int
		want      int
		err       error
	}{
		{Selection{}, 2, 2, nil},
		{Selection{}, 3, 3, nil}, // what comes after the last one is of no interest
		{Selection{}, 4, 3, lost},
		{Selection{Statuses: []string{"CONFIRMED"}}, 1, 1, nil},
	} {
		n, err := Write(&strings.Builder{}, Columns(nil), users(lost, some()...), test.selection, test.limit)
		if n != test.want || !errors.Is(err, test.err) {
			t.Errorf("%+v, limit %d: %d, %v; want %d, %v", test.selection, test.limit, n, err, test.want, test.err)
		}
	}
	if _, err := Write(full{}, Columns(nil), users(nil, some()...), Selection{}, 0); !errors.Is(err, errFull) {
		t.Errorf("a full disk: %v", err)
	}
}

var errFull = errors.New("no space left")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestSelection(t *testing.T) {
	for _, test := range []struct {
		selection Selection
		filter    string
		want      string
	}{
		{Selection{}, "", "ann bob cem"},
		{Selection{Statuses: []string{"UNCONFIRMED"}}, `cognito:user_status = "UNCONFIRMED"`, "ann cem"},
		{Selection{Statuses: []string{"UNCONFIRMED", "CONFIRMED"}}, "", "ann bob cem"},
		{Selection{EnabledOnly: true}, `status = "Enabled"`, "ann cem"},
		{Selection{EnabledOnly: true, Statuses: []string{"CONFIRMED"}}, `cognito:user_status = "CONFIRMED"`, ""},
		{Selection{CreatedAfter: march}, "", "bob"},
		{Selection{CreatedAfter: march.Add(-1)}, "", "ann bob"},
		{Selection{CreatedBefore: april}, "", "ann"},
		{Selection{CreatedBefore: april.Add(1)}, "", "ann bob"},
	} {
		if got := test.selection.Filter(); got != test.filter {
			t.Errorf("%+v: filter %s, want %s", test.selection, got, test.filter)
		}
		var names []string
		for _, u := range some() {
			if test.selection.Has(u) {
				names = append(names, u.Username)
			}
		}
		if got := strings.Join(names, " "); got != test.want {
			t.Errorf("%+v has %q, want %q", test.selection, got, test.want)
		}
	}
}
