package audit

import (
	"errors"
	"fmt"
	"iter"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"cognito-confirm/internal/cognito"
	"cognito-confirm/report"
	"cognito-confirm/worker"
)

// user makes a user of a status, a username and attributes as k=v.
func user(status, username string, attributes ...string) cognito.User {
	u := cognito.User{Username: username, Status: status, Enabled: true, Attributes: map[string]string{"sub": "sub-of-" + username}}
	for _, a := range attributes {
		name, value, _ := strings.Cut(a, "=")
		u.Attributes[name] = value
	}
	return u
}

func each(users []cognito.User, last error) iter.Seq2[cognito.User, error] {
	return func(yield func(cognito.User, error) bool) {
		for _, u := range users {
			if !yield(u, nil) {
				return
			}
		}
		if last != nil {
			yield(cognito.User{}, last)
		}
	}
}

// rowsOf returns rows of usernames, from line 2 on.
func rowsOf(caseInsensitive bool, usernames ...string) *Rows {
	rows := NewRows(caseInsensitive, worker.Shard{})
	for i, name := range usernames {
		rows.Add(worker.Row{Username: name, Line: i + 2})
	}
	return rows
}

// found renders what was found of each row, in the order of the lines.
func found(result *Result) string {
	return fmt.Sprintf("%v not found %v unreachable %v same %v unlisted %d",
		result.Statuses, result.NotFound.Lines, result.Unreachable.Lines, result.SameUserLines, result.Unlisted)
}

// TestCompare: by which names rows find their users, in pools of every kind.
func TestCompare(t *testing.T) {
	const u, c = "UNCONFIRMED", "CONFIRMED"
	verified := []string{"email=ann@example.com", "email_verified=true"}
	for name, test := range map[string]struct {
		settings *cognito.PoolSettings // nil: not known
		rows     []string
		users    []cognito.User
		want     string
	}{
		"nobody":       {&cognito.PoolSettings{}, []string{"ann", "bob"}, nil, "map[] not found [2 3] unreachable [] same [] unlisted 0"},
		"no rows":      {&cognito.PoolSettings{}, nil, []cognito.User{user(u, "ann"), user(c, "bob")}, "map[] not found [] unreachable [] same [] unlisted 1"},
		"by username":  {&cognito.PoolSettings{}, []string{"ann", "bob", "cem"}, []cognito.User{user(c, "cem"), user(u, "ann")}, "map[CONFIRMED:1 UNCONFIRMED:1] not found [3] unreachable [] same [] unlisted 0"},
		"by sub":       {&cognito.PoolSettings{}, []string{"sub-of-ann"}, []cognito.User{user(u, "ann")}, "map[UNCONFIRMED:1] not found [] unreachable [] same [] unlisted 0"},
		"a row twice":  {&cognito.PoolSettings{}, []string{"ann", "bob", "ann"}, []cognito.User{user(u, "ann")}, "map[UNCONFIRMED:2] not found [3] unreachable [] same [] unlisted 0"},
		"another case": {&cognito.PoolSettings{}, []string{"Ann"}, []cognito.User{user(u, "ann")}, "map[] not found [2] unreachable [] same [] unlisted 1"},
		"no case":      {&cognito.PoolSettings{CaseInsensitive: true}, []string{"Ann", "bob"}, []cognito.User{user(u, "ann"), user(c, "BOB")}, "map[CONFIRMED:1 UNCONFIRMED:1] not found [] unreachable [] same [] unlisted 0"},
		"no case, two names of one kind": {&cognito.PoolSettings{CaseInsensitive: true, AliasAttributes: []string{"preferred_username"}}, []string{"Ann"},
			[]cognito.User{user(u, "ann", "preferred_username=ANN")}, "map[UNCONFIRMED:1] not found [] unreachable [] same [] unlisted 0"},

		"e-mail to sign in with, not verified": {&cognito.PoolSettings{UsernameAttributes: []string{"email"}}, []string{"ann@example.com"},
			[]cognito.User{user(u, "1-2-3", "email=ann@example.com")}, "map[UNCONFIRMED:1] not found [] unreachable [] same [] unlisted 0"},
		"phone where the e-mail signs in": {&cognito.PoolSettings{UsernameAttributes: []string{"email"}}, []string{"+491"},
			[]cognito.User{user(u, "1-2-3", "phone_number=+491", "phone_number_verified=true")}, "map[] not found [] unreachable [2] same [] unlisted 0"},
		"alias, verified":     {&cognito.PoolSettings{AliasAttributes: []string{"email"}}, []string{"ann@example.com"}, []cognito.User{user(u, "ann", verified...)}, "map[UNCONFIRMED:1] not found [] unreachable [] same [] unlisted 0"},
		"alias, not verified": {&cognito.PoolSettings{AliasAttributes: []string{"email"}}, []string{"ann@example.com"}, []cognito.User{user(u, "ann", "email=ann@example.com", "email_verified=false")}, "map[] not found [] unreachable [2] same [] unlisted 0"},
		"no alias, verified":  {&cognito.PoolSettings{}, []string{"ann@example.com"}, []cognito.User{user(u, "ann", verified...)}, "map[] not found [] unreachable [2] same [] unlisted 0"},
		"preferred, an alias": {&cognito.PoolSettings{AliasAttributes: []string{"preferred_username"}}, []string{"annie"}, []cognito.User{user(c, "ann", "preferred_username=annie")}, "map[CONFIRMED:1] not found [] unreachable [] same [] unlisted 0"},
		"preferred, no alias": {&cognito.PoolSettings{AliasAttributes: []string{"email"}}, []string{"annie"}, []cognito.User{user(c, "ann", "preferred_username=annie")}, "map[] not found [] unreachable [2] same [] unlisted 0"},

		"settings not known, verified":       {nil, []string{"ann@example.com"}, []cognito.User{user(u, "ann", verified...)}, "map[UNCONFIRMED:1] not found [] unreachable [] same [] unlisted 0"},
		"settings not known, not verified":   {nil, []string{"ann@example.com"}, []cognito.User{user(u, "ann", "email=ann@example.com")}, "map[] not found [] unreachable [2] same [] unlisted 0"},
		"settings not known, signs in by it": {nil, []string{"ann@example.com"}, []cognito.User{user(u, "1-2", "sub=1-2", "email=ann@example.com")}, "map[UNCONFIRMED:1] not found [] unreachable [] same [] unlisted 0"},

		"one user under two names": {&cognito.PoolSettings{AliasAttributes: []string{"email"}}, []string{"x", "ann@example.com", "y", "ann", "ann"},
			[]cognito.User{user(u, "ann", verified...)}, "map[UNCONFIRMED:3] not found [2 4] unreachable [] same [[3 5 6]] unlisted 0"},
		"one user, and an address that finds nobody": {&cognito.PoolSettings{}, []string{"ann@example.com", "ann"},
			[]cognito.User{user(u, "ann", verified...)}, "map[UNCONFIRMED:1] not found [] unreachable [2] same [] unlisted 0"},
		"a username that is another's address": {&cognito.PoolSettings{}, []string{"ann@example.com"},
			[]cognito.User{user(c, "bob", verified...), user(u, "ann@example.com"), user(c, "cem", verified...)}, "map[UNCONFIRMED:1] not found [] unreachable [] same [] unlisted 0"},
	} {
		t.Run(name, func(t *testing.T) {
			isFolded := test.settings == nil || test.settings.CaseInsensitive
			result, err := Compare(rowsOf(isFolded, test.rows...), each(test.users, nil), Options{Settings: test.settings, Shown: 20})
			if err != nil || found(result) != test.want || result.Users != len(test.users) {
				t.Errorf("%v, %v\nwant %s", found(result), err, test.want)
			}
		})
	}
}

