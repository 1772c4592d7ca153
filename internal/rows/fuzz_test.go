package rows

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// fuzzOptions makes options out of what the fuzzer varies.
func fuzzOptions(column string, delimiter uint8, noHeader bool) Options {
	delimiters := []rune{',', ';', '\t', '|', ' ', '§', 'a', 0}
	return Options{UsernameColumn: column, Delimiter: delimiters[int(delimiter)%len(delimiters)], NoHeader: noHeader}
}

func addReaderSeeds(add func(in []byte, column string, delimiter uint8, noHeader bool)) {
	for _, in := range []string{
		"", "\n", "\ufeff", "username", "username\nann\nbob\n", "\ufeff\"username\"\r\n\"ann\"\r\n\r\nbob",
		"id,username,note\n1,ann,x\n2,bob\n3,cem,y,z\n4,dag,\"a\nb\"\n5,eve,w\n",
		"username,note\nann,5\" disk\n\"bob\"x,y\ncem,\"open\ndag,z\n", "\n\n UserName ,a,a,\n ann\t,1,2,3\n\n,,,\nb c,\xff,\u200b,\n",
		"cognito:username,username\na,b\n", "cognito:username,x\na,b\n", "username,USERNAME\n", "a,b\n1,2\n",
		"username,client_metadata.k,Client_Metadata.K,client_metadata.\nann,v,,w\nbob,,\xff,\n", "client_metadata.k,client_metadata.k,username\n",
		"x,a\"b\nann,1\nbob\n", "a\"\nb\"\n", "\"a\nb", "a§b§username\n\"1\"§\"2\n\"§\"ann\"\n",
		"\xff\xfeu\x00", "u\x00s\x00e\x00", "PK\x03\x04", "\x89PNG\r\n\x1a\n", "\x7fELF\x02", "{\"Users\":[]}", "[\n", "username\rann\rbob\r",
		"username\rann\r\"bob\"\r\rcem", "username,note\r\nann,\"x\ry\"\rbob,z\r\n", "id,username\n1,a\rb\n2,c\r3,d\n", "username\r\r\nann\r\r\n\rbob\r\r",
		"username,note\nann,\"x\nbob,y\ncem,z\"\ndag,w\n", "username\n\"ann\nbob\"\n\ufeffcem\n\ufeff\"dag\"\n", "username,e\nann\n,\n  \nbob,x,y\nusername,e\ne,username\ncem,x\n",
		"sep=;\nid;username\n1;ann\n", "id;username\n1;ann\n", "username,cognito:username\n,ann\n", "“username”\n", "title\n\nusername\nann\n", "a1\tb1\tc1\n", "{\"username\":\"ann\"}\n",
		"\xff\xfeu\x00s\x00e\x00r\x00n\x00a\x00m\x00e\x00\n\x00a\x00", "a\"\rb\"\"\r\n\"c\r\"d\r\"",
		"username,0,1,2,username \n", "username\n\"\"\n\"\n\"\n" + strings.Repeat("ü", 129) + "\n\ufeffann\n",
	} {
		for _, delimiter := range []uint8{0, 1, 7} {
			add([]byte(in), "", delimiter, false)
			add([]byte(in), "", delimiter, true)
		}
		add([]byte(in), " A ", 0, false)
		add([]byte(strings.ReplaceAll(in, ",", "§")), "", 5, false)
	}
}

