package rows

import (
	"slices"
	"strings"
	"testing"
)

// What check shows of an input.
func TestLayout(t *testing.T) {
	tests := []struct {
		name, in string
		options  Options
		want     Layout // at the end
	}{
		{"plain", "id, UserName \n1,u1\n", Options{}, Layout{
			Encoding: "UTF-8", LineEnd: "LF", Delimiter: ',', Columns: 2, UsernameColumn: 2, UsernameColumnName: "UserName"}},
		{"no header", "u1\tx\r\n", Options{NoHeader: true, Delimiter: '\t'}, Layout{
			Encoding: "UTF-8", LineEnd: "CRLF", Delimiter: '\t', Columns: 2, UsernameColumn: 1}},
		{"no header, a malformed record first", "\"a\"b\nu1,x\r\n", Options{NoHeader: true}, Layout{
			Encoding: "UTF-8", LineEnd: "CRLF", Delimiter: ',', Columns: 2, UsernameColumn: 1}},
		{"found", "username;x\r\r\n", Options{}, Layout{
			Encoding: "UTF-8", LineEnd: "CRCRLF", Delimiter: ';', DelimiterFound: true, Columns: 2, UsernameColumn: 1, UsernameColumnName: "username", NoRows: true}},
		{"all of it", "sep=;\rcognito:username;x\r,;\r;\ru1\ru2;\"a\rb\"\r\ru3;\"a\rb\rc\"\rcognito:username;x", Options{}, Layout{
			Encoding: "UTF-8", LineEnd: "CR", Delimiter: ';', SeparatorLine: true, Columns: 2, UsernameColumn: 1, UsernameColumnName: "cognito:username",
			SpanningRecords: 2, LongestFirst: 9, LongestLast: 11, EmptyRecords: 1, ShortRecords: 1, HeaderLines: 1}},
		{"a name that cannot be shown", "\"e\nm\",username\nx,y\n", Options{UsernameColumn: "e\nm"}, Layout{
			Encoding: "UTF-8", LineEnd: "LF", Delimiter: ',', Columns: 2, UsernameColumn: 1, UsernameColumnName: `e\nm`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			short := 0
			test.options.OnShort = func(line int) {
				if line != 5 { // in the only input that has one
					t.Errorf("line %d is short", line)
				}
				short++
			}
			r := newTestReader(t, test.in, test.options)
			if r.Delimiter() != test.want.Delimiter {
				t.Errorf("delimiter %q", r.Delimiter())
			}
			remainingRows(t, r)
			if got := r.Layout(); got != test.want || short != got.ShortRecords {
				t.Errorf("got\n%+v\nwant\n%+v", got, test.want)
			}
		})
	}
}

// The counts may be asked for while the rows are read.
func TestLayoutFromAnotherGoroutine(t *testing.T) {
	r := newTestReader(t, "username,x\n"+strings.Repeat("u1\n,\nu2,\"a\nb\"\n", 2000), Options{})
	seen := make(chan Layout)
	go func() {
		var last Layout
		for last.SpanningRecords < 2000 {
			last = r.Layout()
		}
		seen <- last
	}()
	remainingRows(t, r)
	if last := <-seen; last.ShortRecords != 2000 || last.EmptyRecords != 2000 {
		t.Errorf("%+v", last)
	}
}

// No username is in the messages about an input that cannot be used.
func TestRefusalsNameNobody(t *testing.T) {
	for _, in := range []string{
		"zoe\n", "zoe@example.com,zoe\n", "zoe;1\nzoe;2\n", "zoe\tzoe2\tzoe3\n", "zoe zoe1 zoe2\n", "“zoe”,“zoe2”\n", "zoe\"\n", "\"zoe\"zoe\n", "\"zoe\nzoe\n",
		"zoe\nusername\nzoe\n", "zoe.lee\r\n", "zoe\x01\n", "{\"zoe\":1}\n", "[\"zoe\"]\n", "'zoe','zoe'\n", "username,username,zoe\n", "username,cognito:username\n,zoe\n",
		"username\n“zoe”\n", "id,username,zoe\n",
	} {
		for _, o := range []Options{{}, {NoHeader: true}, {UsernameColumn: "email"}, {Delimiter: ','}} {
			r, err := NewReader(strings.NewReader(in), o)
			if err != nil {
				wantGoodRefusal(t, err)
				if text := err.Error() + hintOf(err); strings.Contains(text, "zoe") {
					t.Errorf("%q: %s", in, text)
				}
				continue
			}
			for _, row := range remainingRows(t, r) {
				if row.Invalid != nil && strings.Contains(row.Invalid.Message, "zoe") {
					t.Errorf("%q: %s", in, row.Invalid.Message)
				}
			}
			if notes := append(r.Layout().Assumptions(), r.Layout().Irregularities()...); slices.ContainsFunc(notes, func(n string) bool { return strings.Contains(n, "zoe") }) {
				t.Errorf("%q: %q", in, notes)
			}
		}
	}
}
