package rows

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// wantUnusable checks the reason and the hint of an error of NewReader.
func wantUnusable(t testing.TB, err error, reason, hint string) {
	t.Helper()
	var unusable *UnusableError
	if !errors.As(err, &unusable) {
		t.Fatalf("error %v, want an UnusableError: %s", err, reason)
	}
	if unusable.Reason != reason || unusable.Hint != hint {
		t.Errorf("refused with\n%s (%s), want\n%s (%s)", unusable.Reason, unusable.Hint, reason, hint)
	}
	if err.Error() != reason {
		t.Errorf("the error reads %q, want %q", err, reason)
	}
}

func TestUsernameColumn(t *testing.T) {
	tests := []struct {
		name, header, wanted string
		want                 string // of the fields v0, v1, v2
	}{
		{"the first column", "username,a,b", "", "v0"},
		{"the last column", "a,b,username", "", "v2"},
		{"in capitals, with spaces", "a, \tUserName ,b", "", "v1"},
		{"with a no-break space", "a,b,\u00a0USERNAME\u00a0", "", "v2"},
		{"of Cognito's import template", "name,cognito:username,email", "", "v1"},
		{"of Cognito's import template, in capitals", "name,email, COGNITO:UserName", "", "v2"},
		{"username goes before cognito:username", "cognito:username,a,username", "", "v2"},
		{"cognito:username twice does not matter beside username", "cognito:username,username,cognito:username", "", "v1"},
		{"named", "username,email,b", "email", "v1"},
		{"named in another case, with spaces", "username, E-Mail ,b", " e-MAIL\t", "v1"},
		{"named in letters of other alphabets", "a,ΌΝΟΜΑ,b", "όνομα", "v1"},
		{"named, with username twice beside it", "username,email,username", "email", "v1"},
		{"named as what it would be anyway", "cognito:username,a,username", "cognito:username", "v0"},
		{"one that is a metadata column too", "a,client_metadata.id,b", "client_metadata.id", "v1"},
		{"names that only resemble it", "user_name,username ,usernames", "", "v1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newTestReader(t, test.header+"\nv0,v1,v2\n", Options{UsernameColumn: test.wanted})
			rows := remainingRows(t, r)
			if len(rows) != 1 || rows[0].Username != test.want || rows[0].Invalid != nil {
				t.Fatalf("rows %+v, want the username %s", rows, test.want)
			}
			if !slices.Equal(rows[0].fields, []string{"v0", "v1", "v2"}) {
				t.Errorf("fields %q", rows[0].fields)
			}
		})
	}
}

func TestUnusableHeader(t *testing.T) {
	const (
		nameIt  = "name the column with --username-column"
		orNone  = nameIt + ", or use --no-header when the first line is already a user"
		oneOnly = "rename or remove one of them"

		noColumn = `the header has no column "username"; `
	)
	comma, semicolon, tab := Options{}, Options{Delimiter: ';'}, Options{Delimiter: '\t'}
	tests := []struct {
		name, in     string
		options      Options
		reason, hint string
	}{
		{"no such column", "id,email\n1,a@example.com\n", comma, noColumn + `it has "id", "email"`, orNone},
		{"no header, several columns", "ann@example.com,+491701234567,Ann,17\n", comma, noColumn + `its 4 columns have other names`, orNone},
		{"no header, one column", "ann\nbob\n", comma, noColumn + `its only column has another name`, orNone},
		{"no such column as named", "id,username\n", Options{UsernameColumn: "E-Mail"}, `the header has no column "E-Mail"; it has "id", "username"`, nameIt},
		{"no such column as named, one column", "username\n", Options{UsernameColumn: "email"}, `the header has no column "email"; it has "username"`, nameIt},
		{"many columns", "id,email,phone,first_name,lastName,created-at,Status,zip,city,ann\n", comma, noColumn + `it has "id", "email", "phone", "first_name", "lastName", "created-at", "Status", "zip" and 2 more`, orNone},
		{"a column that may be a user", "id,ann,email\n", comma, noColumn + `it has "id", "email" and 1 more`, orNone},
		{"nothing but delimiters", ",,\n", comma, noColumn + `its 3 columns have other names`, orNone},
		{"a long column", strings.Repeat("ü", 100) + "\n", comma, noColumn + `its only column has another name`, orNone},
		{"semicolons and tabs", "id;username\tid;x\n", Options{Delimiter: ','}, noColumn + `its only column has another name`, "the columns seem to be separated by ';': try --delimiter ';'"},
		{"tabs, not asked for", "id\tusername\n", Options{Delimiter: ','}, noColumn + `it has "id\tusername"`, "the columns seem to be separated by tabs: try --delimiter tab"},
		{"pipes", "id|username\n", semicolon, noColumn + `it has "id|username"`, "the columns seem to be separated by '|': try --delimiter '|'"},
		{"commas", "id,username\n", tab, noColumn + `it has "id,username"`, "the columns seem to be separated by ',': try --delimiter ','"},
		{"two that separate a column of usernames", "\"x;username;y|username|z\"\n", comma, noColumn + `its only column has another name`, "the columns seem to be separated by ';': try --delimiter ';'"},
		{"one quoted column with the delimiter in it", "\"id,username\"\n", comma, noColumn + `it has "id,username"`, orNone},
		{"username twice", "username,a,USERNAME \n", comma, `the header has the column "username" more than once`, oneOnly},
		{"cognito:username twice", "cognito:username,cognito:username\n", comma, `the header has the column "cognito:username" more than once`, oneOnly},
		{"the named column twice", "e,username,E\n", Options{UsernameColumn: "E"}, `the header has the column "e" more than once`, oneOnly},
		{"a metadata key twice", "client_metadata.k,username,Client_Metadata.k\n", comma, `the header has the column "client_metadata.k" more than once`, oneOnly},
		{"a quote in the wrong place", "\n\nid,\"user\"name\"\n", comma, `the header on line 3 is not valid CSV: a quotation mark that is not closed, or something after the closing one`, "look for a stray quotation mark; --delimiter sets what separates the columns"},
		{"a bare quote", "user\"name\nann\n", comma, `the header on line 1 is not valid CSV: a quotation mark inside a cell that does not begin with one`, "look for a stray quotation mark; --delimiter sets what separates the columns"},
		{"a quote that is not closed", "\"username\nann\n", comma, `the header on line 1 is not valid CSV: a quotation mark that is not closed, or something after the closing one`, "look for a stray quotation mark; --delimiter sets what separates the columns"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := NewReader(strings.NewReader(test.in), test.options)
			wantUnusable(t, err, test.reason, test.hint)
		})
	}
}