// FuzzReader compares the reader with what encoding/csv makes of the same text
// once its line ends are those that encoding/csv knows: each record is one row,
// in its order, with its fields, or a row that tells why not.
func FuzzReader(f *testing.F) {
	addReaderSeeds(func(in []byte, column string, delimiter uint8, noHeader bool) { f.Add(in, column, delimiter, noHeader) })
	f.Fuzz(func(t *testing.T, in []byte, column string, delimiter uint8, noHeader bool) {
		o := fuzzOptions(column, delimiter, noHeader)
		r, err := NewReader(bytes.NewReader(in), o)
		if err != nil {
			wantGoodRefusal(t, err)
			if o.Delimiter != 0 && readIndependently(in, o).isPlain(o) {
				t.Fatalf("a usable input is refused: %v", err)
			}
			return
		}
		for _, note := range append(r.Layout().Assumptions(), r.Layout().Irregularities()...) {
			wantOneLine(t, note)
		}
		if layout := r.Layout(); layout.Encoding != utf8Text || layout.SeparatorLine || strings.HasPrefix(r.Header(), "sep") {
			remainingRows(t, r)
			return
		}
		o.Delimiter = r.Delimiter()
		want := readIndependently(in, o)
		if want.username < 0 {
			t.Fatal("an input without one username column is read")
		}
		if !slices.Equal(r.Columns(), want.header) {
			t.Fatalf("columns %q, want %q", r.Columns(), want.header)
		}
		last, raw := 0, r.Header()
		var rows []readRow
		for i, record := range want.records {
			row, err := next(t, r)
			if err != nil {
				t.Fatalf("record %d: %v", i, err)
			}
			if row.Line <= last || row.LastLine != 0 && row.LastLine <= row.Line {
				t.Fatalf("record %d is on line %d to %d, after line %d", i, row.Line, row.LastLine, last)
			}
			last = max(row.Line, row.LastLine)
			want.compare(t, row, record)
			if row.Raw == "" {
				t.Fatalf("the row %s has no text", rowText(row))
			}
			raw += row.Raw
			if row.Invalid == nil || row.Invalid.Code != CodeMalformedRecord && row.Invalid.Code != CodeHeaderLine {
				rows = append(rows, row)
			}
		}
		if lines := bytes.Count(in, []byte("\n")) + bytes.Count(in, []byte("\r")) + 1; last > lines {
			t.Fatalf("a row on line %d of %d", last, lines)
		}
		for range 2 {
			if row, err := next(t, r); err != io.EOF {
				t.Fatalf("%s, error %v after the last record", rowText(row), err)
			}
		}
		if got := r.Layout().EmptyRecords; got != want.empty {
			t.Fatalf("%d empty records, want %d", got, want.empty)
		}
		if !isSubsequence(raw, string(in)) {
			t.Fatalf("the texts of the rows are not in the input: %q", raw)
		}
		wantSameRowsAgain(t, r.Header(), rows, o)
	})
}

// isSubsequence reports that the text comes of the other one by leaving things out.
func isSubsequence(text, of string) bool {
	for i := 0; i < len(text); i++ {
		at := strings.IndexByte(of, text[i])
		if at < 0 {
			return false
		}
		of = of[at+1:]
	}
	return true
}

// reading is what encoding/csv alone tells of an input.
type reading struct {
	header   []string
	username int // position of the column, -1 without exactly one
	columns  int
	records  []independentRecord
	empty    int // records with nothing in them, which are not in records
	hasCR    bool
	text     []byte
}

type independentRecord struct {
	fields []string // nil when it cannot be parsed
	spans  bool     // lines
}

// withPlainEnds puts LF for every line end that is not inside of quotation
// marks, byte for byte from the rules, and takes byte order marks off the starts
// of records.
func withPlainEnds(in string, delimiter string) string {
	var out strings.Builder
	fieldStart, recordStart, quoted, mistaken := true, true, false, false
	for len(in) > 0 {
		if recordStart {
			if rest, ok := strings.CutPrefix(in, "\ufeff"); ok {
				in = rest
				continue
			}
		}
		took := 1
		switch {
		case quoted && strings.HasPrefix(in, `""`):
			took = 2
		case quoted && in[0] == '"':
			rest := in[1:]
			quoted = false
			mistaken = rest != "" && !strings.HasPrefix(rest, delimiter) && rest[0] != '\r' && rest[0] != '\n'
		case quoted:
		case in[0] == '\n', in[0] == '\r':
			for _, end := range []string{"\r\r\n", "\r\n", "\r", "\n"} {
				if rest, ok := strings.CutPrefix(in, end); ok {
					in = rest
					break
				}
			}
			out.WriteByte('\n')
			fieldStart, recordStart, mistaken = true, true, false
			continue
		case in[0] == '"' && fieldStart && !mistaken:
			quoted, fieldStart = true, false
		case in[0] == '"':
			mistaken, fieldStart = true, false
		case strings.HasPrefix(in, delimiter):
			took, fieldStart = len(delimiter), true
		default:
			fieldStart = false
		}
		recordStart = false
		out.WriteString(in[:took])
		in = in[took:]
	}
	return out.String()
}