func TestCompareCountsTheDisabled(t *testing.T) {
	shutOut := user("UNCONFIRMED", "ann")
	shutOut.Enabled = false
	result, err := Compare(rowsOf(false, "ann", "bob", "ann"), each([]cognito.User{shutOut, user("CONFIRMED", "bob")}, nil), Options{Shown: 1})
	if err != nil || result.Disabled != 2 || result.Statuses["UNCONFIRMED"] != 2 {
		t.Errorf("%+v, %v", result, err)
	}
}

// TestCompareShows as many lines as it is asked to, and counts all.
func TestCompareShows(t *testing.T) {
	var names []string
	var users []cognito.User
	for i := range 30 {
		names = append(names, fmt.Sprint("nobody", i), fmt.Sprint("u", i), fmt.Sprint("sub-of-u", i))
		users = append(users, user("CONFIRMED", fmt.Sprint("u", i)))
	}
	result, err := Compare(rowsOf(false, names...), each(users, nil), Options{Shown: 3})
	if err != nil || result.NotFound.Rows != 30 || !reflect.DeepEqual(result.NotFound.Lines, []int{2, 5, 8}) ||
		result.SameUser != 30 || len(result.SameUserLines) != 3 || result.Statuses["CONFIRMED"] != 60 {
		t.Errorf("%+v, %v", result, err)
	}
}

func TestCompareEnds(t *testing.T) {
	lost := errors.New("lost")
	if result, err := Compare(rowsOf(false, "ann"), each([]cognito.User{user("CONFIRMED", "ann")}, lost), Options{Shown: 3}); result != nil || !errors.Is(err, lost) {
		t.Errorf("%+v, %v", result, err)
	}
}

