package sampleusers

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
)

// Disguises are the forms in which a hostile answer has a name, of ASCII and of six
// characters at least: as it is, cut short, encoded, backwards, and what is left of
// it where only letters may be.
func Disguises(name string) []string {
	letters := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return -1
	}, name)
	backwards := []byte(name)
	slices.Reverse(backwards)
	return []string{
		name, strings.ToUpper(name), name[:len(name)-1], name[:5], letters, letters + "Exception", "NoSuchUser" + letters, strings.ToUpper(letters),
		base64.StdEncoding.EncodeToString([]byte(name)), base64.RawURLEncoding.EncodeToString([]byte(name)),
		hex.EncodeToString([]byte(name)), strings.ToUpper(hex.EncodeToString([]byte(name))), string(backwards),
	}
}
