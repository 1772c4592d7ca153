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
	delimiters := []rune{',', ';', '\t', '|', ' ', '§', 'a'}
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
		"username,0,1,2,username \n", "username\n\"\"\n\"\n\"\n" + strings.Repeat("ü", 129) + "\n\ufeffann\n",
	} {
		for delimiter := range uint8(2) {
			add([]byte(in), "", delimiter, false)
			add([]byte(in), "", delimiter, true)
		}
		add([]byte(in), " A ", 0, false)
		add([]byte(strings.ReplaceAll(in, ",", "§")), "", 5, false)
	}
}

// FuzzReader compares the reader with an independent reading of the same
// bytes: each record is one row, in its order, on its line, with its fields.
func FuzzReader(f *testing.F) {
	addReaderSeeds(func(in []byte, column string, delimiter uint8, noHeader bool) { f.Add(in, column, delimiter, noHeader) })
	f.Fuzz(func(t *testing.T, in []byte, column string, delimiter uint8, noHeader bool) {
		o := fuzzOptions(column, delimiter, noHeader)
		r, err := NewReader(bytes.NewReader(in), o)
		want := readIndependently(in, o)
		if err != nil {
			wantGoodRefusal(t, err)
			if want.usable {
				t.Fatalf("a usable input is refused: %v", err)
			}
			return
		}
		if want.username < 0 {
			t.Fatal("an input without one username column is read")
		}
		if !slices.Equal(r.Columns(), want.header) {
			t.Fatalf("columns %q, want %q", r.Columns(), want.header)
		}
		last := 0
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
			if row.Raw != "" {
				rows = append(rows, row)
			}
		}
		if lines := bytes.Count(in, []byte("\n")) + 1; last > lines {
			t.Fatalf("a row on line %d of %d", last, lines)
		}
		for range 2 {
			if row, err := next(t, r); err != io.EOF {
				t.Fatalf("%s, error %v after the last record", rowText(row), err)
			}
		}
		wantSameRowsAgain(t, r.Header(), rows, o)
	})
}

// reading is what encoding/csv alone says of an input.
type reading struct {
	header   []string
	username int // position of the column, -1 without exactly one
	records  []independentRecord
	// usable says that there is no reason at all to refuse the input.
	usable bool
}

type independentRecord struct {
	line   int
	fields []string // nil when it cannot be parsed
	raw    string
}

func readIndependently(in []byte, o Options) reading {
	text := bytes.TrimPrefix(in, []byte("\ufeff"))
	parser := csv.NewReader(bytes.NewReader(text))
	parser.Comma, parser.FieldsPerRecord = o.Delimiter, -1
	var records []independentRecord
	end := int64(0)
	for {
		start := end
		fields, err := parser.Read()
		end = parser.InputOffset()
		if err == io.EOF {
			break
		}
		if parse := (*csv.ParseError)(nil); errors.As(err, &parse) {
			records = append(records, independentRecord{line: parse.StartLine})
			continue
		}
		line, _ := parser.FieldPos(0)
		records = append(records, independentRecord{line, fields, blankLines.ReplaceAllString(string(text[start:end]), "")})
	}
	w := reading{records: records, username: -1}
	if len(records) == 0 {
		return w
	}
	first := records[0].fields
	if o.NoHeader {
		w.username = 0
	} else {
		w.header, w.records = first, records[1:]
		w.username = onlyColumn(first, o.UsernameColumn)
	}
	w.usable = w.username >= 0 && startsAsText(text) && !slices.ContainsFunc(first, isNoText) && w.keysAreUnique()
	// Of all the records that can be parsed the first one says how many fields there are.
	columns := -1
	if !o.NoHeader {
		columns = len(first)
	}
	for i, record := range w.records {
		if columns < 0 && record.fields != nil {
			columns = len(record.fields)
		}
		if len(record.fields) != columns {
			w.records[i].fields = nil
		}
	}
	return w
}

var blankLines = regexp.MustCompile(`^(\r?\n)+`)

var plainStart = regexp.MustCompile(`^["\pL\d,; \r\n]{4}|^["\pL\d,; \r\n]{1,3}$`)

// startsAsText says whether nobody could take the start of the text for
// anything else: a letter or a quotation mark, and three more such.
func startsAsText(text []byte) bool {
	return plainStart.Match(text)
}

func isNoText(field string) bool {
	return !utf8.ValidString(field) || strings.ContainsFunc(field, func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\t\r\n", r) })
}

// wantGoodRefusal checks what a refusal says: one line, and what to do.
func wantGoodRefusal(t *testing.T, err error) {
	t.Helper()
	unusable, ok := errors.AsType[*UnusableError](err)
	if !ok {
		t.Fatalf("error %v, want an UnusableError", err)
	}
	for _, text := range []string{unusable.Reason, unusable.Hint} {
		if text == "" || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Fatalf("refused with %q (%q)", unusable.Reason, unusable.Hint)
		}
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
	if record.fields == nil {
		if row.Invalid == nil || row.Invalid.Code != CodeMalformedRecord || row.Line != record.line ||
			row.Username != "" || row.Raw != "" || row.ClientMetadata != nil {
			t.Fatalf("the malformed record on line %d is the row %s", record.line, rowText(row))
		}
		return
	}
	username := strings.TrimSpace(record.fields[w.username])
	if row.Line != record.line || row.LastLine != 0 || row.Username != username || !slices.Equal(row.fields, record.fields) || row.Raw != record.raw {
		t.Fatalf("the record %q on line %d is the row %s", record.fields, record.line, rowText(row))
	}
	metadata, readable := map[string]string{}, true
	for i, key := range w.keys() {
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

// wantSameRowsAgain writes rows with their own bytes after their header's, as
// the file of failed rows has them, and reads that.
func wantSameRowsAgain(t *testing.T, header string, rows []readRow, o Options) {
	t.Helper()
	var text strings.Builder
	text.WriteString(header)
	for i, row := range rows {
		text.WriteString(row.Raw)
		if !strings.HasSuffix(row.Raw, "\n") {
			if i < len(rows)-1 {
				t.Fatalf("the row %q has no line end and is not the last one", row.Raw)
			}
			text.WriteByte('\n')
		}
	}
	parser := csv.NewReader(strings.NewReader(text.String()))
	parser.Comma = o.Delimiter
	fields, err := parser.ReadAll()
	if err != nil {
		t.Fatalf("%q: %v", text.String(), err)
	}
	if header != "" {
		fields = fields[1:]
	}
	if !slices.EqualFunc(fields, rows, func(fields []string, row readRow) bool { return slices.Equal(fields, row.fields) }) {
		t.Fatalf("%q has the records %q", text.String(), fields)
	}
	if len(rows) == 0 || !startsAsText([]byte(text.String())) || header == "" && slices.ContainsFunc(rows[0].fields, isNoText) {
		return // a byte order mark or the like is now at the start
	}
	again, err := NewReader(strings.NewReader(text.String()), o)
	if err != nil {
		t.Fatalf("%q: %v", text.String(), err)
	}
	for _, row := range rows {
		got, err := next(t, again)
		got.Line, got.Raw = row.Line, row.Raw
		if err != nil || !reflect.DeepEqual(got, row) {
			t.Fatalf("the row %s is %s, error %v", rowText(row), rowText(got), err)
		}
	}
}