func readIndependently(in []byte, o Options) reading {
	text := withPlainEnds(string(in), string(o.Delimiter))
	parser := csv.NewReader(strings.NewReader(text))
	parser.Comma, parser.FieldsPerRecord = o.Delimiter, -1
	w := reading{username: -1, hasCR: bytes.IndexByte(in, '\r') >= 0, text: []byte(text)}
	isFirst := true
	for {
		before := parser.InputOffset()
		fields, err := parser.Read()
		if err == io.EOF {
			break
		}
		raw := strings.TrimSpace(text[before:parser.InputOffset()])
		record := independentRecord{fields: fields, spans: strings.ContainsAny(raw, "\r\n")}
		if err != nil {
			record.fields = nil
		}
		switch {
		case isFirst && !o.NoHeader:
			fields = record.fields // of a mistaken record it returns a part
			w.header, w.columns = fields, len(fields)
			w.username = onlyColumn(fields, o.UsernameColumn)
		case err == nil && max(w.columns, len(fields)) > 1 && !slices.ContainsFunc(fields, func(f string) bool { return strings.TrimSpace(f) != "" }):
			w.empty++
		default:
			if w.columns == 0 {
				w.columns = len(record.fields)
			}
			w.records = append(w.records, record)
		}
		isFirst = false
	}
	if o.NoHeader {
		w.username = 0
	}
	return w
}

var plainHeader = regexp.MustCompile(`^[a-z0-9]{4,}$`)

// isPlain reports that the input must be accepted.
func (w reading) isPlain(o Options) bool {
	if w.username < 0 || len(w.text) < 4 || !plainHeader.Match(w.text[:4]) || bytes.HasPrefix(w.text, []byte("sep=")) {
		return false
	}
	if o.NoHeader {
		return len(w.records) > 1 && len(w.records[0].fields) == 1 && plainHeader.MatchString(w.records[0].fields[0])
	}
	return !slices.ContainsFunc(w.header, isNoText) && w.keysAreUnique() &&
		(len(w.records) == 0 || w.records[0].fields == nil || plainHeader.MatchString(w.records[0].fields[min(w.username, len(w.records[0].fields)-1)])) &&
		!slices.ContainsFunc(w.header, func(c string) bool { return keyOfName(c) == "cognito:username" })
}

func keyOfName(column string) string { return strings.ToLower(strings.TrimSpace(column)) }