func TestMetadataColumns(t *testing.T) {
	const header = "Client_Metadata.source,username, CLIENT_METADATA.Source ,client_metadata.,client_metadata,client_metadata.a.b c,xclient_metadata.no"
	r := newTestReader(t, header+"\n"+
		"import,ann,2024,x,y, v ,z\n"+
		",bob,,x,y,,z\n"+
		",cem,late,,,,\n", Options{})
	if got, want := r.MetadataColumns(), []string{"source", "Source", "a.b c"}; !slices.Equal(got, want) {
		t.Errorf("metadata columns %q, want %q", got, want)
	}
	ann := goodRow(2, "ann", "import", "ann", "2024", "x", "y", " v ", "z")
	ann.ClientMetadata = map[string]string{"source": "import", "Source": "2024", "a.b c": " v "}
	cem := goodRow(4, "cem", "", "cem", "late", "", "", "", "")
	cem.ClientMetadata = map[string]string{"Source": "late"}
	wantRows(t, remainingRows(t, r), []readRow{ann, goodRow(3, "bob", "", "bob", "", "x", "y", "", "z"), cem})
}

func TestMetadataColumnsNone(t *testing.T) {
	if keys := newTestReader(t, "username,metadata\nann,x\n", Options{}).MetadataColumns(); len(keys) != 0 {
		t.Errorf("metadata columns %q, want none", keys)
	}
}

func TestMetadataThatIsNotAllowed(t *testing.T) {
	longest, tooLong := strings.Repeat("ü", maxMetadataValue), strings.Repeat("ü", maxMetadataValue+1)
	tests := []struct{ name, value, code, message string }{
		{"the longest", longest, "", ""},
		{"one character longer", tooLong, CodeMetadataTooLong, `client metadata "k" has more than 131072 characters`},
		{"not UTF-8", "M\xfcller", CodeMetadataNotAllowed, `client metadata "k" is not UTF-8`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := newTestReader(t, "username,client_metadata.k,client_metadata.l\nann,"+test.value+",w\na b,"+test.value+",\nbob,v,\n", Options{})
			rows := remainingRows(t, r)
			if len(rows) != 3 {
				t.Fatalf("%d rows, want 3", len(rows))
			}
			want := goodRow(2, "ann", "ann", test.value, "w")
			want.ClientMetadata = map[string]string{"k": test.value, "l": "w"}
			if test.code != "" {
				want = refusedRow(want, test.code, test.message)
			}
			wantRows(t, rows[:1], []readRow{want})
			// What is wrong with the username is reported first.
			if rows[1].Invalid == nil || rows[1].Invalid.Code != CodeUsernameNotAllowed {
				t.Errorf("row %s, want %s", rowText(rows[1]), CodeUsernameNotAllowed)
			}
			if rows[2].Invalid != nil {
				t.Errorf("the next row is refused: %s", rowText(rows[2]))
			}
		})
	}
}

// However wide a file is, it is read.
func TestReaderWideHeader(t *testing.T) {
	const columns = 100_000
	var header, values strings.Builder
	for i := range columns - 1 {
		name := strconv.Itoa(i)
		if i%2 == 1 {
			name = metadataPrefix + name
		}
		header.WriteString(name + ",")
		values.WriteString("v" + strconv.Itoa(i) + ",")
	}
	r := newTestReader(t, header.String()+"username\n"+values.String()+"ann\nshort,bob\n", Options{})
	rows := remainingRows(t, r)
	if len(rows) != 2 || rows[0].Username != "ann" || rows[0].Invalid != nil {
		t.Fatalf("%d rows, the first one: %s", len(rows), rowText(rows[0]))
	}
	if want := values.String() + "ann"; strings.Join(rows[0].fields, ",") != want {
		t.Error("the fields are not those of the record")
	}
	if got, want := len(rows[0].ClientMetadata), columns/2-1; got != want || rows[0].ClientMetadata["99997"] != "v99997" {
		t.Errorf("%d pairs of metadata, want %d", got, want)
	}
	wantRows(t, rows[1:], []readRow{malformedRow(3, tooShort)})
}