// TestHashesThatCollide: where 64 bits are the same, 16 more decide.
func TestHashesThatCollide(t *testing.T) {
	rows := rowsOf(false, "ann", "bob", "cem", "bob")
	for i := range rows.rows {
		rows.rows[i].hash = rows.hash("bob")
	}
	repeats, groups := rows.Duplicates(20)
	if repeats != 1 || !reflect.DeepEqual(groups, [][]int{{3, 5}}) {
		t.Errorf("%d repeats, %v", repeats, groups)
	}
	result, err := Compare(rows, each([]cognito.User{user("CONFIRMED", "bob")}, nil), Options{Shown: 3})
	if err != nil || result.Statuses["CONFIRMED"] != 2 || !reflect.DeepEqual(result.NotFound.Lines, []int{2, 4}) {
		t.Errorf("%+v, %v", result, err)
	}
}

// TestHashesThatCollideWithAStranger: a user whom no row names is found in none.
func TestHashesThatCollideWithAStranger(t *testing.T) {
	rows := rowsOf(false, "ann", "bob", "cem")
	for i := range rows.rows {
		rows.rows[i].hash, rows.rows[i].more = rows.hash("dan"), rows.more("dan")+uint16(i)*1000+1
	}
	result, err := Compare(rows, each([]cognito.User{user("UNCONFIRMED", "dan")}, nil), Options{Shown: 3})
	if err != nil || result.NotFound.Rows != 3 || result.Unlisted != 1 {
		t.Errorf("%+v, %v", result, err)
	}
}

func lines(all ...report.Line) iter.Seq2[report.Line, error] {
	return func(yield func(report.Line, error) bool) {
		for _, line := range all {
			if !yield(line, nil) {
				return
			}
		}
	}
}

// TestReport: a row that the report calls confirmed and the pool UNCONFIRMED.
func TestReport(t *testing.T) {
	began := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	at := func(line int, username string, status worker.Status) report.Line {
		return report.Line{Line: line, Username: username, Status: status, UserPoolID: "p_1", StartedAt: report.Time{Time: began.Add(time.Duration(line) * time.Second)}, Duration: report.Milliseconds(time.Minute)}
	}
	rows := rowsOf(false, "ann", "bob", "cem", "dan", "eve", "ann")
	said, err := rows.Report(lines(at(3, "bob", "failed"), at(2, "ann", "confirmed"), at(5, "dan", "already_confirmed"), at(6, "eve", worker.StatusNotVerified)), "p_1", 20)
	want := Reported{Rows: 4, Confirmed: 3, Last: began.Add(66 * time.Second), Due: 6, Missing: Lines{2, []int{4, 7}}, Others: Lines{0, []int{}}}
	if err != nil || !reflect.DeepEqual(said, want) {
		t.Fatalf("%+v, %v, want %+v", said, err, want)
	}
	rows.Duplicates(20)
	result, err := Compare(rows, each([]cognito.User{
		user("UNCONFIRMED", "ann"), user("UNCONFIRMED", "bob"), user("UNCONFIRMED", "dan"), user("UNCONFIRMED", "eve"),
	}, nil), Options{Shown: 20})
	if want := (Lines{3, []int{2, 5, 6}}); err != nil || !reflect.DeepEqual(result.Contradictions, want) {
		t.Errorf("%+v, %v, want %+v", result, err, want)
	}
}

