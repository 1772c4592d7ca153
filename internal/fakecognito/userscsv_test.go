package fakecognito_test

import (
	"strings"
	"testing"

	"cognito-confirm/internal/fakecognito"
)

func TestLoadUsers(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{})
	n, err := s.LoadUsers(strings.NewReader(" name , Username,STATUS\r\n" +
		"Ann,ann,\r\n" +
		"Bob, bob@example.com ,confirmed\r\n" +
		"\r\n" +
		"\"Cem\nof the two lines\",cem,FORCE_CHANGE_PASSWORD\r\n" +
		"Dag,dåg,RESET_REQUIRED\r\n" +
		"Eve,eve,EXTERNAL_PROVIDER\r\n" +
		"Ann again,ann,Confirmed"))
	if n != 6 || err != nil {
		t.Fatalf("loaded %d, error %v; want 6 records", n, err)
	}
	for username, want := range map[string]fakecognito.Status{
		"ann":             fakecognito.Confirmed, // the later one
		"bob@example.com": fakecognito.Confirmed,
		"cem":             fakecognito.ForceChangePassword,
		"dåg":             fakecognito.ResetRequired,
		"eve":             fakecognito.ExternalProvider,
	} {
		wantStatus(t, s, username, want)
	}
}

func TestLoadUsersWithoutStatus(t *testing.T) {
	s := fakecognito.New(fakecognito.Options{})
	if n, err := s.LoadUsers(strings.NewReader("\ufeff\"cognito:username\"\nann\nbob\n")); n != 2 || err != nil {
		t.Fatalf("loaded %d, error %v; want 2", n, err)
	}
	wantStatus(t, s, "bob", fakecognito.Unconfirmed)
	if _, known := s.UserStatus("cem"); known {
		t.Error("a user who was not in the file is known")
	}
}

func TestLoadUsersErrorsNameTheLine(t *testing.T) {
	tests := []struct {
		name, csv, want string
		loaded          int
	}{
		{"empty file", "", "line 1: no header, the file is empty", 0},
		{"no username column", "user,status\nann,\n", `line 1: no column "username" in the header`, 0},
		{"unknown status", "username,status\nann,\n\nbob,CONFIRMD\n", `line 4: unknown status "CONFIRMD"`, 1},
		{"empty username", "username,status\n\"ann\n\",\n,CONFIRMED\n",
			`line 4: username "": the service takes 1 to 128 characters and no spaces`, 1},
		{"space in a username", "username\nann\nbob b\n",
			`line 3: username "bob b": the service takes 1 to 128 characters and no spaces`, 1},
		{"neither enabled nor not", "username,enabled\nann,perhaps\n", `line 2: enabled "perhaps": neither true nor false`, 0},
		{"no time", "username,created_at\nann,2026-11-26T09:30Z\n", `line 2: created_at "2026-11-26T09:30Z": neither a time`, 0},
		{"ragged record", "username,status\nann\n", "read users: record on line 2: wrong number of fields", 0},
		{"open quote", "username\n\"ann\n", "read users: parse error on line 2", 0},
		{"bad header", "user\"name\n", "read header: parse error on line 1", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n, err := fakecognito.New(fakecognito.Options{}).LoadUsers(strings.NewReader(test.csv))
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("error %v, want one that starts with %s", err, test.want)
			}
			if n != test.loaded {
				t.Errorf("%d loaded before the error, want %d", n, test.loaded)
			}
		})
	}
}
