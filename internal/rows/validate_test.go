package rows

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"cognito-confirm/internal/oneline"
	"cognito-confirm/worker"
)

func TestValidateUsername(t *testing.T) {
	notAllowed := func(character int, code string) worker.Invalid {
		return worker.Invalid{Code: CodeUsernameNotAllowed, Message: fmt.Sprintf("character %d is %s, which a username cannot contain", character, code)}
	}
	notUTF8 := func(character int) worker.Invalid {
		return worker.Invalid{Code: CodeUsernameNotAllowed, Message: fmt.Sprintf("character %d is not UTF-8; save the file as UTF-8", character)}
	}
	tooLong := func(characters int) worker.Invalid {
		return worker.Invalid{Code: CodeUsernameTooLong, Message: fmt.Sprintf("%d characters, at most 128 are allowed", characters)}
	}
	allowed := worker.Invalid{}
	tests := []struct {
		name, username string
		want           worker.Invalid
	}{
		{"empty", "", worker.Invalid{Code: CodeEmptyUsername, Message: "the username is empty"}},
		{"one character", "a", allowed},
		{"a number", "0", allowed},
		{"an address", "o'neil+test@example.com", allowed},
		{"a telephone number", "+15550100", allowed},
		{"all of printable ASCII", "!\"#$%&'()*+,-./0123456789:;<=>?@AZ[\\]^_`az{|}~", allowed},
		{"a UUID", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", allowed},

		{"128 characters", strings.Repeat("a", 128), allowed},
		{"129 characters", strings.Repeat("a", 129), tooLong(129)},
		{"128 characters of two bytes", strings.Repeat("ü", 128), allowed},
		{"129 characters of two bytes", strings.Repeat("ü", 129), tooLong(129)},
		{"128 characters of three bytes", strings.Repeat("世", 128), allowed},
		{"129 characters of three bytes", strings.Repeat("世", 129), tooLong(129)},
		{"128 characters of four bytes", strings.Repeat("👍", 128), allowed},
		{"129 characters of four bytes", strings.Repeat("👍", 129), tooLong(129)},
		{"64 letters with an accent of its own each", strings.Repeat("e\u0301", 64), allowed},
		{"65 letters with an accent of its own each", strings.Repeat("e\u0301", 65), tooLong(130)},
		{"far too long", strings.Repeat("a", 1<<20), tooLong(1 << 20)},

		{"accents, composed and not", "Ren\u00e9e\u0301", allowed},
		{"Chinese", "世界", allowed},
		{"Arabic", "محمد", allowed},
		{"Devanagari with vowel signs", "हिन्दी", allowed},
		{"an emoji", "👍", allowed},
		{"an emoji with a variation selector", "❤\ufe0f", allowed},
		{"an emoji and its skin tone", "👍🏽", allowed},
		{"a flag", "🇩🇪", allowed},
		{"the replacement character, written as such", "a\ufffd", allowed},
		{"an ideographic space", "世\u3000界", notAllowed(2, "U+3000")},
		{"an emoji of a family, held together by joiners", "👨\u200d👩", notAllowed(2, "U+200D")},

		{"a space", "ann lee", notAllowed(4, "U+0020")},
		{"a no-break space", "ann\u00a0lee", notAllowed(4, "U+00A0")},
		{"a byte order mark", "\ufeffann", notAllowed(1, "U+FEFF")},
		{"a zero-width space", "ann\u200b", notAllowed(4, "U+200B")},
		{"a soft hyphen", "long\u00adname", notAllowed(5, "U+00AD")},
		{"a mark for right to left", "ann\u200f", notAllowed(4, "U+200F")},
		{"a tab", "ann\tlee", notAllowed(4, "U+0009")},
		{"a newline", "ann\nlee", notAllowed(4, "U+000A")},
		{"a carriage return", "ann\rlee", notAllowed(4, "U+000D")},
		{"NUL", "ann\x00", notAllowed(4, "U+0000")},
		{"escape", "\x1b[31mann", notAllowed(1, "U+001B")},
		{"delete", "ann\x7f", notAllowed(4, "U+007F")},
		{"a C1 control character", "ann\u0085lee", notAllowed(4, "U+0085")},
		{"a line separator", "ann\u2028lee", notAllowed(4, "U+2028")},
		{"for private use", "\ue000", notAllowed(1, "U+E000")},
		{"no character at all", "\U0010ffff", notAllowed(1, "U+10FFFF")},

		{"a byte of Latin-1", "M\xfcller", notUTF8(2)},
		{"half a character at the end", "世\xe4\xb8", notUTF8(2)},
		{"a surrogate", "a\xed\xa0\x80", notUTF8(2)},
		{"an overlong slash", "a\xc0\xaf", notUTF8(2)},
		{"what is not allowed is said before what is too long", strings.Repeat("a", 200) + " ", notAllowed(201, "U+0020")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got worker.Invalid
			if invalid := validateUsername(test.username); invalid != nil {
				got = *invalid
			}
			if got != test.want {
				t.Errorf("%.200q: %+v, want %+v", test.username, got, test.want)
			}
		})
	}
}