// TestReportOfAPart: which rows a report does not have, refused ones and those of
// other shards too.
func TestReportOfAPart(t *testing.T) {
	const names = "ann,,bob,cem,two words,dan,eve\x1b"
	line := func(at int, username string, status worker.Status) report.Line {
		return report.Line{Line: at, Username: username, Status: status}
	}
	none := Lines{Lines: []int{}}
	for name, test := range map[string]struct {
		shard           worker.Shard
		shown           int
		lines           []report.Line
		due             int
		missing, others Lines
	}{
		"nothing": {shown: 3, due: 7, missing: Lines{7, []int{2, 3, 4}}, others: none},
		"everything": {shown: 3, due: 7, missing: none, others: none, lines: []report.Line{
			line(2, "ann", "confirmed"), line(3, "", "invalid"), line(4, "bob", "failed"), line(5, "cem", "trigger_failed"),
			line(6, "two words", "invalid"), line(7, "dan", "already_confirmed"), line(8, `eve\x1b`, "invalid")}},
		"a part": {shown: 20, due: 7, missing: Lines{4, []int{3, 5, 7, 8}}, others: none, lines: []report.Line{
			line(4, "bob", "failed"), line(2, "ann", "confirmed"), line(6, "two words", "invalid")}},
		"the same row twice": {shown: 1, due: 7, missing: Lines{6, []int{3}}, others: none, lines: []report.Line{
			line(2, "ann", "confirmed"), line(2, "ann", "confirmed")}},
		"corrected since": {shown: 1, due: 7, missing: Lines{7, []int{2}}, others: Lines{3, []int{4}}, lines: []report.Line{
			line(4, "bbo", "failed"), line(6, "two  words", "invalid"), line(9, "fay", "failed")}},
		"a shard": {shard: worker.ShardOf(worker.Row{Username: "ann"}, 3), shown: 20, due: 5, missing: Lines{4, []int{3, 4, 6, 7}}, others: none, lines: []report.Line{
			line(2, "ann", "confirmed")}},
	} {
		rows := NewRows(false, test.shard)
		for i, username := range strings.Split(names, ",") {
			row := worker.Row{Username: username, Line: i + 2}
			if username == "" || strings.ContainsAny(username, " \x1b") {
				row.Invalid = &worker.Invalid{}
			}
			rows.Add(row)
		}
		said, err := rows.Report(lines(test.lines...), "p_1", test.shown)
		if err != nil || said.Due != test.due || !reflect.DeepEqual(said.Missing, test.missing) || !reflect.DeepEqual(said.Others, test.others) {
			t.Errorf("%s: %+v, %v", name, said, err)
		}
	}
}

func TestReportOfSomethingElse(t *testing.T) {
	confirmed := func(line int, username, pool string) iter.Seq2[report.Line, error] {
		return lines(report.Line{Line: line, Username: username, Status: worker.StatusConfirmed, UserPoolID: pool})
	}
	for name, test := range map[string]struct {
		lines iter.Seq2[report.Line, error]
		want  string
	}{
		"another pool":       {confirmed(2, "ann", "p_2"), "the report is about another user pool"},
		"another user":       {confirmed(3, "ann", "p_1"), "the report has another user for line 3 than the input"},
		"a line that is not": {confirmed(4, "ann", "p_1"), "the report has another user for line 4 than the input"},
		"an old report":      {confirmed(2, "ann", ""), "<nil>"},
		"a row corrected":    {lines(report.Line{Line: 3, Username: "bbo", Status: worker.StatusFailed}), "<nil>"},
	} {
		if _, err := rowsOf(false, "ann", "bob").Report(test.lines, "p_1", 20); fmt.Sprint(err) != test.want {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}

func TestDetails(t *testing.T) {
	directory := t.TempDir()
	details, err := NewDetails(directory)
	if err != nil {
		t.Fatal(err)
	}
	rows := NewRows(true, worker.Shard{})
	for i, name := range []string{"Ann", "not one", "bob@example.com", "nobody", "ann", "1,\"2\""} {
		row := worker.Row{Username: name, Line: i + 2}
		if name == "not one" {
			row.Invalid = &worker.Invalid{}
		}
		rows.Add(row)
		if err := details.Row(name, i+2, row.Invalid == nil); err != nil {
			t.Fatal(err)
		}
	}
	ann := user("UNCONFIRMED", "ann", "email=bob@example.com") // not verified, and Bob's
	ann.CreatedAt = time.Date(2026, 1, 2, 3, 4, 5, 6, time.FixedZone("", 3600))
	bob := user("CONFIRMED", "bob", "email=bob@example.com", "email_verified=true")
	bob.Enabled = false
	settings := &cognito.PoolSettings{AliasAttributes: []string{"email"}}
	if _, err := Compare(rows, each([]cognito.User{ann, bob, user("CONFIRMED", "1,\"2\"")}, nil), Options{Settings: settings, Shown: 1, Details: details}); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := details.Write(t.Context(), &out, rows); err != nil {
		t.Fatal(err)
	}
	want := DetailsHeader +
		"2,Ann,username,ann,UNCONFIRMED,true,,2026-01-02T02:04:05Z\n" +
		"3,not one,,,invalid,,,\n" +
		"4,bob@example.com,email,bob,CONFIRMED,false,true,\n" +
		"5,nobody,,,not_found,,,\n" +
		"6,ann,username,ann,UNCONFIRMED,true,,2026-01-02T02:04:05Z\n" +
		"7,\"1,\"\"2\"\"\",username,\"1,\"\"2\"\"\",CONFIRMED,true,,\n"
	if out.String() != want {
		t.Errorf("details:\n%s\nwant\n%s", &out, want)
	}
	if err := details.Close(); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(directory); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestRowTakes16Bytes, for that is what a million users are promised.
func TestRowTakes16Bytes(t *testing.T) {
	if size := reflect.TypeFor[row]().Size(); size != 16 {
		t.Errorf("a row takes %d bytes", size)
	}
}
