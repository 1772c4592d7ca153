package flags

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// askCLI has the parser of the AWS CLI read texts, one JSON string a line, and
// prints what comes of each: an object, or null for an error.
const askCLI = `
import json, sys
from awscli.shorthand import ShorthandParser
for line in sys.stdin:
    try:
        read = ShorthandParser().parse(json.loads(line))
    except Exception:
        read = None
    print(json.dumps(read))
`

// TestShorthandOfTheCLI compares with the parser of the AWS CLI, where there is
// one of version 2 for the system's Python, as Debian has it.
func TestShorthandOfTheCLI(t *testing.T) {
	const python = "/usr/bin/python3"
	if out, err := exec.Command(python, "-c", "import awscli; print(awscli.__version__)").Output(); err != nil || !bytes.HasPrefix(out, []byte("2.")) {
		t.Skip("no AWS CLI to compare with")
	}
	texts := madeUpShorthand()
	var in bytes.Buffer
	encoder := json.NewEncoder(&in)
	for _, text := range texts {
		if err := encoder.Encode(text); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command(python, "-c", askCLI)
	command.Stdin = &in
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != len(texts) {
		t.Fatalf("%d answers to %d texts", len(lines), len(texts))
	}
	same := 0
	for i, text := range texts {
		want, isMap := stringsOf(t, lines[i])
		got, isRead := readShorthand(text)
		if !isRead && isMap && isUnclear(text, want) {
			continue
		}
		if isRead != isMap || isRead && !equalMaps(got, want) {
			t.Errorf("%q: %q, %v; the CLI reads %s", text, got, isRead, lines[i])
		}
		if isRead {
			same++
		}
	}
	t.Logf("%d texts, %d of them with a meaning", len(texts), same)
	if same < 300 {
		t.Errorf("only %d texts have a meaning", same)
	}
}

var twoCommas = regexp.MustCompile(`,\s*,`)

// isUnclear: a key without a name and an empty pair are mistakes, which the two may
// read differently.
func isUnclear(text string, read map[string]string) bool {
	_, hasNoName := read[""]
	return hasNoName || twoCommas.MatchString(text)
}

// readShorthand reads a text as the flag does.
func readShorthand(text string) (map[string]string, bool) {
	pairs, err := parseShorthand(text)
	read := make(map[string]string)
	for _, pair := range pairs {
		read[pair.key] = pair.value
	}
	return read, err == nil && len(read) == len(pairs)
}

func equalMaps(a, b map[string]string) bool {
	for key, value := range a {
		if other, ok := b[key]; !ok || other != value {
			return false
		}
	}
	return len(a) == len(b)
}

// stringsOf returns an answer of the CLI as the map of strings that the service
// takes. Lists and objects are refused by the CLI itself, later.
func stringsOf(t *testing.T, answer string) (map[string]string, bool) {
	t.Helper()
	var read map[string]any
	if err := json.Unmarshal([]byte(answer), &read); err != nil {
		t.Fatalf("%s: %v", answer, err)
	}
	all := make(map[string]string)
	for key, value := range read {
		text, ok := value.(string)
		if !ok {
			return nil, false
		}
		all[key] = text
	}
	return all, len(all) > 0
}

// madeUpShorthand returns texts of all kinds, the same ones each time.
func madeUpShorthand() []string {
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	var texts []string
	for range 3000 { // nearly right
		var b strings.Builder
		for i := range 1 + random.IntN(3) {
			if i > 0 {
				b.WriteString(pick(",", ",", ",", ", ", " ,", ",,", ";", " "))
			}
			b.WriteString(pick("a", "b", "k", "a.b-c", "x_1/y:z#", "", "ä", "a b"))
			b.WriteString(pick("=", "=", "=", "=", " = ", "= ", "==", ":", ""))
			for range random.IntN(4) {
				b.WriteString(pick("v", "w", "1", " ", "=", `\,`, `\`, `\\`, `'`, `"`, `'x,y'`, `"x,y"`, `"\""`, `'\''`, "ü", "[", "]", "{", "}", "@", "\t", "\n", "x\u00a0y", "https://h/p?q=1"))
			}
		}
		texts = append(texts, b.String())
	}
	for range 2000 { // anything
		var b strings.Builder
		for range random.IntN(10) {
			b.WriteString(pick("a", "b", "=", "=", ",", ",", " ", `"`, `'`, `\`, "[", "]", "{", "}", "-", ".", "é", "\n"))
		}
		texts = append(texts, b.String())
	}
	return texts
}
