package oneline

import (
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestEscape(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"empty", "", ""},
		{"plain", "User does not exist. Code 42: [a] {b} 'c' \"d\" \\e ~", "User does not exist. Code 42: [a] {b} 'c' \"d\" \\e ~"},
		{"other alphabets", "Müller, 世界, 👍", "Müller, 世界, 👍"},
		{"just outside of printable ASCII", "a\x1f", `a\x1f`},
		{"just outside of printable ASCII, above", "a\x7f", `a\x7f`},
		{"line breaks", "one\ntwo\r\nthree\x0bfour\x0c", `one\ntwo\r\nthree\vfour\f`},
		{"line breaks that are no control characters", "a\u0085b\u2028c\u2029d", `a\u0085b\u2028c\u2029d`},
		{"control characters", "\x00\a\b\t\x1b[31m\x7f\u0080", `\x00\a\b\t\x1b[31m\x7f\u0080`},
		{"invisible ones", "a\u00a0b\u200bc\ufeffd\u00ade", `a\u00a0b\u200bc\ufeffd\u00ade`},
		{"ones that turn the line around", "a\u202eb\u2066c", `a\u202eb\u2066c`},
		{"beyond the first plane", "\U000e0001\U0010ffff", `\U000e0001\U0010ffff`},
		{"not UTF-8", "M\xfcller \x80\xff", `M\xfcller \x80\xff`},
		{"half a character", "世\xe4\xb8", `世\xe4\xb8`},
		{"the replacement character, written as such", "a\ufffd\xffb", "a\ufffd\\xffb"},
		{"1,000 characters", strings.Repeat("a", 1000), strings.Repeat("a", 1000)},
		{"1,001 characters", strings.Repeat("a", 1001), strings.Repeat("a", 1000) + "…"},
		{"1,000 characters of three bytes", strings.Repeat("世", 1000), strings.Repeat("世", 1000)},
		{"1,001 characters of three bytes", strings.Repeat("世", 1001), strings.Repeat("世", 1000) + "…"},
		{"1,000 line breaks", strings.Repeat("\n", 1000), strings.Repeat(`\n`, 1000)},
		{"1,001 line breaks", strings.Repeat("\n", 1001), strings.Repeat(`\n`, 1000) + "…"},
		{"a page", strings.Repeat("<p>x</p>\n", 1_000_000), strings.Repeat(`<p>x</p>\n`, 111) + "<…"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := Escape(test.text); got != test.want {
				t.Errorf("%.300q, want %.300q", got, test.want)
			}
		})
	}
}

// What nearly every text is costs nothing.
func TestEscapeAllocations(t *testing.T) {
	text := strings.Repeat("User does not exist. ", 40)
	if n := testing.AllocsPerRun(100, func() { Escape(text) }); n != 0 {
		t.Errorf("%v allocations for printable ASCII, want none", n)
	}
}

func FuzzEscape(f *testing.F) {
	for _, text := range []string{
		"", "ann", "ann@example.com", "one\ntwo", "M\xfcller", "a\ufffd\xff", "世界👍", "e\u0301\u200b\ufeff\u00a0", "\x00\x1b[0m\x7f",
		"\U0010ffff\U000e0001", `\n`, "\u2028", strings.Repeat("a", 1000), strings.Repeat("ü", 1001), strings.Repeat("\U0010ffff", 1001),
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := Escape(text)
		if !utf8.ValidString(got) {
			t.Fatalf("%q is not UTF-8", got)
		}
		if i := strings.IndexFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
			t.Fatalf("%q has an unprintable character at %d", got, i)
		}
		// The longest escape is \U0010ffff.
		characters, shown := utf8.RuneCountInString(text), utf8.RuneCountInString(got)
		if shown > 10*maxEscape+1 || shown < min(characters, maxEscape) {
			t.Fatalf("%d characters are shown as %d", characters, shown)
		}
		if cut := strings.TrimSuffix(got, "…"); (characters > maxEscape) != (cut != got) && !strings.HasSuffix(text, "…") {
			t.Fatalf("%d characters, marked as cut: %v", characters, cut != got)
		}
		if again := Escape(got); shown <= maxEscape && again != got {
			t.Fatalf("%q, and once more %q", got, again)
		}
		// The escapes are Go's: nothing is lost, and nothing is made up.
		if characters <= maxEscape && !strings.ContainsAny(text, `\"`) {
			if back, err := strconv.Unquote(`"` + got + `"`); err != nil || back != text {
				t.Fatalf("%q is shown as %q, which is %q (%v)", text, got, back, err)
			}
		}
	})
}

// TestEscapeAll: it ends where the text does.
func TestEscapeAll(t *testing.T) {
	long := strings.Repeat("word ", 1000)
	if got := EscapeAll(long + "\n"); got != long+`\n` {
		t.Errorf("%d bytes: ends with %q", len(got), got[len(got)-10:])
	}
}