// usernamePattern is the API model's own: its pattern and its length in one.
var usernamePattern = regexp.MustCompile(`^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$`)

// fitsModel reports whether the API model allows the username.
func fitsModel(username string) bool {
	// The pattern itself takes a broken byte for U+FFFD, which is a symbol.
	return utf8.ValidString(username) && usernamePattern.MatchString(username)
}

// FuzzUsername compares the checks with the API model, for usernames of many
// characters.
func FuzzUsername(f *testing.F) {
	for _, username := range []string{
		"", "ann", "ann@example.com", "one\ntwo", "M\xfcller", "a\ufffd\xff", "世界👍", "e\u0301\u200b\ufeff\u00a0", "\x00\x1b[0m\x7f",
		"\U0010ffff\U000e0001", `\n`, "\u2028", strings.Repeat("a", 128), strings.Repeat("ü", 129),
	} {
		f.Add(username)
	}
	f.Fuzz(func(t *testing.T, username string) {
		invalid := validateUsername(username)
		if (invalid == nil) != fitsModel(username) {
			t.Fatalf("%q: %+v, by the API %v", username, invalid, fitsModel(username))
		}
		if shown := oneline.Escape(username); invalid == nil && shown != username {
			t.Fatalf("the username %q is shown as %q", username, shown)
		}
	})
}

// Each character is allowed exactly when the pattern of the API allows it, and
// no text for people shows one that is allowed as anything but itself.
func TestEveryCharacter(t *testing.T) {
	allowed := 0
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if r > 0x3100 && r%61 != 0 {
			continue // the rest is a sample
		}
		if !utf8.ValidRune(r) {
			continue
		}
		username := string(r)
		valid := validateUsername(username) == nil
		if valid != fitsModel(username) {
			t.Errorf("%U: allowed %v, by the API %v", r, valid, !valid)
		}
		if !valid {
			continue
		}
		allowed++
		if got := oneline.Escape(username); got != username {
			t.Errorf("%U is allowed in a username, and shown as %q", r, got)
		}
	}
	if allowed < 10_000 {
		t.Errorf("%d characters are allowed; there are more", allowed)
	}
}

func TestValidateMetadata(t *testing.T) {
	long := strings.Repeat("世", maxMetadataValue)
	tests := []struct {
		name, key, value string
		want             worker.Invalid
	}{
		{"a pair", "source", "import", worker.Invalid{}},
		{"nothing", "", "", worker.Invalid{}},
		{"anything goes in a value", "k", "a b\r\n\t\x00\u200b👍", worker.Invalid{}},
		{"the longest value, of three bytes a character", "k", long, worker.Invalid{}},
		{"a value of one character more", "k", long + "x", worker.Invalid{Code: CodeMetadataTooLong, Message: `client metadata "k" has more than 131072 characters`}},
		{"the longest key", long, "v", worker.Invalid{}},
		{"a key of one character more", long + "x", "v", worker.Invalid{Code: CodeMetadataTooLong, Message: `client metadata "` + strings.Repeat("世", 64) + `" has more than 131072 characters`}},
		{"a value that is not UTF-8", "k", "M\xfcller", worker.Invalid{Code: CodeMetadataNotAllowed, Message: `client metadata "k" is not UTF-8`}},
		{"a key that is not UTF-8", "k\xff", "v", worker.Invalid{Code: CodeMetadataNotAllowed, Message: `client metadata "k\xff" is not UTF-8`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got worker.Invalid
			if invalid := ValidateMetadata(test.key, test.value); invalid != nil {
				got = *invalid
			}
			if got != test.want {
				t.Errorf("%.200q, want %.200q", got, test.want)
			}
		})
	}
}
