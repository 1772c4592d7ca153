package rows

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"cognito-confirm/worker"
)

// textObject is an object that is in memory.
type textObject []byte

func (o textObject) Size() int64 { return int64(len(o)) }

func (o textObject) NewReader(from, to int64) io.Reader {
	return io.NewSectionReader(bytes.NewReader(o), from, to-from)
}

// cutOut is a section and its rows.
type cutOut struct {
	Section
	rows []worker.Row
}

// cut reads an input as a whole, and returns sections of rowsEach rows, or of more
// where there is no mark.
func cut(t testing.TB, in *Input, rowsEach int) (sections []cutOut) {
	t.Helper()
	section := cutOut{Section: Section{From: in.Start(), To: in.options.Object.Size()}}
	for {
		row, err := in.Next()
		if errors.Is(err, io.EOF) {
			return append(sections, section)
		}
		if err != nil {
			t.Fatal(err)
		}
		section.rows = append(section.rows, row)
		place, ok := in.Mark()
		if len(section.rows) >= rowsEach && ok {
			whole := section.To
			section.To = place.Offset
			sections = append(sections, section)
			section = cutOut{Section: Section{From: place, To: whole}}
		}
	}
}

// wantSections checks that the sections of an input have its rows.
func wantSections(t testing.TB, text []byte, o Options, rowsEach int) {
	t.Helper()
	o.Object, o.Path = textObject(text), "users.csv"
	in, err := Open(t.Context(), o)
	if err != nil {
		return
	}
	if in.Layout().Encoding != utf8Text || in.Layout().Gzip {
		o.Section = &Section{To: o.Object.Size()}
		if _, err := Open(t.Context(), o); !errors.Is(err, errNoSections) {
			t.Fatalf("a section of %s: %v", in.Layout().Encoding, err)
		}
		return
	}
	for _, section := range cut(t, in, rowsEach) {
		o.Section = &section.Section
		part, err := Open(t.Context(), o)
		if err != nil {
			t.Fatalf("section %+v: %v", section.Section, err)
		}
		if part.Header() != in.Header() || part.Delimiter() != in.Delimiter() {
			t.Fatalf("section %+v: header %q", section.Section, part.Header())
		}
		for i := 0; ; i++ {
			row, err := part.Next()
			if errors.Is(err, io.EOF) && i == len(section.rows) {
				break
			}
			if err != nil || i == len(section.rows) || !reflect.DeepEqual(row, section.rows[i]) {
				t.Fatalf("section %+v: row %d is %s, %v; want %d rows %+v", section.Section, i, rowText(readRow{Row: row}), err, len(section.rows), section.rows)
			}
		}
	}
}

// FuzzSections: whatever the input, and wherever it is cut, its sections have its rows.
func FuzzSections(f *testing.F) {
	for _, in := range []string{
		"a\n\n\nb\n", "username\n\n\nann\n\n\n\nbob\n\n", "username,e\nann,1\n\"bob\",\"two\nlines\"\ncem,\"open\ndag,1\n",
		"username,client_metadata.a\nann,1\nusername,client_metadata.b\nbob,2\ncem,3\nusername,client_metadata.a\ndag,4\n",
		"username,e\nann,1\nbob\rcem,2\ndag\r,3\neve,4\n", "\"a\nb\n", "\"x\"y\nann,1\nbob\ncem,2,3\n", "username,e\nann,1\r\n,bob\nann\rbob\n\"x\"y\ncem\rbob\rx,y\ndag\n",
		"username,cognito:username,e\n,,x\n,,y\nann,,\nbob,,\n", "username,e\nann,1\rbob\ncem,2\n", "id,username,e\n1,ann\r,x\n2,bob,y\n", "x,\"y\"z\nann,1\nbob,2\n",
	} {
		f.Add([]byte(in), "", uint8(7), false, uint8(0))
		f.Add([]byte(in), "", uint8(7), true, uint8(0))
	}
	addReaderSeeds(func(in []byte, column string, delimiter uint8, noHeader bool) {
		f.Add(in, column, delimiter, noHeader, uint8(0))
		f.Add(in, column, delimiter, noHeader, uint8(2))
	})
	f.Fuzz(func(t *testing.T, in []byte, column string, delimiter uint8, noHeader bool, rowsEach uint8) {
		o := fuzzOptions(column, delimiter, noHeader)
		if len(in)%2 == 0 {
			o.MaxRecord = 40 // so that some records are too long
		}
		wantSections(t, in, o, int(rowsEach%8)+1)
	})
}

func TestSectionsOfLongInputs(t *testing.T) {
	var text strings.Builder
	text.WriteString("username,note\r\n")
	for text.Len() < 3*bufferSize {
		text.WriteString("ann,\"two\r\nlines\"\r\n\r\nbob,x\r\ncem,open\" mark\r\n\"dag\",\r\n")
	}
	for _, rowsEach := range []int{100, 1000, 1 << 20} {
		wantSections(t, []byte(text.String()), Options{}, rowsEach)
	}
}

func TestText(t *testing.T) {
	const text = "username\nann\nb\u00f6b\n"
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := writer.Write([]byte("\xff\xfe" + inUTF16(text, binary.LittleEndian))); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	in, err := Open(t.Context(), Options{Path: "users.csv.gz", Object: textObject(packed.Bytes())})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.Next(); err != nil {
		t.Fatal(err)
	}
	reader, err := in.Text(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(reader); err != nil || string(got) != byteOrderMark+text {
		t.Errorf("%q, %v", got, err)
	}
	once, err := Open(t.Context(), Options{Path: "-", Stdin: strings.NewReader(text)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := once.Text(t.Context()); !errors.Is(err, ErrOnce) {
		t.Errorf("standard input: %v", err)
	}
}
