package page

import "testing"

// TestMessagesStayReadable: a username is in no text, in whatever spelling, and a text
// in which its letters stand by chance is still there.
func TestMessagesStayReadable(t *testing.T) {
	const (
		mail    = "PostConfirmation failed with error Cannot send the welcome mail."
		timeout = "PostConfirmation invocation failed due to error Socket timeout while invoking Lambda function."
		nobody  = "User does not exist."
	)
	for _, test := range []struct{ username, text, want string }{
		// By chance, over the space between two words.
		{"email@x.com", mail, mail},
		{"notex", nobody, nobody},
		{"notex@x.com", nobody, nobody},
		{"serdoe@x.com", nobody, nobody},
		{"email@x.com", "look at the e-mail address", "look at the [username] address"},
		{"lambda@x.com", timeout, "PostConfirmation invocation failed due to error Socket timeout while invoking [username] function."},
		// The whole username, and what stands before its @, in one word.
		{"alice@example.com", "User ALICE@Example.com is gone", "User [username] is gone"},
		{"alice@example.com", "User alice is gone", "User [username] is gone"},
		{"alice@example.com", "GET /users/alice%40example.com: gone", "GET [username] gone"},
		{"frank.x@example.com", "frank-x-1", "[username]"},
		{"frank.x@example.com", "NoSuchUserFrankX", "[username]"},
		{"a.b-cde", "no user a_b_cde", "no user [username]"},
		// In several words, from the start of one to the end of another.
		{"johndoe", "no user John Doe, sorry", "no user [username], sorry"},
		{"john.doe@example.com", "(John  doe)", "([username])"},
		{"j.o.h.n.doe", "j o h n d o e", "[username]"},
		// What is long enough is no chance wherever it stands.
		{"dorothy77", "no usedorothy 77x", leftOut},
		{"christina@example.com", "no user XChris TinaX", leftOut},
		// Too short to be looked for but as a word.
		{"bob", "bob and bobby: b.o.b", "[username] and bobby: b.o.b"},
		{"zoë@example.com", "the zo of it", "the zo of it"},
		{"username", "no username, sorry", "no [username], sorry"},
		{"", mail, mail},
	} {
		if got := withoutUsername(test.text, test.username); got != test.want {
			t.Errorf("%s in %q: %q, want %q", test.username, test.text, got, test.want)
		}
	}
}
