package rows

import (
	"fmt"
	"strings"
	"testing"
	"testing/iotest"
)

// What was read before a gzip file breaks comes first, and then the reason.
func TestBrokenGzip(t *testing.T) {
	const again = "make or copy the file again; what was read before that is done, and is not done twice when the whole file is given with --resume"
	var text strings.Builder
	text.WriteString("username\n")
	for i := range 20_000 {
		fmt.Fprintf(&text, "user%d\n", i*i)
	}
	whole := zipped(t, text.String())
	small := zipped(t, "username\nann\nbob\n")
	open := zipped(t, "username\nann\nbob")
	flipped := []byte(whole)
	flipped[len(whole)/2] ^= 0xff
	wrongSum := []byte(whole)
	wrongSum[len(whole)-6] ^= 0xff
	tests := []struct {
		name, content string
		rows          int // at least
		isAll         bool
		reason        string // "" for the end
	}{
		{"whole", whole, 20_000, true, ""},
		{"padding", whole + strings.Repeat("\x00", 100_000), 20_000, true, ""},
		{"padding, last line without an end", open + "\x00", 2, true, ""},
		{"another file", small + zipped(t, "cem\n") + zipped(t, "dag\n"), 4, true, ""},
		{"another file in the middle of a line", open + zipped(t, "by\ncem\n"), 3, true, ""},
		{"an empty file after it", small + zipped(t, ""), 2, true, ""},
		{"something else after it", whole + "garbage", 20_000, true, "the gzip file is followed by something that is not gzip, and that was not read"},
		{"something else after it, last line without an end", open + "x", 2, true, "the gzip file is followed by something that is not gzip, and that was not read"},
		{"something after the padding", small + strings.Repeat("\x00", 70_000) + "x", 2, true, "the gzip file is followed by something that is not gzip, and that was not read"},
		{"a broken file after it", small + "\x1f\x8bgarbage and more of it", 2, true, "the gzip file is damaged: invalid header"},
		{"cut in two", whole[:len(whole)/2], 1000, false, "the gzip file is torn: it ends in the middle"},
		{"without its trailer", whole[:len(whole)-8], 20_000, true, "the gzip file is torn: it ends in the middle"},
		{"without the end of its trailer", whole[:len(whole)-1], 20_000, true, "the gzip file is torn: it ends in the middle"},
		{"cut in the second one", small + small[:5], 2, true, "the gzip file is torn: it ends in the middle"},
		{"cut after the first byte of the second one", small + small[:1], 2, true, "the gzip file is torn: it ends in the middle"},
		{"a wrong sum", string(wrongSum), 20_000, true, "the gzip file is damaged: invalid checksum"},
		{"a byte that changed", string(flipped), 1000, false, "the gzip file is damaged: invalid checksum"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, o := range []Options{
				{Path: put(t, "users.csv.gz", test.content)},
				{Path: "-", Stdin: iotest.HalfReader(strings.NewReader(test.content))},
			} {
				in, err := Open(t.Context(), o)
				if err != nil {
					t.Fatal(err)
				}
				defer in.Close()
				rows := 0
				_, err = in.Next()
				for ; err == nil; _, err = in.Next() {
					rows++
				}
				if rows < test.rows || test.isAll && rows != test.rows {
					t.Errorf("%d rows, want %d", rows, test.rows)
				}
				if !in.Layout().Gzip {
					t.Error("it is not reported as gzip")
				}
				if test.reason == "" {
					if err.Error() != "EOF" {
						t.Errorf("error %v at the end", err)
					}
					continue
				}
				for range 2 { // the end stays the end
					unusable, ok := err.(*UnusableError)
					if !ok || !strings.HasPrefix(unusable.Reason, test.reason) || unusable.Hint != again {
						t.Fatalf("%#v, want %s", err, test.reason)
					}
					_, err = in.Next()
				}
			}
		})
	}
}