func isNoText(field string) bool {
	return !utf8.ValidString(field) || strings.ContainsFunc(field, func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\t\r\n", r) })
}

// wantGoodRefusal checks that a refusal is one line and tells what to do.
func wantGoodRefusal(t testing.TB, err error) {
	t.Helper()
	unusable, ok := errors.AsType[*UnusableError](err)
	if !ok {
		t.Fatalf("error %v, want an UnusableError", err)
	}
	for _, text := range []string{unusable.Reason, unusable.Hint} {
		wantOneLine(t, text)
	}
}

// onlyColumn finds the one column of the name, or of the usual names.
func onlyColumn(header []string, name string) int {
	names := []string{name}
	if name == "" {
		names = []string{"username", "cognito:username"}
	}
	for _, name := range names {
		wanted := strings.ToLower(strings.TrimSpace(name))
		var found []int
		for i, column := range header {
			if strings.ToLower(strings.TrimSpace(column)) == wanted {
				found = append(found, i)
			}
		}
		switch len(found) {
		case 0:
		case 1:
			return found[0]
		default:
			return -1
		}
	}
	return -1
}

// keys are the metadata keys of the columns, "" for those that have none.
func (w reading) keys() (keys []string) {
	for _, column := range w.header {
		keys = append(keys, keyOf(column))
	}
	return keys
}

func keyOf(column string) string {
	column = strings.TrimSpace(column)
	if prefix := "client_metadata."; len(column) > len(prefix) && strings.ToLower(column[:len(prefix)]) == prefix {
		return column[len(prefix):]
	}
	return ""
}

func (w reading) keysAreUnique() bool {
	keys := slices.DeleteFunc(w.keys(), func(key string) bool { return key == "" })
	slices.Sort(keys)
	return len(slices.Compact(slices.Clone(keys))) == len(keys)
}

// compare checks the row that was made of the record.
func (w reading) compare(t *testing.T, row readRow, record independentRecord) {
	t.Helper()
	if row.Invalid != nil && row.Invalid.Code == CodeHeaderLine {
		if !slices.ContainsFunc(record.fields, func(cell string) bool {
			text := strings.ToLower(strings.TrimSpace(cell))
			return strings.EqualFold(text, w.usernameName()) || strings.Contains(text, "username") ||
				strings.Contains(text, "sep") || w.usernameName() == "" && namesUsers(cell)
		}) {
			t.Fatalf("%q is reported as a header: %s", record.fields, rowText(row))
		}
		return
	}
	if row.Invalid != nil && row.Invalid.Code == CodeMalformedRecord {
		afterOther := strings.Contains(row.Invalid.Message, "is a header with other columns")
		if record.fields != nil && w.username < len(record.fields) && len(record.fields) <= w.columns && !record.spans && !w.hasCR && !afterOther {
			t.Fatalf("the record %q is the row %s", record.fields, rowText(row))
		}
		if row.Username != "" || row.ClientMetadata != nil {
			t.Fatalf("the malformed record is the row %s", rowText(row))
		}
		return
	}
	if record.fields == nil || w.username >= len(record.fields) || len(record.fields) > w.columns {
		t.Fatalf("the malformed record %q is the row %s", record.fields, rowText(row))
	}
	username := strings.TrimSpace(record.fields[w.username])
	if row.LastLine != 0 || row.Username != username || !slices.Equal(row.fields, record.fields) {
		t.Fatalf("the record %q is the row %s", record.fields, rowText(row))
	}
	metadata, readable := map[string]string{}, true
	for i, key := range w.keys()[:min(len(w.header), len(record.fields))] {
		if value := record.fields[i]; key != "" && value != "" {
			metadata[key] = value
			readable = readable && utf8.ValidString(value)
		}
	}
	if !maps.Equal(row.ClientMetadata, metadata) || (row.ClientMetadata == nil) != (len(metadata) == 0) {
		t.Fatalf("metadata %q of the row %s", metadata, rowText(row))
	}
	if valid := fitsModel(username) && readable; valid != (row.Invalid == nil) {
		t.Fatalf("valid %v, but the row is %s", valid, rowText(row))
	}
}

func (w reading) usernameName() string {
	if w.header == nil {
		return ""
	}
	return strings.TrimSpace(w.header[w.username])
}

// wantSameRowsAgain writes rows with their own bytes after their header's, as
// the file of failed rows has them, and reads that.
func wantSameRowsAgain(t *testing.T, header string, rows []readRow, o Options) {
	t.Helper()
	if len(rows) == 0 || header == "" && len(rows) < 3 { // a few of a list look like a list on one line
		return
	}
	var text strings.Builder
	for _, raw := range append([]string{header}, rawsOf(rows)...) {
		text.WriteString(raw)
		if raw != "" && !strings.HasSuffix(raw, "\n") {
			text.WriteByte('\n')
		}
	}
	again, err := NewReader(strings.NewReader(text.String()), o)
	if err != nil {
		if header == "" {
			return // another row is the first one now
		}
		t.Fatalf("%q: %v", text.String(), err)
	}
	if header == "" && len(rows[0].fields) < slices.MaxFunc(rows, func(a, b readRow) int { return len(a.fields) - len(b.fields) }).columns() {
		return // the same, for the number of the columns
	}
	for _, row := range rows {
		got, err := next(t, again)
		got.Line, got.Raw = row.Line, row.Raw
		if err != nil || !reflect.DeepEqual(got, row) {
			t.Fatalf("%q: the row %s is %s, error %v", text.String(), rowText(row), rowText(got), err)
		}
	}
}

func (r readRow) columns() int { return len(r.fields) }

func rawsOf(rows []readRow) (raws []string) {
	for _, row := range rows {
		raws = append(raws, row.Raw)
	}
	return raws
}

func wantOneLine(t testing.TB, text string) {
	t.Helper()
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		t.Fatalf("no clean line: %q", text)
	}
}
