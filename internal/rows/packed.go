package rows

import (
	"bufio"
	"bytes"
	"path/filepath"
	"slices"
	"strings"
)

// packing is a format of packed files that is not read here. A program of its
// own can unpack it on the way in.
type packing struct {
	name     string
	magic    string // the first bytes; empty where there are none to tell it by
	suffixes []string
	unpack   string // the command that unpacks the file named after it to standard output
	stdin    string // the one that unpacks standard input, where there is one
}

func packings() []packing {
	return []packing{
		{"bzip2", "BZh", []string{".bz2", ".bz"}, "bunzip2 -c", "bunzip2 -c"},
		{"zstd", "\x28\xb5\x2f\xfd", []string{".zst", ".zstd"}, "zstd -dc", "zstd -dc"},
		{"xz", "\xfd7zX", []string{".xz"}, "xz -dc", "xz -dc"},
		{"LZ4", "\x04\x22\x4d\x18", []string{".lz4"}, "lz4 -dc", "lz4 -dc"},
		{"gzip", "\x1f\x8b", nil, "gunzip -c", "gunzip -c"},
		{"compress", "\x1f\x9d", []string{".z"}, "uncompress -c", "uncompress -c"},
		{"7-Zip", "7z\xbc\xaf", []string{".7z"}, "7z x -so", ""},
		{"RAR", "Rar!\x1a\x07", []string{".rar"}, "unrar p -inul", ""},
		{"LZMA", "]\x00\x00", []string{".lzma"}, "xz -dc", "xz -dc"},
		{"Brotli", "", []string{".br"}, "brotli -dc", "brotli -dc"},
	}
}

func (p packing) refusal(path string) error {
	return &UnusableError{Reason: "the input is packed with " + p.name + ", which is not read here", Hint: p.hint(path)}
}

func (p packing) hint(path string) string {
	if !isStreamName(path) {
		return "unpack it on the way: " + p.unpack + " " + shellWord(path) + " | " + runStandardInput(path, "")
	}
	if p.stdin == "" {
		return "unpack it to a file first"
	}
	return "unpack it on the way: ... | " + p.stdin + " | " + runStandardInput(path, "")
}

// packingOfName looks at the name alone. It tells what binary data are, but text
// is text whatever its name.
func packingOfName(path string) (packing, bool) {
	for _, p := range packings() {
		if slices.Contains(p.suffixes, strings.ToLower(filepath.Ext(path))) {
			return p, true
		}
	}
	return packing{}, false
}

// refusePacked refuses a text whose first bytes are those of a packed file.
func refusePacked(text *bufio.Reader, path string) error {
	start, _ := text.Peek(4)
	if bytes.HasPrefix(start, []byte("PK\x03\x04")) || bytes.HasPrefix(start, []byte("PK\x05\x06")) {
		return refuseZip(text, path)
	}
	for _, p := range packings() {
		if p.magic == "" || !bytes.HasPrefix(start, []byte(p.magic[:min(len(p.magic), len(start))])) {
			continue
		}
		// Nothing more is waited for than it takes to tell.
		if whole, _ := text.Peek(len(p.magic)); string(whole) == p.magic && (p.name != "bzip2" || isBzip2(text)) {
			return p.refusal(path)
		}
	}
	return nil
}

// isBzip2 looks further: a username may begin with BZh.
func isBzip2(text *bufio.Reader) bool {
	start, _ := text.Peek(4)
	if len(start) < 4 || start[3] < '1' || start[3] > '9' {
		return false
	}
	start, _ = text.Peek(10)
	return bytes.HasSuffix(start, []byte("1AY&SY")) || bytes.HasSuffix(start, []byte("\x17\x72\x45\x38\x50\x90"))
}

// refuseZip tells a spreadsheet, which is a zip archive too, from the others.
func refuseZip(text *bufio.Reader, path string) error {
	start, _ := text.Peek(128)
	parts := []string{"[Content_Types].xml", "_rels/", "docProps/", "xl/", "mimetypeapplication/vnd.", "Index/"}
	if slices.ContainsFunc(parts, func(part string) bool { return bytes.Contains(start, []byte(part)) }) ||
		slices.Contains([]string{".xlsx", ".xlsm", ".xlsb", ".ods", ".numbers"}, strings.ToLower(filepath.Ext(path))) {
		return &UnusableError{Reason: "the input is a spreadsheet, not a CSV", Hint: `export it as "CSV UTF-8"`}
	}
	return packing{name: "zip", unpack: "unzip -p", stdin: "funzip"}.refusal(path)
}