// What is packed in another way gets the line that unpacks it.
func TestPacked(t *testing.T) {
	tests := []struct{ name, content, format, command string }{
		{"users.csv.bz2", "BZh91AY&SY\\^\x1c", "bzip2", "bunzip2 -c users.csv.bz2"},
		{"empty.bz2", "BZh9\x17\x72\x45\x38\x50\x90\x00\x00", "bzip2", "bunzip2 -c empty.bz2"},
		{"users", "BZh11AY&SY\x00", "bzip2", "bunzip2 -c users"},
		{"users.csv.gz", "BZh91AY&SY\x00", "bzip2", "bunzip2 -c users.csv.gz"},
		{"users.csv.zst", "\x28\xb5\x2f\xfd\x04", "zstd", "zstd -dc users.csv.zst"},
		{"users.csv.xz", "\xfd7zXZ\x00\x00", "xz", "xz -dc users.csv.xz"},
		{"users.lz4", "\x04\x22\x4d\x18\x64", "LZ4", "lz4 -dc users.lz4"},
		{"users.Z", "\x1f\x9d\x90", "compress", "uncompress -c users.Z"},
		{"users.7z", "7z\xbc\xaf\x27\x1c", "7-Zip", "7z x -so users.7z"},
		{"users.rar", "Rar!\x1a\x07\x01\x00", "RAR", "unrar p -inul users.rar"},
		{"users.zip", "PK\x03\x04\x14\x00users.csv", "zip", "unzip -p users.zip"},
		{"users.csv.lzma", "\x5d\x00\x00\x80\x00", "LZMA", "xz -dc users.csv.lzma"},
		{"users.csv.br", "\x8b\x05\x80\xff\x00", "Brotli", "brotli -dc users.csv.br"},
		{"my users.csv.bz2", "BZh91AY&SY", "bzip2", "bunzip2 -c 'my users.csv.bz2'"},
		{"o'neil.bz2", "BZh91AY&SY", "bzip2", `bunzip2 -c 'o'\''neil.bz2'`},
		{"-x.bz2", "BZh91AY&SY", "bzip2", "bunzip2 -c ./-x.bz2"},
		{"a\nb\x1b[31m.bz2", "BZh91AY&SY", "bzip2", "bunzip2 -c FILE"},
	}
	for _, test := range tests {
		for _, noHeader := range []bool{false, true} {
			_, err := Open(t.Context(), Options{Path: "-", Stdin: strings.NewReader(test.content), NoHeader: noHeader})
			if test.format != "Brotli" { // nothing but its name tells it
				wantUnusable(t, err, "the input is packed with "+test.format+", which is not read here", hintOf(err))
			}
			_, _, err = decode(strings.NewReader(test.content), test.name)
			hint := hintOf(err)
			wantUnusable(t, err, "the input is packed with "+test.format+", which is not read here", hint)
			wantGoodRefusal(t, err)
			if !strings.HasPrefix(hint, "unpack it on the way: "+test.command+" | cognito-confirm run - --report ") {
				t.Errorf("%s: hint %q", test.name, hint)
			}
		}
	}
	for _, name := range []string{"users.xlsx", "users.ods"} {
		_, _, err := decode(strings.NewReader("PK\x03\x04\x14\x00"), name)
		wantUnusable(t, err, "the input is a spreadsheet, not a CSV", `export it as "CSV UTF-8"`)
	}
	// Text is text, whatever its name and its first letters.
	for _, in := range []string{"BZh9", "BZh91AY\n", "BZhenya\n", "7z\n", "Rar!\n", "PK\n"} {
		if got := outcomeOf(t, in, Options{Path: "users.bz2", NoHeader: true}); got != "1 "+strings.TrimSpace(in) {
			t.Errorf("%q: %s", in, got)
		}
	}
}

func hintOf(err error) string {
	if unusable, ok := err.(*UnusableError); ok {
		return unusable.Hint
	}
	return ""
}
